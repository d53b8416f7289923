"""`ping_loss`, `ping_duplicate`, `traceroute_rejected`: what tools say, and what they say of sound paths."""

from typing import Any

import pytest

from runs.analysis.facts.reachability import Ping, PingReply, Traceroute, TracerouteHop
from tests.kit import Run, english, places

TARGET = "198.51.100.9"


def ping(sent: int, *lost: int, **fields: Any) -> Ping:
    """A ping whose requests of these numbers are lost; answer n stands in line n + 1, the statistics in line 300."""
    replies = tuple(PingReply(line=n + 1, sequence=n, result="reply") for n in range(1, sent + 1) if n not in lost)
    known: dict[str, Any] = {"target": TARGET, "transmitted": sent, "received": sent - len(lost), "statistics_line": 300}
    return Ping(**{**known, "replies": replies[:200], **fields})


def run(fact: Any) -> Run:
    return Run().add("tool.txt", fact, kind="ping")


@pytest.mark.parametrize(
    ("said", "severity"),
    [(ping(10, *range(5, 11)), "high"), (ping(10, 2, 5, 7), "medium"), (ping(10, 5), "low"), (ping(3, 1, 2, 3), "high")],
)
def test_a_loss_fires(said: Ping, severity: str) -> None:
    (found,) = run(said).found("ping_loss")
    assert (found.outcome, found.severity, found.confidence) == ("fail", severity, "certain")
    assert found.subject == {"target": TARGET, "family": "IPv4"}
    assert 300 in places(found.statements)["tool.txt"][1]


def test_a_path_that_breaks_is_told_from_a_bad_one() -> None:
    (broken,), (bad,) = (run(ping(10, *lost)).found("ping_loss") for lost in ((6, 7, 8, 9, 10), (2, 5, 8)))
    assert "nothing comes any more" in english(broken.statements[-1].text)
    assert "nothing comes any more" not in " ".join(english(s.text) for s in bad.statements)


@pytest.mark.parametrize("said", [ping(10, 1), ping(10, 10), ping(1000, 500)], ids=["ARP", "stopped", "monitoring"])
def test_one_lost_answer_of_a_sound_path_is_info(said: Ping) -> None:
    (found,) = run(said).found("ping_loss")
    assert (found.outcome, found.severity) == ("info", "info")


def test_a_ping_that_cannot_be_sent_fires() -> None:
    (found,) = run(Ping(target=TARGET, failure="connect: Network is unreachable", failure_line=1)).found("ping_loss")
    assert places(found.statements) == {"tool.txt": ((), (1,))}


def test_no_loss_and_a_cut_text_say_so_or_nothing() -> None:
    assert places(run(ping(5)).excluded("ping_loss")) == {"tool.txt": ((), (300,))}
    assert run(ping(5, transmitted=None, received=None)).ask("ping_loss") == []


def test_duplicates_fire_but_not_of_a_broadcast() -> None:
    twice = (PingReply(line=2, sequence=1, result="reply"), PingReply(line=3, sequence=1, result="duplicate"))
    (found,) = run(ping(1, replies=twice)).found("ping_duplicate")
    assert (found.outcome, found.subject, places(found.statements)) == ("fail", {"target": TARGET}, {"tool.txt": ((), (3,))})
    for target in ("192.0.2.255", "224.0.0.1", "ff02::1"):
        assert run(ping(1, replies=twice, target=target)).found("ping_duplicate") == []
    assert run(ping(2)).excluded("ping_duplicate")


def trace(*hops: tuple[str, str], reached: bool = False) -> Traceroute:
    """(address or '*', mark) a hop, in line n + 1."""
    found = tuple(
        TracerouteHop(number=n, line=n + 1, addresses=(a,) if a != "*" else (), stars=3 * (a == "*"), marks=(m,) if m else ())
        for n, (a, m) in enumerate(hops, 1)
    )
    return Traceroute(target=TARGET, hops=found, reached=reached)


def test_a_refusal_on_the_way_fires() -> None:
    (found,) = run(trace(("192.0.2.1", ""), ("203.0.113.1", "!X"))).found("traceroute_rejected")
    assert (found.outcome, found.severity) == ("fail", "high")
    assert found.subject == {"hop": "203.0.113.1", "target": TARGET, "mark": "!X"}
    assert places(found.statements) == {"tool.txt": ((), (2, 3))}


def test_a_target_that_refuses_the_probes_itself_is_reached() -> None:
    (found,) = run(trace(("192.0.2.1", ""), (TARGET, "!X"))).found("traceroute_rejected")
    assert (found.outcome, found.severity) == ("info", "info")
    assert "the path works" in english(found.statements[-1].text)


def test_stars_are_no_refusal() -> None:
    assert run(trace(("192.0.2.1", ""), ("*", ""), ("*", ""))).ask("traceroute_rejected") == []
    assert run(trace(("*", ""), (TARGET, ""), reached=True)).excluded("traceroute_rejected")


@pytest.mark.parametrize("rule", ["ping_loss", "ping_duplicate", "traceroute_rejected"])
def test_without_the_tool_it_is_named(rule: str) -> None:
    (unknown,) = Run().add("note.md").unknown(rule)
    assert unknown.missing
    assert str(unknown.collect).startswith(rule.partition("_")[0])


def test_a_single_ping_without_an_answer_is_all_lost() -> None:
    (found,) = run(Ping(target=TARGET, transmitted=1, received=0, statistics_line=3)).found("ping_loss")
    assert (found.outcome, found.severity) == ("fail", "high")

"""`syn_unanswered`: SYNs into silence, and what only looks like it."""

import msgspec
import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from tests.kit import CLIENT, SERVER, T0, Run, Talk, english, places
from tests.rules.wire import wire

RULE = "syn_unanswered"
LATER = Talk(server="203.0.113.1", port=80, client_port=40_000, at_s=20).opens().request().answer().closes()


def retried(**ends: object) -> Talk:
    return Talk(**ends).syn().waits(1).syn_again().waits(2).syn_again()  # type: ignore[arg-type]


def test_fires_and_lists_the_intervals() -> None:
    (found,) = Run().capture("a.pcap", retried()).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443"}
    assert places(found.statements) == {"a.pcap": ((1, 2, 3), ())}
    assert "1.01 s, 2.01 s apart" in english(found.statements[0].text)


def test_one_syn_that_is_never_repeated_is_tentative() -> None:
    (found,) = Run().capture("a.pcap", Talk().syn(), LATER).found(RULE)
    assert found.confidence == "tentative"


def test_where_others_are_answered_it_is_medium_and_says_so() -> None:
    good = Talk(client_port=40_001).opens().request().answer().closes()
    (found,) = Run().capture("a.pcap", good, retried(at_s=2)).found(RULE)
    assert found.severity == "medium"
    assert "answers not always" in english(found.statements[-1].text)


def test_thousands_of_attempts_to_one_end_are_one_finding() -> None:
    talks = [retried(client_port=2000 + n, at_s=n / 50) for n in range(3000)]
    (found,) = Run().capture("a.pcap", *talks).found(RULE)
    assert "2,997 more" in english(found.statements[-1].text)


def test_a_scan_is_one_info() -> None:
    talks = [Talk(port=port, client_port=60_000).syn() for port in range(1, 400)]
    (found,) = Run().capture("a.pcap", *talks, LATER).found(RULE)
    assert (found.outcome, found.subject) == ("info", {"role": "originator", "address": CLIENT, "what": "scan"})


@pytest.mark.parametrize(
    "talk",
    [
        Talk().syn(),  # the capture ends at once
        wire().opens().request().answer().closes().only(True),
        Talk().syn().rst(),
        Talk().opens().request().answer().closes(),
        Talk().syn().waits(1).syn_again().syn_ack().ack(),
    ],
    ids=["capture ends", "one direction only", "refused", "answered", "answered at the second try"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_silent_where_an_icmp_error_answers() -> None:
    error = IcmpError(
        frame=2, ts_ns=T0, version=4, icmp_type=3, icmp_code=13, sender="192.0.2.1", receiver=CLIENT, ttl=64, quoted_protocol="tcp",
        quoted_source=Endpoint(CLIENT, 51515), quoted_destination=Endpoint(SERVER, 8443), quoted_ttl=63, conversation_row=0,
    )  # fmt: skip
    run = Run().capture("a.pcap", retried())
    assert run.found(RULE)
    run.facts.append(msgspec.structs.replace(error, file="a.pcap"))
    assert run.found(RULE) == []


def test_answered_is_told_with_its_frames() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().answer().closes())
    assert places(run.excluded(RULE)) == {"a.pcap": ((1, 2), ())}


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert "capture" in english(unknown.missing[0])
    assert unknown.collect

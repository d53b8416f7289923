"""`dns_failed` and `dns_slow`: names that fail, and questions that are meant to."""

from typing import Any

import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.name_query import CapturedQuery
from runs.analysis.facts.reachability import DnsQuery
from tests.kit import CLIENT, MS, SECOND, T0, Run, Talk, english, places

RESOLVER = "192.0.2.53"
LATER = Talk(port=80, client_port=40_000, at_s=30).opens().request().answer().closes()


def asked(name: str, rcode: str | None = "NXDOMAIN", at_s: float = 0, frame: int = 1, **fields: Any) -> CapturedQuery:
    known: dict[str, Any] = {
        "record_type": "A", "identifier": frame, "client": Endpoint(CLIENT, 40_000), "server": Endpoint(RESOLVER, 53),
        "query_frames": (frame,), "query_ns": T0 + int(at_s * SECOND), "rcode": rcode,
    }  # fmt: skip
    if rcode is not None:
        known |= {"response_frame": frame + 1, "response_ns": known["query_ns"] + 5 * MS}
    return CapturedQuery(name=name, **{**known, **fields})


def run(*queries: CapturedQuery) -> Run:
    return Run().capture("dns.pcap", LATER).add("dns.pcap", *queries)


@pytest.mark.parametrize(
    ("rcode", "severity"), [("NXDOMAIN", "medium"), ("SERVFAIL", "high"), ("REFUSED", "medium"), ("NOTIMP", "medium")]
)
def test_what_the_resolver_says_fires(rcode: str, severity: str) -> None:
    (found,) = run(asked("www.example.net", rcode, frame=3)).found("dns_failed")
    assert (found.outcome, found.severity, found.confidence) == ("fail", severity, "certain")
    assert found.subject == {"name": "www.example.net", "server": RESOLVER, "what": rcode}
    assert places(found.statements) == {"dns.pcap": ((3, 4), ())}


def test_silence_fires_and_names_the_repetitions() -> None:
    (found,) = run(asked("www.example.net", None, query_frames=(1, 5))).found("dns_failed")
    assert (found.severity, found.subject["what"]) == ("high", "silence")
    assert "sent 2 times" in english(found.statements[0].text)


@pytest.mark.parametrize(
    "queries",
    [
        (asked("9.2.0.192.in-addr.arpa", record_type="PTR"),),
        (asked("9.2.0.192.zen.example.org"),),  # a list of addresses
        (asked("wpad"),),
        (asked("www.example.net.corp.example.jp"), asked("www.example.net", "NOERROR", 1)),  # a search list
        (asked("www.example.net", "SERVFAIL"), asked("www.example.net", "NOERROR", 2)),  # asked again
        (asked("www.example.net", "FORMERR"), asked("www.example.net", "NOERROR", 0.1)),  # without EDNS
        (asked("www.example.net", None), asked("www.example.net", "NOERROR", 5, server=Endpoint("192.0.2.54", 53))),
    ],
    ids=["PTR", "DNSBL", "single label", "search list", "again", "EDNS", "second resolver"],
)
def test_a_denial_that_harms_nobody_is_info(queries: tuple[CapturedQuery, ...]) -> None:
    found = run(*queries).found("dns_failed")
    assert {(f.outcome, f.severity) for f in found} == {("info", "info")}


def test_hundreds_of_names_are_bounded() -> None:
    found = run(*(asked(f"n{n}.example.net", frame=n) for n in range(1, 300))).found("dns_failed")
    assert len(found) == 21
    assert found[-1].subject["names"] == "many"


def test_no_data_and_truncation_are_answers() -> None:
    answers = run(asked("www.example.net", "NOERROR", record_type="AAAA"), asked("big.example.net", "NOERROR", truncated=True))
    assert answers.found("dns_failed") == []
    assert len(answers.excluded("dns_failed")) == 2


def test_a_question_at_the_end_of_the_capture_is_open() -> None:
    assert run(asked("www.example.net", None, at_s=30)).found("dns_failed") == []


def test_dig_s_word_counts_alone() -> None:
    said = DnsQuery(question="www.example.net.", kind="A", server=RESOLVER, failure="timed_out", failure_line=4)
    (found,) = Run().add("dig.txt", said).found("dns_failed")
    assert places(found.statements) == {"dig.txt": ((), (4,))}


def took(ms: float, name: str = "www.example.net", frame: int = 1, **fields: Any) -> CapturedQuery:
    return asked(name, "NOERROR", frame=frame, response_ns=T0 + int(ms * MS), **fields)


def test_a_late_answer_fires_and_one_far_later_than_the_others() -> None:
    (late,) = run(took(1800)).found("dns_slow")
    assert (late.outcome, late.severity, late.subject) == ("fail", "medium", {"name": "www.example.net", "server": RESOLVER})
    others = [took(8, f"n{n}.example.net", 2 * n + 1) for n in range(1, 6)]
    (far,) = run(took(600), *others).found("dns_slow")
    assert (far.severity, places(far.statements)) == ("low", {"dns.pcap": ((1, 2), ())})


@pytest.mark.parametrize(
    "queries",
    [
        [took(40)],
        [took(900)],
        [took(300), took(280, "a.example.net", 3), took(310, "b.example.net", 5), took(250, "c.example.net", 7)],
    ],
    ids=["fast", "alone", "all alike"],
)
def test_silent(queries: list[CapturedQuery]) -> None:
    answers = run(*queries)
    assert answers.found("dns_slow") == []
    assert answers.excluded("dns_slow")


def test_a_question_that_is_captured_twice_was_asked_once() -> None:
    talk = Talk(rtt_ms=0.01).opens().request().answer().closes()
    answers = Run().capture("dns.pcap", talk).add("dns.pcap", took(400, query_frames=(1, 2)), took(350, "b.example.net", 3))
    assert answers.found("dns_slow") == []


def test_thousands_of_answers_are_judged_at_once() -> None:
    found = run(*(took(5 if n % 2 else 1500, f"n{n}.example.net", n) for n in range(1, 5000))).found("dns_slow")
    assert len(found) == 20


@pytest.mark.parametrize("rule", ["dns_failed", "dns_slow"])
def test_without_a_question_it_is_named(rule: str) -> None:
    (unknown,) = Run().add("note.md").unknown(rule)
    assert "dig" in str(unknown.collect)

"""`response_slow`: a server that takes its time, and waits that are not the server's."""

import pytest

from tests.kit import SERVER, Run, Talk, english, places
from tests.rules.wire import wire

RULE = "response_slow"


@pytest.mark.parametrize(("seconds", "severity"), [(0.8, "low"), (3, "medium"), (25, "high")])
def test_fires_with_a_weight_that_grows(seconds: float, severity: str) -> None:
    (found,) = Run().capture("a.pcap", Talk().opens().request().acked().waits(seconds).answer().closes()).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", severity, "firm")
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443"}
    assert places(found.statements) == {"a.pcap": ((4, 6), ())}


def test_it_counts_from_the_last_segment_of_the_request() -> None:
    talk = wire().opens().data(True).waits(4).data(True).acked().waits(2).answer()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert places(found.statements) == {"a.pcap": ((5, 7), ())}
    assert "2.02 s after" in english(found.title)


def test_many_slow_answers_are_one_finding_with_the_worst_in_its_title() -> None:
    talks = [Talk(client_port=2000 + n, at_s=9 * n).opens().request().waits(1 + n / 10).answer().closes() for n in range(10)]
    (found,) = Run().capture("a.pcap", *talks).found(RULE)
    assert "7 more" in english(found.statements[-1].text)


@pytest.mark.parametrize(
    "talk",
    [
        Talk().opens().request().answer().closes(),
        wire().opens().data(True).waits(3).data(True).waits(3).data(True).answer().closes(),  # an upload
        wire().opens().data(True, 300).waits(1).again(True, 300).answer().closes(),  # the request was lost
        Talk(asks=None).opens().request().acked().waits(9).answer().closes(),  # no known request: a pool, a queue, chat
        Talk().opens().waits(30).request().answer().closes(),  # opened in advance
        Talk().opens().request().answer().waits(60).request().answer().closes(),  # kept alive
        wire(rtt_ms=400).opens().request().answer().closes(),  # a far server
        wire().opens().request().acked().waits(20).answer().closes().cut(3),  # begins in the middle
    ],
    ids=["fast", "upload", "lost", "unknown", "in advance", "kept alive", "far", "cut"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_an_answer_whose_first_byte_was_not_captured_says_nothing() -> None:
    talk = wire().opens().request().acked().waits(5)
    talk.next[False] += 1448
    run = Run().capture("a.pcap", talk.answer().closes())
    assert run.found(RULE) == []
    assert run.excluded(RULE) == []


def test_fast_answers_are_told() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().answer().closes())
    assert places(run.excluded(RULE)) == {"a.pcap": ((4, 5), ())}


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

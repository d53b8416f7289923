"""`return_path_lost`: SYN+ACKs that are never acknowledged, and handshakes that only look unfinished."""

from typing import Any

import pytest

from tests.kit import CLIENT, SERVER, Run, Talk, english, places
from tests.rules.wire import wire

RULE = "return_path_lost"


def lost(**ends: Any) -> Any:
    talk = wire(**ends).syn().syn_ack().waits(1)
    return talk.syn_again().syn_ack_again().waits(2).syn_again().syn_ack_again()


def test_fires_with_all_frames() -> None:
    (found,) = Run().capture("a.pcap", lost()).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "critical", "certain")
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443"}
    assert [c.frames for s in found.statements for c in s.citations] == [(1, 3, 5), (2, 4, 6)]
    assert found.because[0].rule == "icmp_rejected"


def test_a_new_initial_number_each_time_is_the_same_attempt() -> None:
    talk = wire().syn().syn_ack().waits(1).syn_again()
    talk.next[False] += 70_000
    (found,) = Run().capture("a.pcap", talk.syn_ack_again()).found(RULE)
    assert "sent 2 times" in english(found.title)


def test_at_the_originator_the_answer_arrives_and_is_dropped_there() -> None:
    talk = wire()
    talk.ttls = (64, 57)
    talk.put(True, 2).put(False, 18).waits(1).put(True, 2, 0, talk.next[True] - 1).syn_ack_again()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert f"{CLIENT} drops it" in english(found.title)
    assert found.confidence == "firm"


def test_answers_without_their_syn_are_tentative() -> None:
    talk = wire().syn().syn_ack().waits(1).syn_ack_again().waits(2).syn_ack_again().cut(1)
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert found.confidence == "tentative"
    assert "without a SYN" in english(found.statements[-1].text)


def test_a_flood_is_one_finding_and_tentative() -> None:
    talks = [lost(client=f"203.0.113.{n}", at_s=n / 100) for n in range(1, 200)]
    (found,) = Run().capture("a.pcap", *talks).found(RULE)
    assert found.confidence == "tentative"
    assert "199 originators" in english(found.statements[-1].text)


@pytest.mark.parametrize(
    "talk",
    [
        Talk().opens().request().answer().closes(),
        Talk().syn().syn_ack(),  # the capture ends
        Talk().syn().waits(1).syn_again().syn_ack(),  # late, and the capture ends
        Talk().syn().syn_ack().waits(1).rst(),  # half-open scan
        wire().syn().syn_ack().copies(),  # a filter for SYNs only, captured at two interfaces
        Talk().opens().request().answer().closes().opens(),
        wire().syn().syn_ack().ack().waits(3).syn_ack_again().request().answer(),  # accepts only with data (deferred accept)
        wire().opens().request().answer().only(False),  # one direction only
    ],
    ids=["complete", "ends", "ends late", "half-open scan", "SYN filter twice", "again", "deferred accept", "one direction"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_the_complete_handshake_is_told() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().answer().closes())
    assert places(run.excluded(RULE)) == {"a.pcap": ((2, 3), ())}


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

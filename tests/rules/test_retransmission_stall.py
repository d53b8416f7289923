"""`retransmission_stall`: the same data again and again, and repetitions that are none."""

from typing import Any

import pytest

from runs.analysis.packets.schema import ACK
from tests.kit import SERVER, Run, Talk, english, places
from tests.rules.wire import wire

RULE = "retransmission_stall"


def stalled(*gaps_s: float, **ends: Any) -> Any:
    talk = wire(**ends).opens().request().acked().data(False)
    for gap in gaps_s:
        talk.waits(gap).again(False)
    return talk


@pytest.mark.parametrize(
    ("gaps", "cadence", "severity"),
    [
        ((0.5, 0.5, 0.5), "a fixed interval", "medium"),
        ((0.4, 0.8, 1.6), "doubling", "high"),
        ((0.2, 0.9, 0.3), "irregular", "medium"),
    ],
)
def test_fires_and_names_the_cadence(gaps: tuple[float, ...], cadence: str, severity: str) -> None:
    (found,) = Run().capture("a.pcap", stalled(*gaps).ack().data(False)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", severity, "certain")
    assert found.subject["direction"] == "to originator"
    assert found.subject["address"] == SERVER
    assert found.statements[0].citations[0].frames == (6, 7, 8, 9)
    words = [english(s.text) for s in found.statements]
    assert cadence in words[0]
    assert words[1].startswith("No acknowledgment of it comes in between")
    assert words[2].startswith("New data follows")


def test_where_the_receiver_acknowledges_every_time_the_way_of_the_acks_is_suspect() -> None:
    talk = wire().opens().request().acked().data(False).ack()
    for _ in range(4):
        talk.waits(0.6).again(False).ack()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert "its ACKs do not reach the sender" in english(found.statements[1].text)


def test_an_ack_that_crosses_one_repetition_proves_nothing() -> None:
    talk = wire().opens().request().acked().data(False).waits(0.4).again(False).waits(0.4).ack().goes(-5).again(False)
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert english(found.statements[1].text).startswith("No acknowledgment")


def test_thousands_alike_are_one_finding() -> None:
    talks = [stalled(0.5, 0.5, client_port=2000 + n, at_s=n / 50) for n in range(1000)]
    (found,) = Run().capture("a.pcap", *talks).found(RULE)
    assert "997 more" in english(found.statements[-1].text)


def probes(length: int) -> Any:
    talk = wire().opens().request().answer()
    for _ in range(6):
        talk.waits(10).keep_alive(length=length)
    return talk


def zero_window() -> Any:
    talk = wire().opens().request().acked().data(False).put(True, ACK, window=0)
    for _ in range(5):
        talk.waits(1).put(False, ACK, 1, talk.next[False]).put(True, ACK, window=0)
    return talk


@pytest.mark.parametrize(
    "talk",
    [
        Talk().opens().request().answer().closes(),
        stalled(0.3, 0.1),  # fast
        stalled(5),  # one loss
        probes(0),
        probes(1),
        probes(1).cut(5),  # begins in the middle
        zero_window(),
        stalled(2).copies(),  # one loss, captured twice
        wire().opens().request().acked().data(False).ack().waits(2).data(False).ack().copies(),
        Talk().syn().waits(1).syn_again().waits(2).syn_again().waits(4).syn_again(),
    ],
    ids=["fine", "fast", "one loss", "keep-alive", "keep-alive with a byte", "cut", "window 0", "one loss twice", "twice", "SYN"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_a_sound_capture_is_told() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().answer().closes())
    assert places(run.excluded(RULE)) == {"a.pcap": ((1, 9), ())}


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

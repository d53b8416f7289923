"""`transfer_stall`: a transfer that stands still in the middle, and the pauses of everyday traffic."""

from typing import Any

import pytest

from runs.analysis.packets.schema import ACK
from tests.kit import SERVER, Run, Talk, english
from tests.rules.wire import wire

RULE = "transfer_stall"


def burst(talk: Any, client: bool = False, segments: int = 12, last: int = 1448) -> Any:
    for n in range(segments):
        talk.data(client, last if n == segments - 1 else 1448)
    return talk.ack(not client)


def opened(**ends: Any) -> Any:
    return wire(**{"rtt_ms": 2, **ends}).opens().request().acked()


def test_fires_in_the_middle_of_a_transfer() -> None:
    talk = burst(burst(opened()).waits(2.5)).closes()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert (found.subject["address"], found.subject["direction"]) == (SERVER, "to originator")
    assert found.statements[0].citations[0].frames == (18, 19)
    assert [english(s.text)[:24] for s in found.statements[1:]] == ["All data seen had been a", "It resumes with a packet"]


def test_without_an_acknowledgment_the_sender_waits_for_it() -> None:
    talk = opened()
    for _ in range(12):
        talk.data(False)
    (found,) = Run().capture("a.pcap", burst(talk.waits(1.5).again(False))).found(RULE)
    words = [english(s.text) for s in found.statements]
    assert any("17,376 bytes were not acknowledged" in w for w in words)
    assert any("retransmission" in w for w in words)


def test_a_log_that_waits_at_the_same_time_is_cited() -> None:
    talk = burst(burst(opened()).waits(4))
    lines = [(n / 10, "info", "read") for n in range(2)] + [(4.06, "info", "read"), (5, "info", "end")]
    run = Run().capture("a.pcap", talk).log("reader.log", *lines)
    (found,) = run.found(RULE)
    assert any(c.file == "reader.log" and c.lines == (3,) for s in found.statements for c in s.citations)


def chat() -> Any:
    """Keystrokes and their echoes, and a pause for thought."""
    talk = opened(port=22)
    for n in range(60):
        talk.data(True, 36).data(False, 36).ack()
        if n % 20 == 19:
            talk.waits(6)
    return talk


def requests(last: int) -> Any:
    """A page, a pause of its reader, the next page."""
    talk = burst(opened(), last=last)
    for _ in range(3):
        talk.waits(7).request().acked()
        burst(talk, last=last)
    return talk.closes()


def batches(last: int, gap: float) -> Any:
    """A shipper that sends when it has something."""
    talk = opened()
    for _ in range(6):
        burst(talk, client=True, last=last).waits(gap)
    return burst(talk, client=True).closes()


def shut() -> Any:
    talk = burst(opened()).put(True, ACK, window=0).waits(3).put(True, ACK, window=900)
    return burst(talk).closes()


@pytest.mark.parametrize(
    "talk",
    [
        burst(opened()).closes(),
        chat(),
        requests(1448),
        requests(312),
        batches(400, 5),
        batches(1448, 1.2),  # the sender's own pace
        shut(),
        burst(opened()).waits(30).keep_alive().waits(30).closes(),
        burst(opened()).waits(8).closes(),
        burst(opened()).waits(8).rst(),
        Talk().opens().request().acked().waits(20).answer().closes(),
    ],
    ids=["steady", "SSH", "pages", "pages, short last", "batches", "paced", "window 0", "keep-alive", "close", "reset", "slow"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_thousands_alike_are_one_finding() -> None:
    talks = [burst(burst(opened(client_port=2000 + n, at_s=n / 9)).waits(2)).closes() for n in range(300)]
    (found,) = Run().capture("a.pcap", *talks).found(RULE)
    assert "297 more" in english(found.statements[-1].text)


def test_a_steady_transfer_is_told() -> None:
    (said,) = Run().capture("a.pcap", burst(opened()).closes()).excluded(RULE)
    assert said.citations[0].frames == (1, 21)


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

"""`zero_window_stall`: a receiver that does not read, and windows of 0 that mean nothing."""

from typing import Any

import pytest

from runs.analysis.packets.schema import ACK, FIN, RST, SYN
from tests.kit import CLIENT, SERVER, Run, Talk, english, places
from tests.rules.wire import wire

RULE = "zero_window_stall"


def shut(seconds: float, **ends: Any) -> Any:
    """An upload whose server stops to read."""
    talk = wire(**ends).opens().data(True).put(False, ACK, window=0)
    talk.waits(seconds / 2).put(True, ACK, 0, talk.next[True] - 1).put(False, ACK, window=0)
    return talk.waits(seconds / 2).put(False, ACK, window=500).data(True).acked().closes()


@pytest.mark.parametrize(("seconds", "severity"), [(0.3, "low"), (3, "high")])
def test_fires_and_names_who_does_not_read(seconds: float, severity: str) -> None:
    (found,) = Run().capture("a.pcap", shut(seconds)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", severity, "certain")
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443", "reader": "responder"}
    assert places(found.statements) == {"a.pcap": ((5, 6, 7, 8), ())}
    words = [english(s.text) for s in found.statements]
    assert "(1 probes)" in words[1]
    assert "64,000 bytes" in words[2]


def test_a_client_is_named_without_its_port() -> None:
    talk = wire().opens().request().acked().data(False).put(True, ACK, window=0).waits(2).put(True, ACK, window=9).closes()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert english(found.title).startswith(f"{CLIENT} keeps")
    assert found.subject["reader"] == "originator"


@pytest.mark.parametrize(
    "talk",
    [
        Talk().opens().request().answer().closes(),
        shut(0.05),
        wire().opens().request().put(False, RST, window=0),
        wire().opens().request().answer().fin().put(False, ACK, window=0).waits(3).put(False, ACK | FIN, window=0),
        wire().opens().request().answer().fin(client=False).put(False, ACK, window=0).waits(2).put(False, ACK, window=0),
        wire().put(True, SYN).put(False, SYN | ACK, window=0).ack().waits(2).put(False, ACK, window=900).request().answer(),
        wire().opens().put(False, ACK, window=0).waits(1).put(False, ACK, window=900).request().answer().closes(),
    ],
    ids=["open", "short", "RST", "closing", "after its FIN", "SYN proxy", "before any data"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_open_windows_are_told() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().answer().closes())
    assert places(run.excluded(RULE)) == {"a.pcap": ((1, 9), ())}


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

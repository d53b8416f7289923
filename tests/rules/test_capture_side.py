"""Where a capture was taken decides what to do next: no capture is asked for at the end where this one was made."""

from typing import Any

import pytest

from runs.analysis.facts.capture import CaptureStatistics
from runs.analysis.facts.network import Interface, InterfaceAddress, Interfaces
from tests.kit import CLIENT, SERVER, Run, english, places
from tests.rules.wire import wire


def retried(ttls: tuple[int, int] = (57, 57)) -> Any:
    talk = wire(port=8443)
    talk.ttls = ttls
    for wait in (1.0, 2.0, 0.0):
        talk.put(True, 2, sequence=1_000_000_007).waits(wait)
    return talk


def other(ttls: tuple[int, int]) -> Any:
    """Another conversation of the same two hosts, which shows the responder's TTL."""
    talk = wire(port=22, client_port=40_001, at_s=10)
    talk.ttls = ttls
    return talk.put(True, 2).put(False, 18).put(True, 16)


def asked(*talks: Any) -> tuple[str, str, list[str]]:
    (found,) = Run().capture("a.pcap", *talks).found("syn_unanswered")
    (action,) = found.next_actions
    return english(action.text), str(action.command), [english(s.text) for s in found.statements]


@pytest.mark.parametrize(
    ("talks", "words"),
    [
        ((retried((64, 64)),), "Capture at the responder:"),  # one link, or the originator: nothing shows which
        ((retried((64, 64)), other((64, 57))), "Capture at the responder:"),
        ((retried(),), "Capture at the responder, unless this was captured there"),
        ((retried(), other((57, 57))), "Capture at the responder, unless"),
        ((retried(), other((57, 64))), "Look at the responder's filter"),
        ((retried((64, 64)), other((64, 64))), "Capture at the responder:"),
    ],
    ids=["alone, whole TTL", "at the originator", "alone, on its way", "between", "at the responder", "one link"],
)
def test_the_next_step_fits_the_capture_point(talks: tuple[object, ...], words: str) -> None:
    text, command, told = asked(*talks)
    assert text.startswith(words)
    assert ("responder.pcap" in command) != ("ss -tln" in command)
    assert any("captured at the responder" in t for t in told) == words.startswith("Look")


def test_what_shows_the_point_is_cited() -> None:
    (found,) = Run().capture("a.pcap", retried(), other((57, 64))).found("syn_unanswered")
    assert "TTL 57, other packets of 198.51.100.9 leave with 64" in english(found.statements[-1].text)
    assert found.statements[-1].citations[0].frames == (1, 5)


def owned(address: str) -> Run:
    own = InterfaceAddress(line=3, address=address, prefix_length=24)
    run = Run().capture("a.pcap", retried())
    run.add(
        "a.txt",
        CaptureStatistics(host="srv", captured=3, captured_line=2, received_by_filter=3, received_line=3),
        kind="tcpdump_statistics",
    )
    return run.add(
        "addr.txt", Interfaces(host="srv", interfaces=(Interface(line=2, name="eth0", addresses=(own,)),)), kind="ip_addr"
    )


def test_the_capturing_hosts_own_addresses_tell_it_too() -> None:
    (found,) = owned(SERVER).found("syn_unanswered")
    assert english(found.next_actions[0].text).startswith("Look at the responder's filter")
    assert places(found.statements[-1:]) == {"addr.txt": ((), (3,))}
    (found,) = owned(CLIENT).found("syn_unanswered")
    assert english(found.next_actions[0].text).startswith("Capture at the responder:")


def test_a_lost_return_path_is_asked_for_at_the_other_end() -> None:
    talk = wire()
    for _ in range(3):
        talk.put(True, 2, sequence=1_000_000_007).syn_ack_again().waits(1)
    (found,) = Run().capture("a.pcap", talk).found("return_path_lost")
    assert any(
        english(a.text).startswith("Capture at the originator") and "originator.pcap" in str(a.command) for a in found.next_actions
    )


@pytest.mark.parametrize(("ttls", "words"), [((57, 64), "Look at the sending program"), ((64, 57), "Capture at the sender too")])
def test_a_pause_at_the_senders_own_host_asks_for_no_capture_there(ttls: tuple[int, int], words: str) -> None:
    talk = wire()
    talk.ttls = ttls
    talk.put(True, 2).put(False, 18).put(True, 16).put(True, 24, 100)
    for part in range(2):
        for _ in range(60):
            talk.put(False, 16, 1448)
        talk.put(True, 16)
        if not part:
            talk.waits(5)
    (found,) = Run().capture("a.pcap", talk).found("transfer_stall")
    assert english(found.next_actions[0].text).startswith(words)

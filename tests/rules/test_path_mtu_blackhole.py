"""`path_mtu_blackhole`: large segments that vanish, and losses that have nothing to do with their size."""

from typing import Any

import msgspec
import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.packets.schema import ACK
from tests.kit import CLIENT, SERVER, T0, Run, Talk, english, places
from tests.rules.wire import wire

RULE = "path_mtu_blackhole"
ROUTER = "203.0.113.1"


def hole(size: int = 1448, **ends: Any) -> Any:
    talk = wire(**ends).opens().data(True, 200).acked().data(True, size)
    return talk.waits(0.3).again(True, size).waits(0.6).again(True, size).waits(1.2).again(True, size)


def test_fires_while_small_ones_pass() -> None:
    (found,) = (
        Run()
        .capture(
            "a.pcap",
            wire()
            .opens()
            .data(True)
            .waits(0.5)
            .again(True)
            .waits(1)
            .again(True)
            .waits(1)
            .put(False, ACK, acknowledgment=1_000_000_008),
        )
        .found(RULE)
    )
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert (found.subject["address"], found.subject["direction"]) == (SERVER, "to responder")
    assert places(found.statements) == {"a.pcap": ((1, 2, 3, 4, 5, 6), ())}


def test_a_super_frame_that_is_resent_in_pieces_counts() -> None:
    talk = wire().opens().put(True, ACK, 14_480)
    for _ in range(3):
        talk.waits(0.8).put(True, ACK, 1448, talk.next[True] - 14_480)
    (found,) = Run().capture("a.pcap", talk.put(False, ACK, acknowledgment=1_000_000_008)).found(RULE)
    assert len(found.statements[1].citations[0].frames) == 4


def test_a_receiver_that_says_nothing_more_may_be_gone() -> None:
    talk = wire().opens().data(True).waits(0.5).again(True).waits(1).again(True)
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert found.confidence == "tentative"


def too_big(mtu: int, frame: int, row: int = 0) -> IcmpError:
    return IcmpError(
        file="a.pcap", frame=frame, ts_ns=T0, version=4, icmp_type=3, icmp_code=4, sender=ROUTER, receiver=CLIENT, ttl=63, mtu=mtu,
        quoted_protocol="tcp", quoted_source=Endpoint(CLIENT, 51515), quoted_destination=Endpoint(SERVER, 8443), quoted_ttl=63,
        conversation_row=row,
    )  # fmt: skip


def test_a_told_mtu_that_is_ignored_is_certain() -> None:
    run = Run().capture("a.pcap", wire().opens().data(True).waits(0.5).again(True).waits(1).again(True))
    run.facts.append(too_big(1300, 5))
    (found,) = run.found(RULE)
    assert found.confidence == "certain"
    assert "1,300" in english(found.title)


def test_a_told_mtu_that_is_obeyed_is_told() -> None:
    talk = (
        wire().opens().data(True).goes(20).put(True, ACK, 1248, 1_000_000_008).put(True, ACK, 200, 1_000_001_256).acked().closes()
    )
    run = Run().capture("a.pcap", talk)
    run.facts.append(msgspec.structs.replace(too_big(1300, 4)))
    assert run.found(RULE) == []
    assert "path MTU discovery works" in english(run.excluded(RULE)[0].text)


def shut() -> Any:
    talk = wire().opens().data(True).put(False, ACK, window=0, acknowledgment=1_000_000_008)
    return talk.waits(0.5).again(True).waits(1).again(True)


@pytest.mark.parametrize(
    "talk",
    [
        Talk().opens().request(4000).answer().closes(),
        wire().opens().data(True, 400).waits(1).again(True, 400).waits(1).again(True, 400),  # a small one is lost
        wire().opens().data(True).waits(1).again(True).waits(1).again(True).acked().closes(),  # it arrives in the end
        shut(),
        wire().opens().data(True).data(True).acked().copies(),
    ],
    ids=["sound", "small", "arrives", "window 0", "twice"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_large_segments_that_pass_are_told() -> None:
    (said,) = Run().capture("a.pcap", Talk().opens().request(4000).answer().closes()).excluded(RULE)
    assert said.citations[0].frames == (4,)


def test_a_small_segment_that_was_acknowledged_shows_that_the_path_lives() -> None:
    (found,) = Run().capture("a.pcap", hole()).found(RULE)
    assert found.confidence == "firm"


def test_a_size_that_passes_everywhere_says_nothing_of_the_mtu() -> None:
    assert Run().capture("a.pcap", hole(size=900)).found(RULE) == []


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

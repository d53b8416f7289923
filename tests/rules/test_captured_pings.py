"""`ping_loss` and `ping_duplicate` on captures: what was answered, what could not be, and what only looks like it."""

import struct
from ipaddress import ip_address

import pytest

from tests.analysis.bundles import parsed_bytes
from tests.kit import Run, english, places

HERE, THERE = "192.0.2.1", "198.51.100.9"
HERE6, THERE6 = "2001:db8::1", "2001:db8::9"
Frame = tuple[float, bytes]


def echo(at: float, number: int, *, reply: bool = False, ip_id: int = 0, ends: tuple[str, str] = (HERE, THERE)) -> Frame:
    """An echo request, or the answer to it, without link header (LINKTYPE_RAW)."""
    source, destination = (ip_address(a).packed for a in (ends[::-1] if reply else ends))
    if len(source) == 4:
        icmp = struct.pack(">BBHHH", 0 if reply else 8, 0, 0, 7, number) + bytes(8)
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(icmp), ip_id or number, 0, 64, 1, 0) + source + destination
    else:
        icmp = struct.pack(">BBHHH", 129 if reply else 128, 0, 0, 7, number) + bytes(8)
        head = struct.pack(">IHBB", 6 << 28, len(icmp), 58, 64) + source + destination
    return at, head + icmp


def run(*frames: Frame, end: float = 60) -> Run:
    """The capture of these frames, and of something else at its end."""
    last = echo(end, 1, ends=("192.0.2.200", "192.0.2.201"))
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for at, frame in sorted((*frames, last)):
        data += struct.pack("<IIII", 1_795_000_000 + int(at), int(at % 1 * 1e6), len(frame), len(frame)) + frame
    file, tables = parsed_bytes("ping.pcap", data)
    assert file.result is not None
    made = Run().add("ping.pcap", *file.result.located(""), kind="capture")
    made.tables.add("ping.pcap", tables)
    return made


def pings(count: int, *lost: int, ends: tuple[str, str] = (HERE, THERE)) -> list[Frame]:
    frames = [echo(n, n, ends=ends) for n in range(1, count + 1)]
    return frames + [echo(n + 0.02, n, reply=True, ends=ends) for n in range(1, count + 1) if n not in lost]


@pytest.mark.parametrize("ends", [(HERE, THERE), (HERE6, THERE6)], ids=["v4", "v6"])
def test_requests_without_an_answer_fire(ends: tuple[str, str]) -> None:
    (found,) = run(*pings(10, 3, 4, 5, 8, ends=ends)).found("ping_loss")
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "firm")
    assert found.subject["target"] == ends[1]
    assert "answers 6 of 10 pings (40 % loss)" in english(found.title)
    assert places(found.statements[:1])["ping.pcap"][0] == (5, 6, 7, 12)


def test_all_answered_is_excluded_with_its_frames() -> None:
    made = run(*pings(5))
    assert made.found("ping_loss") == []
    assert places(made.excluded("ping_loss"))["ping.pcap"][0] == (2, 4, 6, 8, 10)


def test_what_was_asked_as_the_capture_ended_is_not_lost() -> None:
    made = run(*pings(5, 4, 5), end=6)
    assert made.found("ping_loss") == []
    assert made.excluded("ping_loss")


def test_silence_in_a_capture_of_one_direction_proves_nothing() -> None:
    made = run(*pings(5, 1, 2, 3, 4, 5))
    assert made.found("ping_loss") == []
    (unknown,) = [u for u in made.unknown("ping_loss") if "198.51.100.9" in english(u.missing[0])]
    assert unknown.citations


def test_silence_beside_a_ping_that_is_answered_is_loss() -> None:
    other = (HERE, "198.51.100.10")
    (found,) = run(*pings(5, 1, 2, 3, 4, 5), *pings(3, ends=other)).found("ping_loss")
    assert (found.severity, found.subject["target"]) == ("high", THERE)


def test_a_second_answer_fires_and_a_frame_captured_twice_does_not() -> None:
    twice = run(*pings(3), echo(1.021, 1, reply=True, ip_id=900))
    (found,) = twice.found("ping_duplicate")
    assert places(found.statements)["ping.pcap"][0] == (3,)
    copied = run(*pings(3), echo(1.0201, 1, reply=True))
    assert copied.found("ping_duplicate") == []
    assert copied.excluded("ping_duplicate")


@pytest.mark.parametrize("target", ["192.0.2.255", "224.0.0.1", "ff02::1"])
def test_many_answers_to_many_are_no_duplicates(target: str) -> None:
    ends = (HERE6 if ":" in target else HERE, target)
    made = run(*pings(3, 1, 2, 3, ends=ends), *pings(2))
    assert made.found("ping_duplicate") == made.found("ping_loss") == []

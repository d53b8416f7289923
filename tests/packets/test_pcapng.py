"""pcapng files: what sections, interfaces, comments, statistics and names say, each in both byte orders."""

import struct
from typing import Any

import pytest

from runs.analysis.packets.capture import CaptureRead, read_capture
from runs.analysis.packets.comments import frame_comments
from runs.analysis.packets.schema import column
from tests.packets.test_capture import block, pcap, udp

DATA = udp()


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def section(order: str, *options: bytes) -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + b"".join(options), order)


def interface(order: str, *options: bytes, linktype: int = 101, snaplen: int = 0) -> bytes:
    return block(1, struct.pack(order + "HHI", linktype, 0, snaplen) + b"".join(options), order)


def packet(order: str, ticks: int, *options: bytes, number: int = 0, data: bytes = DATA) -> bytes:
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data + b"\0" * (-len(data) % 4) + b"".join(options), order)


def times(read: CaptureRead) -> list[int]:
    return [int(ns) for ns in read.packets["ts_ns"]]


@pytest.fixture(params="<>", ids=["little", "big"])
def order(request: Any) -> str:
    return str(request.param)


@pytest.mark.parametrize(
    ("resolution", "ticks", "wanted_ns"),
    [
        (b"", 1_700_000_000_123_456, 1_700_000_000_123_456_000),
        (b"\x03", 1_700_000_000_123, 1_700_000_000_123_000_000),
        (b"\x09", 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
        (b"\x00", 1_700_000_000, 1_700_000_000_000_000_000),
        (b"\x8a", (1_700_000_000 << 10) + 512, 1_700_000_000_500_000_000),
        (b"\xa0", (1_000 << 32) + (1 << 31), 1_000_500_000_000),
    ],
    ids=["µs unless told", "ms", "ns", "s", "1/1024 s", "1/2³² s"],
)
def test_each_resolution(order: str, resolution: bytes, ticks: int, wanted_ns: int) -> None:
    options = [option(order, 9, resolution)] if resolution else []
    read = read_capture(section(order) + interface(order, *options) + packet(order, ticks))
    assert (times(read), read.problems) == ([wanted_ns], ())


def test_offset_and_resolution_belong_to_the_interface(order: str) -> None:
    shifted = interface(order, option(order, 9, b"\x06"), option(order, 14, struct.pack(order + "q", -3600)))
    read = read_capture(
        section(order) + interface(order) + shifted + packet(order, 7_200_000_000) + packet(order, 7_200_000_000, number=1)
    )
    assert times(read) == [7_200 * 10**9, 3_600 * 10**9]


def test_a_section_forgets_the_interfaces_before_it_and_may_turn_the_byte_order() -> None:
    first = section("<") + interface("<", option("<", 2, b"eth0")) + packet("<", 1_000_000)
    second = section(">") + interface(">", option(">", 9, b"\x09"), linktype=228) + packet(">", 2_000_000_000)
    read = read_capture(first + second + packet(">", 3_000_000_000, number=1))
    assert times(read) == [10**9, 2 * 10**9]  # the last frame names an interface of the first section
    assert column(read.packets, "interface").tolist() == [0, 1]
    assert [i.linktype for i in read.capture.interfaces] == [101, 228]
    assert any(problem.lost for problem in read.problems)


def test_what_it_says_of_interfaces_drops_and_names(order: str) -> None:
    described = interface(
        order, option(order, 2, b"eth0\0"), option(order, 11, b"\0tcp port 80"), option(order, 0, b""), snaplen=96
    )
    counted = [option(order, code, struct.pack(order + "Q", n)) for code, n in ((4, 1000), (5, 7), (7, 3))]
    statistics = block(5, struct.pack(order + "III", 0, 0, 0) + b"".join(counted), order)
    names = option(order, 1, b"\xc0\0\x02\x01gate.example\0gate\0") + option(
        order, 2, b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01six.example\0"
    )
    read = read_capture(section(order) + described + block(4, names + bytes(4), order) + packet(order, 1) + statistics)
    (found,) = read.capture.interfaces
    assert (found.name, found.filter, found.snaplen) == ("eth0", "tcp port 80", 96)
    assert (found.received_count, found.dropped_count) == (1000, 10)
    assert read.capture.names == (("192.0.2.1", "gate.example"), ("192.0.2.1", "gate"), ("2001:db8::1", "six.example"))
    assert read.problems == ()


def test_comments_of_the_file_and_of_frames(order: str) -> None:
    told = [option(order, 1, text.encode()) for text in ("here it stalls", "二つ目")]
    data = section(order, option(order, 1, b"taken at night")) + interface(order) + packet(order, 1) + packet(order, 2, *told)
    read = read_capture(data)
    assert read.capture.comments == ("taken at night", "here it stalls", "二つ目")
    assert [frame_comments(data, read.packets, row) for row in (0, 1)] == [(), ("here it stalls", "二つ目")]


def test_a_pcap_has_no_comments() -> None:
    data = pcap([(1, 1, DATA), (2, 2, DATA)], linktype=101)
    read = read_capture(data)
    assert [frame_comments(data, read.packets, row) for row in (0, 1)] == [(), ()]


def test_simple_and_obsolete_blocks(order: str) -> None:
    simple = block(3, struct.pack(order + "I", len(DATA)) + DATA[:32], order)
    obsolete = block(2, struct.pack(order + "HHIIII", 0, 9, 0, 5_000_000, len(DATA), len(DATA)) + DATA, order)
    read = read_capture(section(order) + interface(order, snaplen=32) + obsolete + simple)
    assert [int(n) for n in read.packets["captured_length"]] == [len(DATA), min(32, len(DATA))]
    assert [int(n) for n in read.packets["original_length"]] == [len(DATA)] * 2
    assert times(read)[0] == 5 * 10**9


def test_blocks_that_nobody_knows_are_passed_over(order: str) -> None:
    custom = block(0x0BAD, b"\0\0\x7e\xd9whatever", order)
    read = read_capture(section(order) + custom + interface(order) + block(0x80000001, bytes(8), order) + packet(order, 1))
    assert (read.counts["frames"], read.problems) == (1, ())

"""Applying filters: innermost headers, words of our own, texts, damaged captures."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.analysis.columns import Array
from runs.analysis.domain.filters.frames import Frames
from runs.analysis.domain.filters.masks import select
from runs.analysis.domain.filters.syntax import parse
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.messages import render
from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.rows import PacketRow, tables_from_rows
from runs.analysis.packets.schema import REMARK_BITS
from tests.filters.captures import (
    A6,
    ACK,
    B6,
    C6,
    PSH,
    SYN,
    A,
    B,
    C,
    all_captures,
    arp,
    ethernet,
    icmp,
    ipv4,
    ipv6,
    options6,
    pcap,
    pcapng,
    tags,
    tcp,
    udp,
)
from tests.filters.make_fixtures import filter_lines, ranges

CAPTURES = all_captures()
INNER = [
    "inner (tcp)", "inner (host 192.0.2.1)", "inner (tcp[13] & 2 != 0)", "inner (ip[8] = 64 or ip6[7] = 64)", "inner (vlan 100)",
    "inner (icmp[0] = 8)", "inner (udp port 53 or not ip)", "inner (igmp[0] = 22)", "inner (ether[0] = 2)", "inner (multicast)",
]  # fmt: skip


class AllByBytes(Frames):
    """Frames of which no columns are trusted."""

    def regular(self, chunk: object) -> Array | None:
        return np.zeros(len(chunk), bool)  # type: ignore[arg-type]


def opened(data: bytes, kind: type[Frames] = Frames) -> Frames:
    """A capture, read."""
    read = read_capture(data)
    return kind(read.packets, read.addresses, [i.linktype for i in read.capture.interfaces], data, read.capture.byte_order)


def selected(text: str, frames: Frames) -> str:
    """The frames that a filter selects, as ranges."""
    return ranges((np.flatnonzero(select(parse(text), frames)) + 1).tolist())


def tunnels() -> Frames:
    """Packets in tunnels, behind tags and extension headers."""
    web, web6 = ipv4(tcp(40000, 80, SYN), 6, "192.0.2.1", "198.51.100.9"), ipv6(tcp(40000, 80, ACK | PSH, b"x"), 6, A6, B6)
    return opened(
        pcap(
            [
                ethernet(0x86DD, ipv6(web, 4, C6, B6)),  # 1: MAP-E, DS-Lite
                ethernet(0x86DD, ipv6(options6(4, web), 60, C6, B6)),  # 2: with an encapsulation limit
                ethernet(0x0800, ipv4(web6, 41, A, C)),  # 3: 6in4
                ethernet(0x0800, ipv4(b"\x20\0\x86\xdd\0\0\0\7" + web6, 47, A, C)),  # 4: GRE with a key
                tags([100, 200], 0x0800, web),  # 5
                ethernet(0x86DD, ipv6(options6(6, tcp(40000, 80, SYN)), 60, A6, B6)),  # 6
                ethernet(0x0800, ipv4(tcp(40000, 80, SYN), 6, A, B)),  # 7
                ethernet(0x0806, arp(1, A, B)),  # 8
                ethernet(0x86DD, ipv6(ipv4(icmp(8, 0), 1, A, B), 4, C6, B6)),  # 9
                ethernet(0x0800, ipv4(ipv4(b"\x16\0\0\0\xe0\0\0\x16", 2, A, B, options=b"\x94\x04\0\0"), 4, C, B)),  # 10
            ],
            1,
        )
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tcp", "7"),
        ("ip6 proto 4", "1,9"),
        ("inner (tcp)", "1-7"),
        ("inner (tcp port 80)", "1-7"),
        ("inner (dst port 80 and src port 40000)", "1-7"),
        ("inner (host 192.0.2.1)", "1-2,5"),
        ("inner (src host 198.51.100.9)", ""),
        ("inner (ip6)", "3-4,6"),
        ("inner (net 2001:db8::/32)", "3-4,6"),
        ("host 10.0.0.1", "3-4,7-8"),
        ("host 2001:db8::2", "1-2,6,9"),
        ("inner (tcp[tcpflags] = tcp-syn)", "1-2,5-7"),
        ("inner (tcp[12] >> 4 = 5)", "1-7"),
        ("inner (ip[12:4] = 0xc0000201)", "1-2,5"),
        ("inner (ip6[6] = 6)", "3-4"),
        ("inner (ip6[0] >> 4 = 6)", "3-4,6"),
        ("inner (icmp[icmptype] = icmp-echo)", "9"),
        ("inner (igmp[0] = 0x16)", "10"),
        ("inner (vlan 100)", "5"),
        ("inner (vlan 100 and vlan 200)", "5"),
        ("inner (arp)", "8"),
        ("inner (arp host 10.0.0.1)", "8"),
        ("inner (not tcp)", "8-10"),
        ("ip and inner (tcp)", "3-4,7"),
        ("inner (icmp) or vlan", "5,9"),
        ("inner (ether dst 02:00:00:00:00:0b and udp)", ""),
    ],
)
def test_inner_reads_the_innermost_headers(text: str, wanted: str) -> None:
    assert selected(text, tunnels()) == wanted


def lossy() -> Frames:
    """A conversation that loses a segment and repeats it, and another protocol's."""
    first = [
        ethernet(0x0800, ipv4(tcp(40000, 80, SYN, sequence=10), 6, A, B)),
        ethernet(0x0800, ipv4(tcp(80, 40000, SYN | ACK, sequence=1999), 6, B, A)),
        ethernet(0x0800, ipv4(tcp(40000, 80, ACK, b"a" * 100, sequence=1000), 6, A, B)),
        ethernet(0x0800, ipv4(udp(5000, 53, b"q"), 17, A, B)),
        ethernet(0x0800, ipv4(tcp(40001, 80, SYN, sequence=5), 6, A, B)),
        ethernet(0x0800, ipv4(tcp(40000, 80, ACK, b"a" * 100, sequence=1000), 6, A, B)),
    ]
    return opened(pcap(first, 1))


def test_words_of_our_own() -> None:
    frames = lossy()
    remarks = frames.packets["remarks"]
    assert (remarks != 0).any()
    assert selected("remark any", frames) == ranges((np.flatnonzero(remarks) + 1).tolist())
    for name, bit in REMARK_BITS.items():
        assert selected(f"remark {name}", frames) == ranges((np.flatnonzero(remarks & bit) + 1).tolist())
    assert selected("stream 0", frames) == "1-3,6"
    assert selected("stream 1", frames) == "5"
    assert selected("stream 0-1", frames) == "1-3,5-6"
    assert selected("udp stream 0", frames) == "4"
    assert selected("frame 2-4", frames) == "2-4"
    assert selected("frame 6", frames) == "6"
    assert selected("frame 0", frames) == ""
    assert selected("frame 5-1000", frames) == "5-6"
    assert selected("not frame 2-4 and tcp", frames) == "1,5-6"
    assert selected("frame 1-3 or udp", frames) == "1-4"


def test_frames_of_many_chunks_are_counted_through(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = opened(CAPTURES["ethernet.pcap"])
    wanted = {text: selected(text, whole) for text in [*filter_lines(), "frame 20-30", "frame 7"]}
    monkeypatch.setattr("runs.analysis.domain.filters.chunk.CHUNK_ROWS", 7)
    monkeypatch.setattr("runs.analysis.domain.filters.chunk.CHUNK_BYTES", 200)
    split = opened(CAPTURES["ethernet.pcap"])
    assert {text: selected(text, split) for text in wanted} == wanted


def test_interfaces_of_several_link_types() -> None:
    packet = ipv4(tcp(40000, 80, SYN), 6, A, B)
    frames = opened(
        pcapng([(1, [ethernet(0x0800, packet)]), (101, [packet]), (113, [struct.pack(">HHH8sH", 0, 1, 6, b"", 0x0800) + packet])])
    )
    assert selected("tcp dst port 80", frames) == "1-3"
    assert selected("tcp[13] = 2", frames) == "1-3"
    assert selected("ether host 02:00:00:00:00:0a", frames) == "1"


def text_frames() -> Frames:
    """What tcpdump's text tells of two packets."""

    def row(number: int, source: str, destination: str, ports: tuple[int, int] | None, protocol: str, flags: int) -> PacketRow:
        a, b = ports or (None, None)
        return PacketRow(number, source, destination, a, b, protocol, flags, 1, 1, 100, None, 5, None, None, number)

    rows = [
        row(1, A, B, (40000, 80), "tcp", SYN),
        row(2, A6, B6, (5000, 53), "udp", 0),
        row(3, "gateway.example", B, (40000, 80), "tcp", ACK),
        row(4, A, B, None, "icmp", 0),
    ]
    tables = tables_from_rows(rows)
    return Frames(tables["packets"], tables["addresses"])


def test_a_text_answers_what_its_columns_tell() -> None:
    frames = text_frames()
    assert selected("tcp", frames) == "1,3"
    assert selected("host 10.0.0.1", frames) == "1,4"
    assert selected("ip6 and udp port 53", frames) == "2"
    assert selected("tcp[tcpflags] & tcp-syn != 0", frames) == "1"
    assert selected("src net 10.0.0.0/8 and not icmp", frames) == "1"
    assert selected("vlan", frames) == ""
    assert selected("not vlan", frames) == "1-4"
    assert selected("vlan and tcp", frames) == ""
    assert selected("ether proto 0x42", frames) == ""
    assert selected("inner (tcp)", frames) == "1,3"


@pytest.mark.parametrize(
    ("text", "position"), [("tcp and ip[2:2] > 5", 8), ("ether host 0:1:2:3:4:5", 11), ("tcp or broadcast", 7)]
)
def test_a_text_says_what_it_cannot_answer(text: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        select(parse(text), text_frames())
    assert caught.value.position == position
    assert "bytes" in render(caught.value.text)


def test_a_capture_without_ethernet_says_so() -> None:
    with pytest.raises(FilterError) as caught:
        select(parse("tcp or ether src 0:1:2:3:4:5"), opened(CAPTURES["raw.pcap"]))
    assert caught.value.position == 17


def test_an_empty_capture_selects_nothing() -> None:
    assert len(select(parse("tcp[0] = 1 or vlan"), opened(pcap([], 1)))) == 0


def test_a_file_that_became_shorter_selects_no_bytes_that_are_gone(tmp_path: Path) -> None:
    data = CAPTURES["ethernet.pcap"]
    read = read_capture(data)
    path = tmp_path / "cut"
    path.write_bytes(data[:1000])
    frames = Frames(read.packets, read.addresses, [1], lambda: path)
    whole = opened(data)
    assert set(np.flatnonzero(select(parse("ip[2:2] > 0"), frames))) < set(np.flatnonzero(select(parse("ip[2:2] > 0"), whole)))


@pytest.mark.parametrize("name", CAPTURES)
def test_columns_and_bytes_tell_the_same(name: str) -> None:
    by_both, by_bytes = opened(CAPTURES[name]), opened(CAPTURES[name], AllByBytes)
    for text in filter_lines():
        try:
            wanted = selected(text, by_bytes)
        except FilterError:
            continue
        assert (text, selected(text, by_both)) == (text, wanted)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(sorted(CAPTURES)),
    st.lists(
        st.tuples(st.integers(24, 9_000), st.sampled_from([0, 1, 4, 6, 8, 17, 41, 44, 58, 60, 69, 96, 0x81, 255])), max_size=40
    ),
    st.lists(st.sampled_from([*filter_lines(), *INNER]), min_size=1, max_size=8),
)
def test_columns_and_bytes_tell_the_same_of_mutated_captures(name: str, changes: list[tuple[int, int]], texts: list[str]) -> None:
    data = bytearray(CAPTURES[name])
    for place, value in changes:
        if place < len(data):
            data[place] = value
    by_both, by_bytes = opened(bytes(data)), opened(bytes(data), AllByBytes)
    for text in texts:
        try:
            wanted = selected(text, by_bytes)
        except FilterError:
            continue
        assert (text, selected(text, by_both)) == (text, wanted)

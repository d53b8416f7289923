"""Captures sound and hostile: every frame before the damage, and the damage told with its place."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from runs.analysis.messages import render
from runs.analysis.packets.capture import Budget, read_capture
from runs.analysis.packets.conversations import conversation_facts, frames_of
from runs.analysis.packets.schema import column
from runs.analysis.packets.stream import first_bytes

DATA = Path(__file__).parent / "data"
HOSTILE = {
    "hostile-bad_iface_id.pcapng": (1, True),
    "hostile-bad_ihl_opts.pcap": (5, False),
    "hostile-block_len_zero.pcapng": (1, True),
    "hostile-ext_header_chain.pcap": (1, False),
    "hostile-incl_gt_orig.pcap": (5, False),
    "hostile-incl_len_ffffffff.pcap": (4, True),
}


def pcap(frames: Any, order: str = "<", magic: int = 0xA1B2C3D4, linktype: int = 1, snaplen: int = 262144) -> bytes:
    body = struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, snaplen, linktype)
    for second, fraction, data in frames:
        body += struct.pack(order + "IIII", second, fraction, len(data), len(data)) + data
    return body


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += b"\0" * (-len(body) % 4)
    return struct.pack(order + "II", kind, 12 + len(body)) + body + struct.pack(order + "I", 12 + len(body))


def udp(
    source: str = "10.0.0.1", destination: str = "10.0.0.2", ports: tuple[int, int] = (1000, 2000), payload: bytes = b"x"
) -> bytes:
    head = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(payload), 7, 0, 64, 17, 0)
    ends = b"".join(bytes(map(int, end.split("."))) for end in (source, destination))
    return head + ends + struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_captures_give_the_frames_before_the_damage(name: Any) -> None:
    frames, is_lost = HOSTILE[name]
    read = read_capture(DATA / name)
    assert read.counts["frames"] == frames == len(read.packets)
    assert read.problems
    assert any(problem.lost for problem in read.problems) == is_lost
    for problem in read.problems:
        assert render(problem.message, "en")
        assert render(problem.message, "ja")


def test_times_far_off_are_left_out_of_the_window() -> None:
    read = read_capture(DATA / "hostile-bad_ihl_opts.pcap")
    assert read.capture.first_ns
    assert read.capture.last_ns
    assert read.capture.last_ns - read.capture.first_ns < 60 * 10**9


def test_a_fraction_beyond_a_second_is_told_and_not_added() -> None:
    read = read_capture(DATA / "hostile-incl_gt_orig.pcap")
    assert abs(int(read.packets["ts_ns"][4]) - int(read.packets["ts_ns"][3])) < 10**9
    assert any(problem.frame == 5 for problem in read.problems)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "unit_ns"), [(0xA1B2C3D4, 1000), (0xA1B23C4D, 1)])
def test_both_byte_orders_and_resolutions(order: Any, magic: Any, unit_ns: Any) -> None:
    read = read_capture(pcap([(1_700_000_000, 999, udp())], order, magic, linktype=101))
    assert read.packets["ts_ns"].tolist() == [1_700_000_000 * 10**9 + 999 * unit_ns]
    assert read.capture.byte_order == {"<": "little", ">": "big"}[order]
    assert (int(read.packets["source_port"][0]), int(read.packets["destination_port"][0])) == (1000, 2000)


@pytest.mark.parametrize("order", "<>")
def test_pcapng_sections_interfaces_clocks_and_blocks(order: Any) -> None:
    pack = struct.pack
    section = block(0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    nano = pack(order + "HHI", 101, 0, 0) + pack(order + "HHBxxxHHqHH", 9, 1, 9, 14, 8, 100, 0, 0)
    micro = pack(order + "HHI", 228, 0, 0)
    data = udp()
    ticks = 5_000_000_123
    enhanced = block(6, pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data)) + data, order)
    obsolete = block(2, pack(order + "HHIIII", 1, 0, 0, 107_000_000, len(data), len(data)) + data, order)
    simple = block(3, pack(order + "I", len(data)) + data, order)
    read = read_capture(section + block(1, nano, order) + block(1, micro, order) + enhanced + obsolete + simple + section)
    assert read.counts["frames"] == 3
    assert read.packets["ts_ns"].tolist() == [105_000_000_123, 107_000_000_000, 107_000_000_000]
    assert column(read.packets, "interface").tolist() == [0, 1, 0]
    assert set(read.packets["source_port"].tolist()) == {1000}
    assert [p.frame for p in read.problems] == [3]  # the simple block has no time


def test_compressed_captures_are_read_by_content(tmp_path: Any) -> None:
    plain = (DATA / "no-response-keep-alive.pcap").read_bytes()
    wanted = read_capture(plain)
    for packed in (gzip.compress(plain), zstandard.compress(plain), gzip.compress(plain[:1000]) + gzip.compress(plain[1000:])):
        read = read_capture(packed)
        assert all(np.array_equal(read.packets[name], wanted.packets[name]) for name in wanted.packets)
    cut = read_capture(gzip.compress(plain)[:-300])
    assert 0 < cut.counts["frames"] < 30
    assert any(problem.lost for problem in cut.problems)


def test_both_conversations_of_a_tunnel_know_each_other() -> None:
    read = read_capture(DATA / "ipv4-in-ipv6.pcap")
    facts = {fact.id: fact for fact in conversation_facts(read.conversations, read.addresses, "t.pcap")}
    inner = facts["t.pcap#0"]
    outer = facts[inner.outer or ""]
    assert outer.protocol == "ipip"
    assert ":" in outer.originator.address
    assert set(frames_of(read.packets, read.conversations, inner.row)) <= set(
        frames_of(read.packets, read.conversations, outer.row)
    )


def test_what_a_conversation_says() -> None:
    read = read_capture(DATA / "no-response-keep-alive.pcap")
    first = conversation_facts(read.conversations, read.addresses, "lo0.pcap")[0]
    assert (str(first.originator), str(first.responder)) == ("127.0.0.1:54268", "127.0.0.1:9080")
    assert first.handshake_complete
    assert first.payload_bytes == (116, 0)
    assert first.acked_bytes == (116, 0)
    assert first.tcp.keep_alive > 0
    assert first.tcp.retransmission == 0
    assert frames_of(read.packets, read.conversations, 0)[0] == 0


def test_a_budget_of_frames_is_kept_and_told() -> None:
    read = read_capture(pcap([(1, n, udp()) for n in range(50)], linktype=101), Budget(frames=10))
    assert read.counts["frames"] >= 10
    assert len(read_capture(DATA / "random-tcp.pcap", Budget(conversations=3)).conversations) <= 60


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_captures_never_raise_and_cut_ones_invent_no_frame(data: Any) -> None:
    name = data.draw(st.sampled_from(sorted(p.name for p in DATA.glob("*.pcap*") if p.stat().st_size < 15_000)))
    original = (DATA / name).read_bytes()
    wanted = read_capture(original) if not name.startswith("hostile-no_shb") else None
    cut = original[: data.draw(st.integers(0, len(original)))]
    unpacked = first_bytes(cut, "gzip") if name.endswith(".gz") else cut  # of a few packed bytes nothing may come out
    if wanted is not None and len(unpacked) >= 28:
        read = read_capture(cut)
        assert len(read.packets) <= len(wanted.packets)
        assert np.array_equal(read.packets["offset"], wanted.packets["offset"][: len(read.packets)])
    mutated = bytearray(original)
    for _ in range(data.draw(st.integers(1, 8))):
        mutated[data.draw(st.integers(4, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_capture(bytes(mutated))
    except ValueError as error:
        assert str(error) == "not a capture"  # noqa: PT017


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_behind_a_header_never_raise(data: Any) -> None:
    for head in (pcap([]), pcap([], ">", linktype=0), block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))):
        read_capture(head + data)
    for linktype in (0, 1, 9, 50, 51, 101, 105, 108, 113, 127, 228, 229, 258, 276):
        read_capture(pcap([(1, 1, data)], linktype=linktype))

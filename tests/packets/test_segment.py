"""What a segment is to its conversation: the frames it acknowledges, repeats and doubles, as Wireshark has them."""

from pathlib import Path

import pytest

from runs.analysis.packets.capture import CaptureRead, read_capture
from runs.analysis.packets.info import info_lines, remark_words
from runs.analysis.packets.segment import Reached, SegmentContext, segment_context
from tests.packets.crafted import ACK, SYN, Segment, handshake, pcap_of

DATA = Path(__file__).parent / "data"
MS = 1_000_000


def context(read: CaptureRead, frame: int) -> SegmentContext:
    found = segment_context(read.packets, read.conversations, frame - 1)
    assert found is not None
    return found


def lossy(client: int = 100, server: int = 500) -> CaptureRead:
    """Frames 4 and 5 are data, 6 the ACK of the first; 8 and 9 repeat it while data goes on; 10 is sent again, 11 acknowledges all."""
    c, s = client + 1, server + 1
    return read_capture(
        pcap_of([
            *handshake(client, server), Segment(1, s, c, b"a" * 10), Segment(1, s + 10, c, b"b" * 10), Segment(0, c, s + 10),
            Segment(1, s + 30, c, b"d" * 10), Segment(0, c, s + 10), Segment(0, c, s + 10), Segment(1, s + 10, c, b"b" * 10),
            Segment(0, c, s + 40),
        ])
    )  # fmt: skip


@pytest.mark.parametrize(("client", "server"), [(100, 500), (2**32 - 3, 2**32 - 15)], ids=["small", "across the wrap"])
def test_numbers_and_frames(client: int, server: int) -> None:
    read = lossy(client, server)
    syn_ack, data, ack = context(read, 2), context(read, 5), context(read, 6)
    assert (syn_ack.sequence, syn_ack.next_sequence, syn_ack.acknowledgment) == (0, 1, 1)
    assert syn_ack.acknowledges == Reached(0, MS)
    assert (data.sequence, data.next_sequence, data.bytes_in_flight) == (11, 21, 20)
    assert data.acknowledged_by == Reached(10, 6 * MS)
    assert ack.acknowledges == Reached(3, 2 * MS)
    assert (ack.acknowledged_by, ack.bytes_in_flight, ack.sent_first) == (None, None, None)
    assert ack.since_first_ns == 5 * MS
    assert ack.initial_rtt_ns == 2 * MS


def test_what_is_sent_again_and_said_twice() -> None:
    read = lossy()
    assert (context(read, 10).sent_first, context(read, 10).doubles) == (Reached(4, 5 * MS), None)
    assert [context(read, frame).doubles for frame in (6, 8, 9)] == [None, 5, 5]
    assert context(read, 9).acknowledges is None  # frame 6 said so first
    assert remark_words(read.packets, read.conversations, 8) == ["TCP Dup ACK 6#2"]
    (line,) = info_lines(read.packets, read.conversations, read.addresses, [7])
    assert line.startswith("[TCP Dup ACK 6#1] 49152 → 80 [ACK]")


def test_windows_are_scaled_where_the_scale_is_known() -> None:
    read = read_capture(DATA / "no-response-keep-alive.pcap")
    assert (context(read, 1).window, context(read, 4).window, context(read, 4).window_shift) == (65495, 65536, 10)
    assert context(read_capture(pcap_of(handshake()[2:])), 1).window is None


def test_what_is_no_segment_has_no_context() -> None:
    read = read_capture(DATA / "udp-port-unreachable.pcap")
    assert {segment_context(read.packets, read.conversations, row) for row in range(len(read.packets))} == {None}


def test_every_frame_of_a_wild_conversation_has_a_context() -> None:
    read = read_capture(DATA / "random-tcp.pcap")
    for row in range(len(read.packets)):
        found = segment_context(read.packets, read.conversations, row)
        assert found is not None
        for reached in (found.acknowledges, found.sent_first):
            assert reached is None or reached.row < row
        assert found.acknowledged_by is None or found.acknowledged_by.row > row


def test_a_syn_alone() -> None:
    found = context(read_capture(pcap_of([Segment(0, 7, flags=SYN), Segment(0, 7, flags=SYN | ACK)])), 1)
    assert (found.sequence, found.acknowledgment, found.acknowledged_by) == (0, None, None)

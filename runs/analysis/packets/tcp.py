"""TCP analysis, frame by frame: Wireshark's remarks, one small function a definition.

The definitions are those of the Wireshark user's guide ('TCP Analysis'), as version 4.0 applies them; docs/capture-exactness.md says
how that was measured. Sequence numbers are raw and compared modulo 2^32 (RFC 9293, section 3.4).
"""

from typing import Any, NamedTuple

import numpy as np

from runs.analysis.packets.jit import kernel
from runs.analysis.packets.schema import (
    ACK,
    ACK_LOST_SEGMENT,
    DUP_ACK,
    FAST_RETRANSMISSION,
    FIN,
    KEEP_ALIVE,
    KEEP_ALIVE_ACK,
    LOST_SEGMENT,
    OUT_OF_ORDER,
    RETRANSMISSION,
    RST,
    SPURIOUS_RETRANSMISSION,
    SYN,
    WINDOW_FULL,
    WINDOW_UPDATE,
    ZERO_WINDOW,
    ZERO_WINDOW_PROBE,
    ZERO_WINDOW_PROBE_ACK,
)  # fmt: skip

FAST_RETRANSMISSION_WITHIN_NS = 20_000_000  # after the last duplicate ACK
OUT_OF_ORDER_WITHIN_NS = 3_000_000  # after the highest segment, while the initial RTT is not known
SCALE_UNKNOWN = -1
WINDOW_UNKNOWN = 0xFFFFFFFF
UNSEEN_ACK_TOLD = 0xFFFFFFFF
"""In place of a count of duplicate ACKs: an unseen segment was told, so the next duplicate is the first. Wireshark keeps both in one."""

#: What is known of one side of a connection: of what it sent.
SIDE_DTYPE = np.dtype([
    ("next_ns", "i8"),  # when the segment with the highest sequence number came
    ("last_ns", "i8"),  # when its last segment came
    ("next_sequence", "u4"),  # behind the highest byte it sent
    ("highest_to_ack", "u4"),  # behind the last byte up to which nothing is missing
    ("last_ack", "u4"),
    ("base_sequence", "u4"),  # what relative numbers count from
    ("dup_acks", "u4"),
    ("last_remarks", "u2"),
    ("last_window", "u4"),
    ("window_scale", "i1"),
    ("has_next", "u1"),
    ("has_base", "u1"),
    ("last_was_syn", "u1"),
])  # fmt: skip


class Segment(NamedTuple):
    """The TCP segment in hand."""

    ts_ns: int
    sequence: int
    acknowledgment: int
    window: int
    length: int  # payload bytes
    flags: int
    window_scale: int  # of a SYN


@kernel
def after(a: int, b: int) -> bool:
    """Whether sequence number a lies behind b."""
    return 0 < ((a - b) & 0xFFFFFFFF) < 0x80000000


@kernel
def advance(a: int, n: int) -> int:
    """The sequence number n behind a."""
    return (a + n) & 0xFFFFFFFF


@kernel
def reset_side(side: Any) -> None:
    """Nothing is known of it."""
    side.next_ns = 0
    side.last_ns = 0
    side.next_sequence = 0
    side.highest_to_ack = 0
    side.last_ack = 0
    side.base_sequence = 0
    side.dup_acks = 0
    side.last_remarks = 0
    side.last_window = WINDOW_UNKNOWN
    side.window_scale = SCALE_UNKNOWN
    side.has_next = 0
    side.has_base = 0
    side.last_was_syn = 0


@kernel
def is_plain(segment: Segment) -> bool:
    """No SYN, FIN or RST."""
    return segment.flags & (SYN | FIN | RST) == 0


@kernel
def is_next(side: Any, segment: Segment) -> bool:
    """It begins where the side's highest segment ended."""
    return side.has_next == 1 and segment.sequence == int(side.next_sequence)


@kernel
def is_zero_window_probe(side: Any, peer: Any, segment: Segment) -> bool:
    """One byte, the next expected, into a window of 0."""
    return segment.length == 1 and is_next(side, segment) and peer.last_window == 0


@kernel
def is_zero_window(segment: Segment) -> bool:
    """The receiver says that it takes no more."""
    return segment.window == 0 and is_plain(segment)


@kernel
def is_behind_gap(side: Any, segment: Segment) -> bool:
    """It begins behind the highest byte seen: something before it was not captured."""
    return side.has_next == 1 and after(segment.sequence, int(side.next_sequence)) and segment.flags & RST == 0


@kernel
def is_keep_alive(side: Any, segment: Segment) -> bool:
    """No byte or one, one before the next expected."""
    return (
        segment.length <= 1
        and side.has_next == 1
        and segment.sequence == advance(int(side.next_sequence), -1)
        and is_plain(segment)
    )  # fmt: skip


@kernel
def repeats_ack(side: Any, segment: Segment) -> bool:
    """An empty segment in sequence that acknowledges what the one before did."""
    return segment.length == 0 and is_next(side, segment) and segment.acknowledgment == int(side.last_ack) and is_plain(segment)


@kernel
def fills_window(peer: Any, segment: Segment) -> bool:
    """Its data ends exactly at the edge of the window that the peer last offered; the scaling is known."""
    if segment.length == 0 or peer.window_scale == SCALE_UNKNOWN or not is_plain(segment):
        return False
    shift = 0 if peer.last_was_syn == 1 or peer.window_scale < 0 else int(peer.window_scale)
    edge = advance(int(peer.last_ack), int(peer.last_window) << shift)
    return advance(segment.sequence, segment.length) == edge


@kernel
def ack_remarks(side: Any, peer: Any, segment: Segment) -> int:
    """Of an empty segment that repeats an ACK: keep-alive ACK, zero-window-probe ACK or duplicate ACK; 0: none of them."""
    if not repeats_ack(side, segment) or segment.window != int(side.last_window):
        return 0
    if segment.window == 0:
        return ZERO_WINDOW_PROBE_ACK if int(peer.last_remarks) & ZERO_WINDOW_PROBE else 0
    return KEEP_ALIVE_ACK if int(peer.last_remarks) & KEEP_ALIVE else DUP_ACK


@kernel
def unseen_ack_remark(peer: Any, segment: Segment) -> int:
    """It acknowledges bytes of the peer that are not in the capture; told once until the peer acknowledges something new."""
    if not segment.flags & ACK or int(peer.highest_to_ack) == 0 or not after(segment.acknowledgment, int(peer.highest_to_ack)):
        return 0
    if after(int(peer.next_sequence), int(peer.highest_to_ack)):
        peer.highest_to_ack = peer.next_sequence
        return ACK_LOST_SEGMENT
    was_told = int(peer.dup_acks) != 0
    peer.dup_acks = UNSEEN_ACK_TOLD
    return 0 if was_told else ACK_LOST_SEGMENT


@kernel
def resent_remark(side: Any, peer: Any, segment: Segment, initial_rtt_ns: int) -> int:
    """Of a segment that takes sequence space: which kind of repetition it is; 0: it brings something new."""
    end = advance(segment.sequence, segment.length)
    sequence_end = advance(end, 1 if segment.flags & (SYN | FIN) else 0)
    is_old = side.has_next == 1 and after(int(side.next_sequence), segment.sequence)
    if segment.length > 1 and side.has_next == 1 and segment.sequence == advance(int(side.next_sequence), -1):
        is_old = False  # it carries the byte of a window probe again, and more
    if segment.length > 0 and int(peer.last_ack) != 0 and not after(end, int(peer.last_ack)):
        return SPURIOUS_RETRANSMISSION
    if not is_old:
        return 0
    if (
        peer.dup_acks >= 2
        and int(peer.last_ack) == segment.sequence
        and segment.ts_ns - int(peer.last_ns) < FAST_RETRANSMISSION_WITHIN_NS
    ):
        return FAST_RETRANSMISSION
    within = initial_rtt_ns if initial_rtt_ns else OUT_OF_ORDER_WITHIN_NS
    if segment.ts_ns - int(side.next_ns) < within and int(side.next_sequence) != sequence_end:
        return OUT_OF_ORDER
    return RETRANSMISSION


@kernel
def forward_remarks(side: Any, peer: Any, segment: Segment) -> int:
    """The remarks that do not depend on what the segment acknowledges, or on what it repeats."""
    if is_zero_window_probe(side, peer, segment):
        return ZERO_WINDOW_PROBE
    remarks = 0
    if is_zero_window(segment):
        remarks |= ZERO_WINDOW
    if is_behind_gap(side, segment):
        remarks |= LOST_SEGMENT
    if is_keep_alive(side, segment):
        remarks |= KEEP_ALIVE
    if repeats_ack(side, segment) and segment.window != 0 and segment.window != int(side.last_window):
        remarks |= WINDOW_UPDATE
    if fills_window(peer, segment):
        remarks |= WINDOW_FULL
    return remarks | ack_remarks(side, peer, segment)


@kernel
def remember(side: Any, segment: Segment, remarks: int) -> None:
    """What later segments are compared with."""
    takes = segment.length + (1 if segment.flags & (SYN | FIN) else 0)
    end = advance(segment.sequence, takes)
    if not remarks & ZERO_WINDOW_PROBE:
        if side.has_next == 0 or after(end, int(side.next_sequence)):
            side.next_sequence = end
            side.next_ns = segment.ts_ns
            side.has_next = 1
        if segment.sequence == int(side.highest_to_ack) or int(side.highest_to_ack) == 0:
            side.highest_to_ack = side.next_sequence
    side.last_window = segment.window
    side.last_ack = segment.acknowledgment
    side.last_ns = segment.ts_ns
    side.last_remarks = remarks & 0xFFFF
    side.last_was_syn = 1 if segment.flags & SYN else 0
    if segment.flags & SYN:
        side.window_scale = segment.window_scale


@kernel
def set_bases(side: Any, peer: Any, segment: Segment) -> None:
    """Relative numbers count from the SYN; without one, so that the first byte seen is number 1."""
    if side.has_base == 0:
        side.base_sequence = segment.sequence if segment.flags & SYN else advance(segment.sequence, -1)
        side.has_base = 1
    if peer.has_base == 0 and segment.flags & ACK:
        peer.base_sequence = advance(segment.acknowledgment, -1)
        peer.has_base = 1


@kernel
def analyse(side: Any, peer: Any, segment: Segment, initial_rtt_ns: int) -> int:
    """The remarks of a segment from `side`; both sides are brought up to date. `side.dup_acks` is the n of 'Dup ACK #n'."""
    set_bases(side, peer, segment)
    remarks = forward_remarks(side, peer, segment)
    if remarks & DUP_ACK:
        side.dup_acks = 1 if side.dup_acks == UNSEEN_ACK_TOLD else side.dup_acks + 1
    if segment.acknowledgment != int(side.last_ack):
        side.dup_acks = 0
    remarks |= unseen_ack_remark(peer, segment)
    if (segment.length > 0 or segment.flags & (SYN | FIN)) and not remarks & KEEP_ALIVE:
        remarks |= resent_remark(side, peer, segment, initial_rtt_ns)
    remember(side, segment, remarks)
    return remarks

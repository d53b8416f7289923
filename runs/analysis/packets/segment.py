"""What one TCP segment is to its conversation: relative numbers, what it acknowledges, repeats or doubles, and what came of it.

Looks at a bounded stretch of the conversation around the segment, so that one frame of millions is told as quickly as one of ten.
"""

from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.packets.schema import ACK, DUP_ACK, FIN, RESENT, RST, SYN, TCP, column

MAX_SEARCHED = 20_000  # frames of the conversation before the segment, and as many behind it


class Reached(NamedTuple):
    """Another frame of the conversation (a row of `packets`), and the time between the two in ns."""

    row: int
    ns: int


class SegmentContext(NamedTuple):
    """A TCP segment in its conversation. Numbers are relative, windows in bytes; None: not there, or not within reach."""

    sequence: int
    next_sequence: int
    acknowledgment: int | None
    window: int | None  # scaled; None where the scaling is not known
    window_shift: int  # below 0: not known
    initial_rtt_ns: int
    since_first_ns: int
    acknowledges: Reached | None  # the first segment that ends where this one acknowledges and was not answered before
    acknowledged_by: Reached | None  # the first ACK of its end or of more
    sent_first: Reached | None  # of a segment sent again: where these bytes were sent first
    doubles: int | None  # of a duplicate ACK: the row of the first ACK with its number
    bytes_in_flight: int | None  # behind this segment: sent and not acknowledged


def segment_context(packets: Table, conversations: Table, row: int) -> SegmentContext | None:
    """The context of a frame (row of `packets`); None where it is no TCP segment of a conversation."""
    conversation = int(packets["conversation"][row])
    if conversation < 0 or int(packets["protocol"][row]) != TCP or not packets["transport_offset"][row]:
        return None
    known = {name: conversations[name][conversation] for name in ("base_sequences", "window_scales", "initial_rtt_ns", "start_ns")}
    side = int(packets["direction"][row])
    own_base, peer_base = int(known["base_sequences"][side]), int(known["base_sequences"][1 - side])
    flags, size = int(packets["tcp_flags"][row]), _size(packets, row)
    sequence = (int(packets["sequence"][row]) - own_base) & 0xFFFFFFFF
    scales = [int(n) for n in known["window_scales"]]
    shift = scales[side] if min(scales) >= 0 else -1
    window = int(packets["window"][row])
    near = _Near(packets, conversations, conversation, row)
    return SegmentContext(
        sequence=sequence,
        next_sequence=sequence + size,
        acknowledgment=(int(packets["acknowledgment"][row]) - peer_base) & 0xFFFFFFFF if flags & ACK else None,
        window=window if flags & SYN else window << shift if shift >= 0 else None,
        window_shift=shift,
        initial_rtt_ns=int(known["initial_rtt_ns"]),
        since_first_ns=int(packets["ts_ns"][row]) - int(known["start_ns"]),
        acknowledges=near.acknowledges(),
        acknowledged_by=near.acknowledged_by(size) if size else None,
        sent_first=near.sent_first() if int(column(packets, "remarks")[row]) & RESENT else None,
        doubles=duplicated(packets, conversations, row),
        bytes_in_flight=near.in_flight(size) if int(packets["payload_length"][row]) else None,
    )  # fmt: skip


def duplicated(packets: Table, conversations: Table, row: int) -> int | None:
    """Of a duplicate ACK the row of the frame that said its number first, Wireshark's 'duplicate to the ACK in frame'."""
    conversation = int(packets["conversation"][row])
    if conversation < 0 or not int(column(packets, "remarks")[row]) & DUP_ACK:
        return None
    before, _ = _around(packets, conversations, conversation, row)
    own = before[packets["direction"][before] == packets["direction"][row]]
    others = np.flatnonzero(packets["acknowledgment"][own] != packets["acknowledgment"][row])
    first = int(others[-1]) + 1 if len(others) else 0
    return int(own[first]) if first < len(own) and (len(others) or len(before) < MAX_SEARCHED) else None


def _size(packets: Table, row: int) -> int:
    """Sequence space that a segment takes."""
    return int(packets["payload_length"][row]) + bool(int(packets["tcp_flags"][row]) & (SYN | FIN))


def _around(packets: Table, conversations: Table, conversation: int, row: int) -> tuple[Array, Array]:
    """The rows of the conversation before and behind this one, as far as they are looked at."""
    start, count = (int(conversations[name][conversation]) for name in ("order_start", "order_count"))
    rows = packets["by_conversation"][start : start + count]
    at = int(np.searchsorted(rows, np.uint32(row)))  # of the column's own type: another would copy it
    return rows[max(0, at - MAX_SEARCHED) : at].astype(np.int64), rows[at + 1 : at + 1 + MAX_SEARCHED].astype(np.int64)


class _Near:
    """The frames of the conversation around a segment."""

    def __init__(self, packets: Table, conversations: Table, conversation: int, row: int) -> None:
        self._packets, self._row = packets, row
        self._before, self._behind = _around(packets, conversations, conversation, row)
        self._side = packets["direction"][row]

    def _from(self, rows: Array, *, own: bool) -> Array:
        return np.asarray(rows[(self._packets["direction"][rows] == self._side) == own])

    def _sizes(self, rows: Array) -> Array:
        flags = self._packets["tcp_flags"][rows]
        sizes = self._packets["payload_length"][rows].astype(np.int64) + ((flags & (SYN | FIN)) > 0)
        return np.asarray(np.where(flags & RST, 0, sizes))

    def _reached(self, row: int) -> Reached:
        return Reached(row, abs(int(self._packets["ts_ns"][self._row]) - int(self._packets["ts_ns"][row])))

    def _signed(self, values: Array, against: int) -> Array:
        """Differences of sequence numbers, across their wrap (RFC 1982)."""
        return np.asarray((values.astype(np.int64) - against + 0x80000000 & 0xFFFFFFFF) - 0x80000000)

    def _acks(self, rows: Array) -> Array:
        return np.asarray(rows[self._packets["tcp_flags"][rows] & (ACK | RST) == ACK])

    def acknowledges(self) -> Reached | None:
        """The first segment that ends where this one acknowledges, and that no earlier ACK has answered."""
        if not int(self._packets["tcp_flags"][self._row]) & ACK:
            return None
        number = int(self._packets["acknowledgment"][self._row])
        peers = self._from(self._before, own=False)
        sizes = self._sizes(peers)
        ends = self._signed(self._packets["sequence"][peers] + sizes, number) == 0
        fitting = peers[ends & (sizes > 0)]
        earlier = self._acks(self._from(self._before, own=True))
        said = earlier[self._signed(self._packets["acknowledgment"][earlier], number) >= 0]
        fitting = fitting[fitting > said[-1]] if len(said) else fitting
        return self._reached(int(fitting[0])) if len(fitting) else None

    def acknowledged_by(self, size: int) -> Reached | None:
        """The first ACK behind it that reaches its end."""
        later = self._acks(self._from(self._behind, own=False))
        end = int(self._packets["sequence"][self._row]) + size & 0xFFFFFFFF
        reach = np.flatnonzero(self._signed(self._packets["acknowledgment"][later], end) >= 0)
        return self._reached(int(later[reach[0]])) if len(reach) else None

    def sent_first(self) -> Reached | None:
        """The first segment before it that held its first byte."""
        own = self._from(self._before, own=True)
        sizes = self._sizes(own)
        begins = self._signed(self._packets["sequence"][own], int(self._packets["sequence"][self._row]))
        holding = own[(begins <= 0) & (begins + sizes > 0)]
        return self._reached(int(holding[0])) if len(holding) else None

    def in_flight(self, size: int) -> int | None:
        """From the highest acknowledged number to the highest sent one, this segment included; None before any ACK."""
        end = int(self._packets["sequence"][self._row]) + size
        own = self._from(self._before, own=True)
        acks = self._acks(self._from(self._before, own=False))
        if not len(acks):
            return None
        sent = self._signed(self._packets["sequence"][own] + self._sizes(own), end)
        acked = int(self._signed(self._packets["acknowledgment"][acks], end).max())
        return max(0, int(sent.max(initial=0)) - acked)

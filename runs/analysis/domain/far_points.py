"""The same conversation in a second capture that was taken elsewhere on the way, and what of a segment's sendings arrived there.

Conversations are one where their ends and initial sequence number are (domain/capture_points.py). A segment that is not in the farther
capture is lost between the two only where that capture ran on, dropped nothing, and no acknowledgment shows that it missed the segment.
"""

from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.capture_points import Aligned, Identity, align, identities
from runs.analysis.domain.copies import without_copies
from runs.analysis.domain.frames import rows_of
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.joined import CaptureRun
from runs.analysis.packets.schema import ACK, SYN, column

MOST_CAPTURES = 12
HALF = 1 << 31
READS = (Capture, CaptureRun)  # what a rule declares that asks here

Unsettled = Literal["ends", "drops", "unclear"]


class Sight(NamedTuple):
    """A capture's sight of a conversation: `shift_ns` leads from its clock to that of the asking capture."""

    conversation: Conversation
    packets: Table
    shift_ns: int


class Far(NamedTuple):
    """The other capture, whether the originator's packets reach it first, and the error of its clock's offset."""

    sight: Sight
    is_nearer: bool
    error_ns: int
    drops: bool


class Located(NamedTuple):
    """A segment's sendings in the capture that lies nearer to its sender and in the other one, as rows."""

    near: Sight
    beyond: Sight
    sent: tuple[int, ...]
    arrived: tuple[int, ...]
    missing: tuple[int, ...]  # of `sent`: those that did not arrive
    acked: int | None  # row in `beyond` of an ACK that came before the last sending and that `near` does not hold
    heard: bool  # an ACK that covers the segment stands in one of the two
    running: int  # row in `beyond`: the first frame after the last sending


class Sent(NamedTuple):
    """One side's data rows by their place in its stream (`offsets` from `base`, ascending), and the other side's rows with an ACK, by time."""

    rows: Array
    offsets: Array
    base: int
    longest: int  # bytes of a segment
    peers: Array


class FarPoints:
    """The captures of a run as points on the way of its conversations."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._aligned: dict[tuple[int, int], Aligned | None] = {}
        self._sent: dict[tuple[str, int, int, int], Sent] = {}

    @cached_property
    def _captures(self) -> list[Capture]:
        found = [c for c in self._case.all(Capture) if not c.is_text and c.frame_count]
        return sorted(found, key=lambda c: (-c.frame_count, c.file))[:MOST_CAPTURES] if len(found) > 1 else []

    @cached_property
    def _known(self) -> list[dict[Identity, int]]:
        return [identities(self._case, c) for c in self._captures]

    @cached_property
    def _conversations(self) -> dict[tuple[str, int, int], Conversation]:
        return {(c.file, c.segment, c.row): c for c in self._case.all(Conversation)}

    @cached_property
    def _dropping(self) -> set[str]:
        return {r.file for r in self._case.all(CaptureRun) if r.dropped}

    def of(self, c: Conversation) -> list[Far]:
        """Where else a conversation was seen, and at which of the two its originator's packets come first."""
        at = next((n for n, cap in enumerate(self._captures) if (cap.file, cap.segment) == (c.file, c.segment)), None)
        key = next((k for k, row in self._known[at].items() if row == c.row), None) if at is not None else None
        found = []
        for other, capture in enumerate(self._captures):
            row = self._known[other].get(key) if key is not None and other != at else None
            there = self._conversations.get((capture.file, capture.segment, row)) if row is not None else None
            packets = self._case.table(capture, "packets")
            aligned = self._align(at, other) if there is not None and at is not None else None
            if there is None or packets is None or aligned is None or aligned.nearer is None:
                continue
            sight = Sight(there, packets, -aligned.offset_ns)
            found.append(Far(sight, aligned.nearer == 1, aligned.error_ns, capture.file in self._dropping))
        return found

    def _align(self, at: int, other: int) -> Aligned | None:
        if (at, other) not in self._aligned:
            first, second = self._captures[at], self._captures[other]
            shared = [(row, self._known[other][key]) for key, row in self._known[at].items() if key in self._known[other]]
            grain = max(first.resolution_ns, second.resolution_ns)
            self._aligned[at, other] = align(self._case, first, second, shared, grain) if shared else None
        return self._aligned[at, other]

    def locate(self, c: Conversation, far: Far, side: int, row: int) -> Located | Unsettled:
        """Which sendings of the segment in a row of a conversation arrived at the point that lies farther from its sender."""
        packets = self._case.table(c, "packets")
        if packets is None:
            return "unclear"
        own = Sight(c, packets, 0)
        number, length = int(packets["sequence"][row]), int(packets["payload_length"][row])
        near, beyond = (far.sight, own) if far.is_nearer == (side == 0) else (own, far.sight)
        sent, arrived = (self._sendings(s, side, number, length) for s in (near, beyond))
        if sent is None or arrived is None or len(sent) < 2 or len(arrived) > len(sent):
            return "unclear"
        last_ns = int(near.packets["ts_ns"][sent[-1]]) + near.shift_ns - beyond.shift_ns
        after = np.flatnonzero(beyond.packets["ts_ns"] > last_ns + far.error_ns)
        if not len(after):
            return "ends"
        if far.drops or c.file in self._dropping:
            return "drops"
        missing = _missing(near, sent, beyond, arrived)
        acks = [self._acks(s, side, (number + length) & 0xFFFFFFFF) for s in (near, beyond)]
        if missing is None or (not len(arrived) and any(len(a) for a in acks)):
            return "unclear"
        acked = acks[1][beyond.packets["ts_ns"][acks[1]] < last_ns - far.error_ns]
        heard = acks[0][acks[0] < sent[-1]]
        unheard = int(acked[0]) if len(acked) and not len(heard) else None
        heard_at_all = any(len(a) for a in acks)
        return Located(near, beyond, tuple(sent.tolist()), tuple(arrived.tolist()), missing, unheard, heard_at_all, int(after[0]))

    def _sendings(self, sight: Sight, side: int, number: int, length: int) -> Array | None:
        """The rows that send exactly these bytes; None where others overlap them: cut in another way."""
        sent = self._side(sight, side)
        if not len(sent.rows):
            return sent.rows
        at = (number - sent.base) & 0xFFFFFFFF
        near = slice(np.searchsorted(sent.offsets, at - sent.longest, side="right"), np.searchsorted(sent.offsets, at + length))
        rows, ahead = sent.rows[near], sent.offsets[near] - at
        lengths = sight.packets["payload_length"][rows].astype(np.int64)
        same = (ahead == 0) & (lengths == length)
        overlaps = ahead + lengths > 0
        return None if (overlaps & ~same).any() else np.sort(rows[same])

    def _acks(self, sight: Sight, side: int, end: int) -> Array:
        """The rows of the receiver that acknowledge up to `end` or more."""
        peers = self._side(sight, side).peers
        ahead = (sight.packets["acknowledgment"][peers].astype(np.int64) - end) & 0xFFFFFFFF
        return np.asarray(peers[ahead < 0x80000000], np.int64)

    def _side(self, sight: Sight, side: int) -> Sent:
        """What one side of a conversation sent, looked up once."""
        c, packets = sight.conversation, sight.packets
        key = (c.file, c.segment, c.row, side)
        if key not in self._sent:
            rows = rows_of(self._case, c)
            flags, mine = packets["tcp_flags"][rows], packets["direction"][rows] == side
            own = without_copies(packets, rows[mine & (packets["payload_length"][rows] > 0) & (flags & SYN == 0)])
            base = int(packets["sequence"][own[0]]) - HALF if len(own) else 0
            offsets = (packets["sequence"][own].astype(np.int64) - base) & 0xFFFFFFFF
            order = np.argsort(offsets, kind="stable")
            longest = int(packets["payload_length"][own].max(initial=0))
            peers = np.asarray(rows[~mine & (flags & ACK != 0)], np.int64)
            self._sent[key] = Sent(np.asarray(own[order], np.int64), offsets[order], base, longest, peers)
        return self._sent[key]


def _missing(near: Sight, sent: Array, beyond: Sight, arrived: Array) -> tuple[int, ...] | None:
    """The sendings that did not arrive, by IP ids, else by times; None where they cannot be told apart."""
    ids, others = column(near.packets, "ip_id")[sent].tolist(), column(beyond.packets, "ip_id")[arrived].tolist()
    if all(ids) and len(set(ids)) == len(ids):
        return (
            tuple(row for row, one in zip(sent.tolist(), ids, strict=True) if one not in others)
            if set(others) <= set(ids)
            else None
        )
    times = near.packets["ts_ns"][sent] + near.shift_ns - beyond.shift_ns
    tolerance = int(np.diff(times).min()) // 2
    taken: set[int] = set()
    for ts in beyond.packets["ts_ns"][arrived].tolist():
        nearest = int(np.abs(times - ts).argmin())
        if nearest in taken or abs(int(times[nearest]) - ts) >= tolerance:
            return None
        taken.add(nearest)
    return tuple(row for n, row in enumerate(sent.tolist()) if n not in taken)

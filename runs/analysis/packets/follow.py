"""What each side of a conversation sent, put together: every byte once, in order, with what is missing told by its size.

The bytes of a TCP side are ordered by sequence number (RFC 9293, section 3.4, modulo 2^32); they come where a receiver that saw
the same frames would have had them. Other protocols give their payloads frame by frame.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.packets.schema import ACK, FIN, KEEP_ALIVE, RST, SYN, TCP, column

HALF = 1 << 31
_FIELDS = ("side", "row", "position", "length", "skip", "captured", "is_gap")


@dataclass(frozen=True)
class Stream:
    """Pieces of both sides in the order in which they could be read, one entry a piece.

    `side`: 0 from the originator; `row`: the frame's index in `packets` (of a gap the frame that shows it); `position`: of the first
    byte among the side's bytes, from 0; `length`: bytes on the wire; `skip`: payload bytes of the frame that were there before;
    `captured`: how many of `length` the capture holds; `is_gap`: in no frame of the capture.
    """

    side: Array
    row: Array
    position: Array
    length: Array
    skip: Array
    captured: Array
    is_gap: Array

    def __len__(self) -> int:
        return len(self.side)

    def take(self, chosen: Array) -> "Stream":
        """Some of the pieces."""
        return Stream(*(getattr(self, name)[chosen] for name in _FIELDS))

    def offsets(self, packets: Table) -> Array:
        """Where each piece begins in the decompressed capture."""
        return np.asarray(packets["offset"][self.row] + packets["payload_offset"][self.row] + self.skip)


class _Pieces(NamedTuple):
    """Pieces of one side in order of sequence numbers, and behind which row each can be read."""

    row: Array
    position: Array
    length: Array
    skip: Array
    captured: Array
    is_gap: Array
    ready: Array


def unwrapped(numbers: Array, base: int) -> Array:
    """Sequence numbers (u4, in the order of their frames) as i8 behind `base`, beyond 2^32 where they wrap."""
    if not len(numbers):
        return np.empty(0, np.int64)
    raw = np.concatenate(([np.uint32(base & 0xFFFFFFFF)], np.asarray(numbers, np.uint32)))
    steps: Array = (raw[1:] - raw[:-1]).view(np.int32)
    return np.asarray(np.cumsum(steps, dtype=np.int64), np.int64)


def payload_captured(packets: Table, rows: Array) -> Array:
    """Bytes of each frame's payload that the capture holds (i8)."""
    at = packets["payload_offset"][rows].astype(np.int64)
    held = packets["captured_length"][rows].astype(np.int64) - at
    held = np.where((at > 0) & (packets["offset"][rows] >= 0), held, 0)
    return np.asarray(np.clip(held, 0, packets["payload_length"][rows].astype(np.int64)))


def follow(packets: Table, rows: Array, protocol: int, bases: tuple[int, int]) -> Stream:
    """Both sides of a conversation: its frames' rows in file order, its IP protocol, the raw numbers relative ones count from."""
    if protocol != TCP:
        return _datagrams(packets, rows[packets["payload_length"][rows] > 0])
    sides = [_side(packets, rows, side, bases) for side in (0, 1)]
    joined = [np.concatenate([getattr(one, name) for one in sides]) for name in _Pieces._fields]
    side = np.repeat(np.arange(2, dtype=np.uint8), [len(one.row) for one in sides])
    order = np.argsort(joined[-1], kind="stable")
    return Stream(side, *joined[:-1]).take(order)


def _datagrams(packets: Table, rows: Array) -> Stream:
    side = packets["direction"][rows].astype(np.uint8)
    length = packets["payload_length"][rows].astype(np.int64)
    position = np.zeros(len(rows), np.int64)
    for one in (0, 1):
        mine = side == one
        position[mine] = np.cumsum(length[mine]) - length[mine]
    none = np.zeros(len(rows), np.int64)
    return Stream(side, rows, position, length, none, payload_captured(packets, rows), none.astype(bool))


def _side(packets: Table, rows: Array, side: int, bases: tuple[int, int]) -> _Pieces:
    mine = rows[(packets["direction"][rows] == side) & (packets["tcp_flags"][rows] & RST == 0)]
    flags = packets["tcp_flags"][mine]
    is_data = (packets["payload_length"][mine] > 0) & (column(packets, "remarks")[mine] & KEEP_ALIVE == 0)
    data, has_syn = mine[is_data], bool((flags & SYN).any())
    numbers = unwrapped(packets["sequence"][mine], bases[side])
    made = _in_order(packets, data, (numbers + (flags & SYN > 0))[is_data], 1 if has_syn else None)
    end = int(made.position[-1] + made.length[-1]) if len(made.row) else 1
    first = 1 if has_syn or not len(made.row) else int(made.position[0])
    fins = numbers[flags & FIN > 0] + packets["payload_length"][mine[flags & FIN > 0]]
    made = _with_tail(packets, rows, side, bases[side], made, end, int(fins.max()) if len(fins) else None)
    return made._replace(position=made.position - first)


def _in_order(packets: Table, data: Array, start: Array, floor: int | None) -> _Pieces:
    """Every byte once: of copies with the same start the one of which most was captured, then the earliest."""
    length, captured = packets["payload_length"][data].astype(np.int64), payload_captured(packets, data)
    order = np.lexsort((data, -captured, start))
    data, start, length, captured = data[order], start[order], length[order], captured[order]
    if not len(data):
        none = np.empty(0, np.int64)
        return _Pieces(data.astype(np.int64), none, none, none, none, none.astype(bool), none)
    end = start + length
    reached = np.maximum.accumulate(np.concatenate(([start[0] if floor is None else floor], end)))
    before = reached[:-1]
    brings = end > before
    skip = np.maximum(0, before - start)[brings]
    rows = data[brings].astype(np.int64)
    size, gap = (end - np.maximum(start, before))[brings], np.maximum(0, start - before)[brings]
    pieces = _Pieces(
        rows, np.maximum(start, before)[brings], size, skip, np.clip(captured[brings] - skip, 0, size), np.zeros(len(rows), bool),
        np.maximum.accumulate(rows),
    )  # fmt: skip
    return _with_gaps(pieces, gap)


def _with_gaps(pieces: _Pieces, gap: Array) -> _Pieces:
    """A piece of its own before each piece that has missing bytes in front of it."""
    at = np.flatnonzero(gap)
    if not len(at):
        return pieces
    filler = _Pieces(
        pieces.row[at], pieces.position[at] - gap[at], gap[at], np.zeros(len(at), np.int64), np.zeros(len(at), np.int64),
        np.ones(len(at), bool), pieces.ready[at],
    )  # fmt: skip
    return _Pieces(*(np.insert(own, at, new) for own, new in zip(pieces, filler, strict=True)))


def _with_tail(packets: Table, rows: Array, side: int, base: int, made: _Pieces, end: int, fin: int | None) -> _Pieces:
    """Bytes behind the last captured one that the other side acknowledged, or that its FIN counts."""
    peer = rows[(packets["direction"][rows] != side) & (packets["tcp_flags"][rows] & (ACK | RST) == ACK)]
    acks = unwrapped(packets["acknowledgment"][peer], base)
    best = int(np.argmax(acks)) if len(acks) else -1
    seen = int(acks[best]) if len(acks) else end
    told, row = (fin, int(rows[-1])) if fin is not None else (end, -1)
    seen -= fin is not None and seen > fin
    if best >= 0 and seen > told:
        told, row = seen, int(peer[best])
    missing = told - end
    if not 0 < missing < HALF or (missing == 1 and fin is None):  # without a FIN the last number may be that of an unseen one
        return made
    tail = (row, end, missing, 0, 0, True, row if not len(made.row) else max(row, int(made.ready[-1])))
    return _Pieces(*(np.append(own, np.asarray(new, own.dtype)) for own, new in zip(made, tail, strict=True)))

"""Series over time of one TCP conversation: data and ACKs by sequence number, round-trip times, windows; and how they are thinned."""

from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.packets.follow import unwrapped
from runs.analysis.packets.schema import ACK, FIN, RESENT, RST, SYN, column

MAX_POINTS = 2_000


class Series(NamedTuple):
    """Points in order of time: ns as in the table, and a value each."""

    ts_ns: Array
    value: Array
    row: Array


class SequenceGraph(NamedTuple):
    """What one side sent, and what the other acknowledged and offered: relative sequence numbers."""

    start: Series  # first byte of each segment that takes sequence space
    end: Series  # behind its last
    remarks: Array  # of those segments
    ack: Series
    window_edge: Series  # how far the other side lets it send


def sequence_graph(packets: Table, rows: Array, side: int, bases: tuple[int, int], scales: tuple[int, int]) -> SequenceGraph:
    """The graph of one side's bytes. `rows`: the conversation's frames; `scales`: shifts, below 0 where not known."""
    own, peer = _split(packets, rows, side)
    flags = packets["tcp_flags"][own]
    size = packets["payload_length"][own].astype(np.int64) + (flags & (SYN | FIN) > 0)
    start = unwrapped(packets["sequence"][own], bases[side])
    takes = (size > 0) & (flags & RST == 0)
    sent, first = own[takes], start[takes]
    says = peer[packets["tcp_flags"][peer] & (ACK | RST) == ACK]
    acks = unwrapped(packets["acknowledgment"][says], bases[side])
    edge = acks + _windows(packets, says, 1 - side, scales)
    times = packets["ts_ns"]
    return SequenceGraph(
        Series(times[sent], first, sent), Series(times[sent], first + size[takes], sent), column(packets, "remarks")[sent],
        Series(times[says], acks, says), Series(times[says], edge, says),
    )  # fmt: skip


def windows(packets: Table, rows: Array, side: int, scales: tuple[int, int]) -> Series:
    """The window that a side offers, in bytes, over time."""
    own, _ = _split(packets, rows, side)
    own = own[packets["tcp_flags"][own] & RST == 0]
    return Series(packets["ts_ns"][own], _windows(packets, own, side, scales), own)


def round_trips(graph: SequenceGraph) -> Series:
    """Times in ns from a segment to the first ACK of exactly its end; segments that were sent again are left out (RFC 6298, 3)."""
    resent = graph.remarks & RESENT != 0
    ends, first = np.unique(graph.end.value, return_index=True)
    fresh = ~np.isin(ends, graph.end.value[resent])
    ends, first = ends[fresh], first[fresh]
    acks, first_ack = np.unique(graph.ack.value, return_index=True)
    _, of_end, of_ack = np.intersect1d(ends, acks, assume_unique=True, return_indices=True)
    sent, acked = graph.end.ts_ns[first[of_end]], graph.ack.ts_ns[first_ack[of_ack]]
    later = acked > sent
    order = np.argsort(acked[later], kind="stable")
    rows = graph.ack.row[first_ack[of_ack]][later][order]
    return Series(acked[later][order], (acked - sent)[later][order], rows)


def answer_times(packets: Table, rows: Array, bases: tuple[int, int], scales: tuple[int, int]) -> dict[int, int]:
    """Of some frames of a conversation the rows that acknowledge a segment among them, each with the ns since that segment."""
    found: dict[int, int] = {}
    for side in (0, 1):
        times = round_trips(sequence_graph(packets, rows, side, bases, scales))
        found |= dict(zip(times.row.tolist(), times.value.tolist(), strict=True))
    return found


def thinned(series: Series, most: int = MAX_POINTS) -> Series:
    """At most about `most` points: of each stretch of time the first, the last, the least and the greatest."""
    count = len(series.value)
    if count <= most:
        return series
    low, high = int(series.ts_ns.min()), int(series.ts_ns.max())
    buckets = max(1, most // 4)
    bucket = ((series.ts_ns - low).astype(np.float64) / max(1, high - low) * (buckets - 1)).astype(np.int64)
    order = np.lexsort((np.arange(count), bucket))
    starts = np.flatnonzero(np.diff(bucket[order], prepend=-1))
    ends = np.append(starts[1:], count) - 1
    by_value = np.lexsort((series.value, bucket))
    kept = np.unique(np.concatenate((order[starts], order[ends], by_value[starts], by_value[ends])))
    return Series(series.ts_ns[kept], series.value[kept], series.row[kept])


def _split(packets: Table, rows: Array, side: int) -> tuple[Array, Array]:
    is_own = packets["direction"][rows] == side
    return rows[is_own], rows[~is_own]


def _windows(packets: Table, rows: Array, side: int, scales: tuple[int, int]) -> Array:
    raw = packets["window"][rows].astype(np.int64)
    shift = scales[side] if min(scales) >= 0 else 0
    return np.where(packets["tcp_flags"][rows] & SYN, raw, raw << shift)

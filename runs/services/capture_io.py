"""How much a capture holds per step of time: frames, bytes, and frames by kind of TCP remark. Arrays in, small arrays out.

Times count in ns from the capture's earliest frame. Where frames stand in order of time the steps are found by bisection, so that the
work does not grow with the capture but for one pass over the columns that are summed.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.packets import schema
from runs.analysis.packets.schema import column

MOST_STEPS = 800
BLOCK_ROWS = 1 << 16  # frames out of order are counted in pieces that stay in the processor's cache
SECOND_NS = 1_000_000_000
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400)

RESET = "reset"
FAMILIES: dict[str, int] = {  # remarks that tell of the same thing; a reset is a flag of the header
    "retransmission": schema.RESENT,
    "dup_ack": schema.DUP_ACK,
    "lost_segment": schema.LOST_SEGMENT | schema.ACK_LOST_SEGMENT,
    "out_of_order": schema.OUT_OF_ORDER,
    "zero_window": schema.ZERO_WINDOW | schema.WINDOW_FULL | schema.ZERO_WINDOW_PROBE | schema.ZERO_WINDOW_PROBE_ACK,
    "keep_alive": schema.KEEP_ALIVE | schema.KEEP_ALIVE_ACK,
    RESET: 0,
}


class Extent(NamedTuple):
    """When a capture's frames are: the earliest on its clock face, how long from there to the latest, and whether they are in order."""

    zero_ns: int
    duration_ns: int
    in_order: bool


class Range(NamedTuple):
    """A stretch of a capture, ns from its earliest frame; `high` is above `low`."""

    low: int
    high: int


class Family(NamedTuple):
    """Frames of one family of remarks: how many, and their bytes on the wire, per step."""

    name: str
    frames: Array
    bytes: Array


class Series(NamedTuple):
    """Steps of equal length from `start_ns` (a multiple of the step, ns from the earliest frame). Arrays: i8, one item a step."""

    start_ns: int
    step_ns: int
    frames: Array
    bytes: Array
    families: tuple[Family, ...]  # those that have a frame in the steps


def whole(extent: Extent) -> Range:
    """All of a capture; a moment's capture is given a millisecond, so that it has a width."""
    return Range(0, max(extent.duration_ns, 1_000_000))


def step_for(span_ns: int, most: int) -> int:
    """The shortest step of 1, 2 or 5 units (of clocks above a second) of which at most `most` cover the span, wherever it begins."""
    wanted = max(1, -(-span_ns // max(1, most - 1)))
    if wanted <= SECOND_NS:
        scale = 1
        while True:
            for digit in (1, 2, 5):
                if digit * scale >= wanted:
                    return digit * scale
            scale *= 10
    for seconds in _STEPS_S:
        if seconds * SECOND_NS >= wanted:
            return seconds * SECOND_NS
    day = _STEPS_S[-1] * SECOND_NS
    return -(-wanted // day) * day


def io_series(packets: Table, extent: Extent, wanted: Range, most: int = MOST_STEPS) -> Series:
    """The steps that cover a range, at most `most` (and never more than MOST_STEPS)."""
    step = step_for(wanted.high - wanted.low, max(2, min(most, MOST_STEPS)))
    first = wanted.low // step
    steps = -(-wanted.high // step) - first + (wanted.high % step == 0)
    begin = extent.zero_ns + first * step
    count = _ordered if extent.in_order else _unordered
    frames, sizes, families = count(packets, begin, step, steps)
    return Series(first * step, step, frames, sizes, tuple(one for one in families if one.frames.any()))


Counted = tuple[Array, Array, list[Family]]


def _ordered(packets: Table, begin: int, step: int, steps: int) -> Counted:
    marks = np.searchsorted(packets["ts_ns"], begin + np.arange(steps + 1, dtype=np.int64) * step, "left")
    low, high = int(marks[0]), int(marks[-1])
    marks, lengths = marks - low, packets["original_length"][low:high]
    families = []
    for name, rows in _remarked(packets, low, high):
        bounds = np.searchsorted(rows, marks)
        families.append(Family(name, np.diff(bounds).astype(np.int64), _sums(lengths[rows], bounds)))
    return np.diff(marks).astype(np.int64), _sums(lengths, marks), families


def _sums(lengths: Array, bounds: Array) -> Array:
    """The sum of each stretch between two bounds (i8)."""
    made = np.zeros(len(bounds) - 1, np.int64)
    some = bounds[1:] > bounds[:-1]
    if some.any():
        made[some] = np.add.reduceat(lengths, bounds[:-1][some], dtype=np.int64)
    return made


def _unordered(packets: Table, begin: int, step: int, steps: int) -> Counted:
    frames, sizes = np.zeros(steps, np.int64), np.zeros(steps, np.int64)
    ts_ns, lengths = packets["ts_ns"], packets["original_length"]
    for row in range(0, len(ts_ns), BLOCK_ROWS):
        n, summed = _spread(ts_ns[row : row + BLOCK_ROWS], lengths[row : row + BLOCK_ROWS], begin, step, steps)
        frames += n
        sizes += summed
    families = [
        Family(name, *_spread(ts_ns[rows], lengths[rows], begin, step, steps)) for name, rows in _remarked(packets, 0, len(ts_ns))
    ]
    return frames, sizes, families


def _spread(ts_ns: Array, lengths: Array, begin: int, step: int, steps: int) -> tuple[Array, Array]:
    """How many frames lie in each step, and their bytes."""
    at = (ts_ns - begin) // step
    inside = (at >= 0) & (at < steps)
    at = at[inside]
    return np.bincount(at, minlength=steps), np.bincount(at, lengths[inside], minlength=steps).astype(np.int64)


def _remarked(packets: Table, low: int, high: int) -> Iterator[tuple[str, Array]]:
    """The rows of each family from `low` to `high`, counted from `low`."""
    remarks = column(packets, "remarks")[low:high]
    remarked = np.flatnonzero(remarks != 0)
    bits = remarks[remarked]
    for name, mask in FAMILIES.items():
        if mask:
            yield name, remarked[(bits & mask) != 0]
        else:
            yield name, np.flatnonzero((packets["tcp_flags"][low:high] & schema.RST) != 0)


def frames_within(packets: Table, extent: Extent, wanted: Range) -> tuple[int, int] | None:
    """The numbers of the first and last frame of a range; None where it has none, or where frames are not in order of time."""
    if not extent.in_order:
        return None
    ends = np.array([extent.zero_ns + wanted.low, extent.zero_ns + wanted.high + 1], np.int64)
    low, high = (int(n) for n in np.searchsorted(packets["ts_ns"], ends, "left"))
    return (low + 1, high) if high > low else None

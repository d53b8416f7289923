"""The picture above the timeline: how much each source says when. Numbers for an SVG; nothing is drawn here."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

import numpy as np

from runs.services.timeline import Filter, Lane
from runs.views._times import wall_time
from runs.wording import shorten

WIDTH, LEFT, RIGHT, BARS, ROW = 1390, 190, 1374, 46, 24
BINS = 240
MOST_LANES = 12
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400, 604800, 2592000, 31536000)
MOST_LABELS = 8


class DensityLane(NamedTuple):
    """One source: its name, its height in the picture, and one path of all its ticks."""

    name: str
    y: int
    text_y: int
    path: str
    is_shown: bool


class Density(NamedTuple):
    """The picture's parts, in its own coordinates."""

    height: int
    bars: str
    lanes: list[DensityLane]
    labels: list[tuple[float, str]]
    axis_y: int
    label_y: int
    bin: str
    selected: tuple[float, float] | None  # left edge and width of the range in the filter
    first: str
    last: str


def density(lanes: Sequence[Lane], wanted: Filter, zone: tzinfo) -> Density | None:
    """The picture of all lanes over their whole time; None where there is no event or all are at one moment."""
    low = min((int(lane.ts_ns[0]) for lane in lanes), default=0)
    high = max((int(lane.ts_ns[-1]) for lane in lanes), default=0)
    if high <= low or high - low > 2**62:
        return None
    counts = [_counts(lane, low, high) for lane in lanes]
    total = np.zeros(BINS, np.int64)
    for c, lane in zip(counts, lanes, strict=True):
        if not lane.copy_of:
            total += c
    top = max(1, int(np.max(total)))
    step = (RIGHT - LEFT) / BINS
    bars = "".join(
        f"M{LEFT + n * step:.1f} {BARS - 36 * float(c) / top:.1f}h{step:.1f}V{BARS}h-{step:.1f}z" for n, c in enumerate(total) if c
    )
    shown = [
        DensityLane(
            name=shorten(lane.name, 24),
            y=BARS + ROW * number + 6,
            text_y=BARS + ROW * number + 20,
            path="".join(
                f"M{LEFT + (n + 0.5) * step:.1f} {BARS + ROW * number + 10}v12" for n in np.flatnonzero(counts[number]).tolist()
            ),
            is_shown=wanted.lanes is None or number in wanted.lanes,
        )
        for number, lane in enumerate(lanes[:MOST_LANES])
    ]
    axis = BARS + ROW * len(shown) + 8
    return Density(
        axis + 20, bars, shown, _labels(low, high, zone), axis, axis + 15, _span((high - low) / BINS / 1e9), _selected(wanted, low, high),
        wall_time(low, zone).partition(".")[0], wall_time(high, zone).partition(".")[0],
    )  # fmt: skip


def _counts(lane: Lane, low: int, high: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    edges = low + (np.arange(1, BINS) * ((high - low) / BINS)).astype(np.int64)
    marks = np.concatenate(([0], np.searchsorted(lane.ts_ns, edges, "left"), [len(lane.ts_ns)]))
    return np.diff(marks).astype(np.int64)


def _x(ts_ns: int, low: int, high: int) -> float:
    return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, (ts_ns - low) / (high - low)))


def _selected(wanted: Filter, low: int, high: int) -> tuple[float, float] | None:
    if wanted.start_ns is None and wanted.end_ns is None:
        return None
    start = _x(wanted.start_ns if wanted.start_ns is not None else low, low, high)
    end = _x(wanted.end_ns if wanted.end_ns is not None else high, low, high)
    return round(start, 1), round(max(0.0, end - start), 1)


def _labels(low: int, high: int, zone: tzinfo) -> list[tuple[float, str]]:
    seconds = (high - low) / 1e9
    step = next((s for s in STEPS_S if seconds / s <= MOST_LABELS), STEPS_S[-1]) * 1_000_000_000
    made: list[tuple[float, str]] = []
    at = -(-low // step) * step
    while at <= high and len(made) < 2 * MOST_LABELS:
        made.append((round(_x(at, low, high), 1), wall_time(at, zone).partition(".")[0]))
        at += step
    return made


def _span(seconds: float) -> str:
    return f"{seconds:,.1f} s" if seconds >= 1 else f"{seconds * 1000:,.1f} ms"

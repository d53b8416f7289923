"""The picture above the timeline: how much each source says when. Numbers for an SVG; nothing is drawn here."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

import numpy as np

from runs.analysis.packets.conversations import conversation_id
from runs.analysis.report import AttemptRow, Report
from runs.services.timeline import Filter
from runs.services.timeline_lanes import Lane
from runs.views._timeline_names import LaneName
from runs.views._times import wall_time

WIDTH, LEFT, RIGHT, BARS, ROW = 1390, 190, 1374, 46, 24
BINS = 240
MOST_LANES = 14
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400, 604800, 2592000, 31536000)
FINE_STEPS_NS = tuple(n * 10**power for power in range(3, 9) for n in (1, 2, 5))
MOST_LABELS = 8
LEAST_WAIT = 8  # a wait narrower than this, in the picture's units, is not drawn
SECOND_NS = 1_000_000_000
SHAPES = {"frame": "v12", "record": "v12", "step": "v12", "note": "l4 6l-4 6l-4-6z"}


class Wait(NamedTuple):
    """A stretch in which an attempt waited for what never came: left edge and width."""

    x: float
    width: float
    label: str


class DensityLane(NamedTuple):
    """One source: its name, its height in the picture, one path of all its ticks, its waits, and where it holds nothing."""

    name: str
    title: str
    y: int
    text_y: int
    path: str
    is_note: bool
    is_shown: bool
    waits: list[Wait]
    silent: list[tuple[float, float]]


class Density(NamedTuple):
    """The picture's parts, in its own coordinates; `low_ns` and `high_ns` stand at LEFT and RIGHT."""

    height: int
    bars: str
    lanes: list[DensityLane]
    more_lanes: int
    labels: list[tuple[float, str]]
    axis_y: int
    label_y: int
    bin: str
    selected: tuple[float, float] | None  # left edge and width of the range in the filter
    low_ns: int
    high_ns: int
    first: str
    last: str


class Span(NamedTuple):
    """A stretch of time, ns UTC."""

    low: int
    high: int

    def x(self, ts_ns: int) -> float:
        """Where a moment stands in the picture; what lies outside, at its edge."""
        return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, (ts_ns - self.low) / (self.high - self.low)))


def whole_span(lanes: Sequence[Lane]) -> Span | None:
    """From the first event to the last; None where there is none, or all are at one moment."""
    low = min((int(lane.ts_ns[0]) for lane in lanes if len(lane.ts_ns)), default=0)
    high = max((int(lane.ts_ns[-1]) for lane in lanes if len(lane.ts_ns)), default=0)
    return Span(low, high) if 0 < high - low <= 2**62 else None


def shown_span(whole: Span, wanted: Filter) -> Span:
    """What the picture shows: everything, or the range that was asked for with half of its length on either side."""
    if wanted.start_ns is None and wanted.end_ns is None:
        return whole
    start, end = (
        (whole.low if wanted.start_ns is None else wanted.start_ns),
        (whole.high if wanted.end_ns is None else wanted.end_ns),
    )
    margin = max((end - start) // 2, 1_000)
    low, high = max(whole.low, start - margin), min(whole.high, end + margin)
    return Span(low, high) if high > low else whole


def density(lanes: Sequence[Lane], names: Sequence[LaneName], wanted: Filter, report: Report, zone: tzinfo) -> Density | None:
    """The picture of all lanes, `names` beside them; None where there is no event or all are at one moment."""
    whole = whole_span(lanes)
    if whole is None:
        return None
    span = shown_span(whole, wanted)
    counts = [_counts(lane, span.low, span.high) for lane in lanes]
    total = np.zeros(BINS, np.int64)
    for c, lane in zip(counts, lanes, strict=True):
        if not lane.copy_of and lane.kind != "note":
            total += c
    top = max(1, int(np.max(total)))
    step = (RIGHT - LEFT) / BINS
    bars = "".join(
        f"M{LEFT + n * step:.1f} {BARS - 36 * float(c) / top:.1f}h{step:.1f}V{BARS}h-{step:.1f}z" for n, c in enumerate(total) if c
    )
    drawn = [n for n, lane in enumerate(lanes) if not lane.copy_of or (wanted.lanes and n in wanted.lanes)][:MOST_LANES]
    shown = [
        DensityLane(
            name=names[number].short,
            title=names[number].full,
            y=BARS + ROW * row + 6,
            text_y=BARS + ROW * row + 20,
            path="".join(
                f"M{LEFT + (n + 0.5) * step:.1f} {BARS + ROW * row + 10}{SHAPES[lanes[number].kind]}"
                for n in np.flatnonzero(counts[number]).tolist()
            ),
            is_note=lanes[number].kind == "note",
            is_shown=wanted.lanes is None or number in wanted.lanes,
            waits=_waits(lanes[number], report, span),
            silent=_silent(lanes[number], span),
        )
        for row, number in enumerate(drawn)
    ]
    axis = BARS + ROW * len(shown) + 8
    return Density(
        axis + 20, bars, shown, len(lanes) - len(drawn), _labels(span, zone), axis, axis + 15, _length((span.high - span.low) / BINS / 1e9),
        _selected(wanted, span), span.low, span.high, wall_time(span.low, zone).partition(".")[0], wall_time(span.high, zone).partition(".")[0],
    )  # fmt: skip


def _waits(lane: Lane, report: Report, span: Span) -> list[Wait]:
    """Where attempts that failed waited, in the lane of their conversation and in that of their client's log."""
    made: list[Wait] = []
    for attempt in report.attempts:
        if not attempt.fault or not _is_of(lane, attempt):
            continue
        times = [p.at_ns for p in attempt.phases if p.result == "ok" and p.name != "close" and p.at_ns is not None]
        ends = [p.at_ns for p in attempt.phases if p.at_ns is not None]
        start, end = max(times, default=0), max(ends, default=0)
        failed = next((p for p in attempt.phases if p.result == "failed" and p.duration_ns), None)
        if failed is not None and failed.duration_ns and start:
            end = max(end, start + failed.duration_ns)
        left, right = span.x(start), span.x(end)
        if start and end > start and right - left >= LEAST_WAIT:
            seconds = (end - start) / SECOND_NS
            made.append(Wait(round(left, 1), round(right - left, 1), f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:,.1f} s"))
    return made


def _is_of(lane: Lane, attempt: AttemptRow) -> bool:
    if lane.kind == "step":
        return any(c.file == lane.path for p in attempt.phases for c in p.citations)
    if lane.kind != "frame" or lane.table is None:
        return False
    own = [name for name in attempt.conversations if name.startswith(f"{lane.path}#")]
    if lane.conversation is None:
        return bool(own) and not lane.part
    row = int(lane.rows[0]) if len(lane.rows) else 0
    return conversation_id(lane.path, int(lane.table["protocol"][row]), int(lane.table["stream"][row])) in own


def _silent(lane: Lane, span: Span) -> list[tuple[float, float]]:
    """Where a log holds nothing because it begins later or ended earlier: left and right edge."""
    if lane.kind != "record" or not len(lane.ts_ns):
        return []
    first, last = span.x(int(lane.ts_ns[0])), span.x(int(lane.ts_ns[-1]))
    return [(round(a, 1), round(b, 1)) for a, b in ((LEFT, first), (last, RIGHT)) if b - a > LEAST_WAIT]


def _counts(lane: Lane, low: int, high: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    edges = low + (np.arange(1, BINS) * ((high - low) / BINS)).astype(np.int64)
    marks = np.concatenate(([0], np.searchsorted(lane.ts_ns, edges, "left"), [len(lane.ts_ns)]))
    return np.diff(marks).astype(np.int64)


def _selected(wanted: Filter, span: Span) -> tuple[float, float] | None:
    if wanted.start_ns is None and wanted.end_ns is None:
        return None
    start = span.x(wanted.start_ns if wanted.start_ns is not None else span.low)
    end = span.x(wanted.end_ns if wanted.end_ns is not None else span.high)
    return round(start, 1), round(max(0.0, end - start), 1)


def _labels(span: Span, zone: tzinfo) -> list[tuple[float, str]]:
    length = span.high - span.low
    steps = (*FINE_STEPS_NS, *(s * SECOND_NS for s in STEPS_S))
    step = next((s for s in steps if length / s <= MOST_LABELS), steps[-1])
    made: list[tuple[float, str]] = []
    at = -(-span.low // step) * step
    while at <= span.high and len(made) < 2 * MOST_LABELS:
        clock, _, fraction = wall_time(at, zone).partition(".")
        made.append((round(span.x(at), 1), clock if step >= SECOND_NS else f"{clock[-2:]}.{fraction.rstrip('0') or '0'}"))
        at += step
    return made


def _length(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    return f"{seconds * 1000:,.1f} ms" if seconds >= 0.001 else f"{seconds * 1e6:,.1f} µs"

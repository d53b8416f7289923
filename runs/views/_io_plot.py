"""The I/O graph as numbers for an SVG: what the page shows without JavaScript and on paper; nothing is drawn here."""

from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array
from runs.services.capture_io import SECOND_NS, Range, Series, step_for
from runs.views._capture_words import FAMILY_WORDS

WIDTH, LEFT, RIGHT, TOP, BASE, LANE = 1390, 96, 1378, 14, 160, 18
STEPS = 240
MOST_LABELS = 9
TINTS = {"retransmission": "warnfill", "reset": "failfill", "zero_window": "failfill"}
_SCALES = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


class LaneShape(NamedTuple):
    """One family of remarks: its word, its heights, one path of all its bars."""

    word: str
    y: int
    text_y: int
    path: str
    tint: str


class Band(NamedTuple):
    """The stretch that a finding cites, in the picture's coordinates; `id` is left out where it would lie over another."""

    id: str
    x: float
    width: float


class Plot(NamedTuple):
    """The picture's parts, in its own coordinates."""

    height: int
    area: str
    levels: list[tuple[float, float, str]]  # height of the line, of its text, and the text
    lanes: list[LaneShape]
    labels: list[tuple[float, str]]
    bands: list[Band]
    axis_y: int


def rate(value: float, unit: str) -> str:
    """'4 MB/s', '1.2 k/s' (frames): at most three digits that count."""
    for size, prefix in _SCALES:
        if value >= size:
            return f"{value / size:.3g} {prefix}{'B' if unit == 'bytes' else ''}/s"
    return f"{value:.3g} {'B' if unit == 'bytes' else ''}/s"


def since_start(ns: int, step_ns: int) -> str:
    """A label below the graph: '2 s', '0.25 s', and '1:05:00' where labels lie minutes apart."""
    seconds = ns // SECOND_NS
    if step_ns >= 60 * SECOND_NS:
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{ns / SECOND_NS:.9f}".rstrip("0").rstrip(".") + " s"


def io_plot(series: Series, wanted: Range, unit: str, spans: list[tuple[str, int, int]]) -> Plot:
    """The graph of a range. `spans`: (finding, first, last) in ns from the earliest frame."""
    lanes_top = BASE + 10
    axis = lanes_top + LANE * len(series.families) + 8
    values = (series.bytes if unit == "bytes" else series.frames) * (SECOND_NS / series.step_ns)
    top = _nice(float(values.max()) if len(values) else 0.0)
    return Plot(
        height=axis + 24,
        area=_area(values, top, series, wanted),
        levels=[
            (y, y + 4, rate(top * part / 2, unit)) for part in range(3) for y in [round(BASE - (BASE - TOP - 16) * part / 2, 1)]
        ],
        lanes=[
            LaneShape(
                str(FAMILY_WORDS[family.name]), lanes_top + LANE * n + 8, lanes_top + LANE * n + 12,
                _bars(family.frames, lanes_top + LANE * n + 8, series, wanted), TINTS.get(family.name, "bar"),
            )
            for n, family in enumerate(series.families)
        ],
        labels=_labels(wanted),
        bands=_bands(wanted, spans),
        axis_y=axis,
    )  # fmt: skip


def _bands(wanted: Range, spans: list[tuple[str, int, int]]) -> list[Band]:
    made, free = [], 0.0
    for id, first, last in spans:
        if last >= wanted.low and first <= wanted.high:
            left, right = _x(first, wanted), _x(last, wanted)
            made.append(Band(id if left >= free else "", left, max(2.0, round(right - left, 1))))
            free = left + 8 + 7 * len(id) if left >= free else free
    return made


def _nice(value: float) -> float:
    """The next of 1, 2, 4, 5 and 10 times a power of ten: half of it is a good label too."""
    if value <= 0:
        return 2.0
    scale = 10.0 ** int(np.floor(np.log10(value)))
    return next(digit * scale for digit in (1, 2, 4, 5, 6, 8, 10) if digit * scale >= value * 0.9999)


def _x(ns: int, wanted: Range) -> float:
    part = (ns - wanted.low) / (wanted.high - wanted.low)
    return round(LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, part)), 1)


def _area(values: Array, top: float, series: Series, wanted: Range) -> str:
    parts = [f"M{LEFT} {BASE}"]
    for n, value in enumerate(values.tolist()):
        y = BASE - (BASE - TOP - 16) * min(1.0, value / top)
        parts.append(f"V{y:.1f}H{_x(series.start_ns + (n + 1) * series.step_ns, wanted)}")
    return "".join(parts) + f"V{BASE}z"


def _bars(frames: Array, middle: int, series: Series, wanted: Range) -> str:
    most = max(1, int(frames.max()))
    width = max(2.0, min(6.0, (RIGHT - LEFT) / len(frames) - 1))
    made = []
    for n in np.flatnonzero(frames).tolist():
        half = 2 + 4 * float(frames[n]) / most
        at = max(series.start_ns + n * series.step_ns, wanted.low)
        made.append(f"M{_x(at, wanted)} {middle - half:.1f}h{width:.1f}v{2 * half:.1f}h-{width:.1f}z")
    return "".join(made)


def _labels(wanted: Range) -> list[tuple[float, str]]:
    step = step_for(wanted.high - wanted.low, MOST_LABELS)
    first = -(-wanted.low // step)
    return [(_x(n * step, wanted), since_start(n * step, step)) for n in range(first, wanted.high // step + 1)]

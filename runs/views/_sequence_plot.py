"""Graphs of a TCP conversation as pictures: sequence numbers with ACKs and window, round-trip times, windows over time."""

from collections.abc import Callable

import numpy as np
from django.utils.translation import gettext as _

from runs.analysis.columns import Array
from runs.analysis.messages import duration
from runs.analysis.packets import schema
from runs.analysis.packets.graphs import SequenceGraph, Series, round_trips, sequence_graph, thinned, windows
from runs.services.conversation_view import Opened
from runs.views._drawing import Drawing, Label, Stroke

WIDE, HALF, LEFT, MARGIN, TOP = 1360, 660, 84, 24, 14
MOST_MARKS = 2_000
_NICE = (1, 2, 2.5, 5, 10)


class Frame:
    """Axes: from ns and values to places in the picture."""

    def __init__(self, width: int, times: tuple[int, int], values: tuple[float, float], base: int) -> None:
        self.right = width - MARGIN
        self.start, self.span = times[0], max(1, times[1] - times[0])
        self.low, self.height = values[0], max(1e-9, values[1] - values[0])
        self.base = base

    def x(self, ts_ns: Array) -> Array:
        """Places of times."""
        return np.asarray(np.round(LEFT + (self.right - LEFT) * ((ts_ns - self.start) / self.span), 1))

    def y(self, value: Array) -> Array:
        """Places of values; what lies outside of the axis stands at its edge."""
        part = np.clip((value - self.low) / self.height, 0, 1)
        return np.asarray(np.round(self.base - (self.base - TOP) * part, 1))


def sequence_plot(opened: Opened, conversation: int, rows: Array, side: int) -> tuple[Drawing, SequenceGraph]:
    """What one side sent by its relative sequence numbers, with the other's ACKs and window edge."""
    graph = _graph(opened, conversation, rows, side)
    made = Drawing(_("Sequence numbers over time"), WIDE, 320)
    reach = [float(s.value.max()) for s in (graph.end, graph.ack) if len(s.value)] or [1.0]
    frame = Frame(WIDE, _times(opened, rows), (0.0, max(1.0, *reach) * 1.03), 290)
    _axes(made, frame, lambda value: f"{value:,.0f}")
    made.strokes.append(Stroke(_steps(frame, thinned(graph.window_edge)), "edge", _("edge of the window")))
    made.strokes.append(Stroke(_steps(frame, thinned(graph.ack)), "ackline", _("acknowledged")))
    resent = graph.remarks & schema.RESENT != 0
    made.strokes.append(Stroke(_segments(frame, graph, ~resent), "sent", _("sent")))
    made.over.append(Stroke(_crosses(frame, graph, resent), "warnline open", _("sent again")))
    lost = graph.remarks & (schema.LOST_SEGMENT | schema.OUT_OF_ORDER) != 0
    made.over.append(Stroke(_triangles(frame, graph, lost), "noteline open", _("behind a gap, or out of order")))
    return made, graph


def round_trip_plot(opened: Opened, rows: Array, graph: SequenceGraph) -> Drawing | None:
    """Round-trip times of one side's segments; None without a sample."""
    found = round_trips(graph)
    if not len(found.value):
        return None
    made = Drawing(_("Round-trip times"), HALF, 190)
    frame = Frame(HALF, _times(opened, rows), (0.0, float(found.value.max()) * 1.05), 150)
    _axes(made, frame, lambda value: duration(int(value)), 2)
    shown = thinned(found)
    points = np.unique(np.column_stack((frame.x(shown.ts_ns), frame.y(shown.value))), axis=0)
    made.strokes.append(Stroke("".join(f"M{x:g} {y - 2:g}h2v4h-4v-4z" for x, y in points.tolist()), "dot"))
    return made


def window_plot(opened: Opened, conversation: int, rows: Array) -> Drawing | None:
    """What each side offers to take, over time; None without a frame."""
    scales = opened.pair("window_scales", conversation)
    offered = [windows(opened.packets, rows, side, scales) for side in (0, 1)]
    most = max((float(one.value.max()) for one in offered if len(one.value)), default=0.0)
    if not most:
        return None
    made = Drawing(_("Windows over time"), HALF, 190)
    frame = Frame(HALF, _times(opened, rows), (0.0, most * 1.05), 150)
    _axes(made, frame, lambda value: f"{value:,.0f} B", 2)
    for one, kind, words in zip(offered, ("go", "back dash"), (_("originator"), _("responder")), strict=True):
        made.strokes.append(Stroke(_steps(frame, thinned(one)), kind, words))
    return made


def _graph(opened: Opened, conversation: int, rows: Array, side: int) -> SequenceGraph:
    bases, scales = opened.pair("base_sequences", conversation), opened.pair("window_scales", conversation)
    return sequence_graph(opened.packets, rows, side, bases, scales)


def _times(opened: Opened, rows: Array) -> tuple[int, int]:
    ts_ns = opened.packets["ts_ns"][rows]
    return int(ts_ns.min()), int(ts_ns.max())


def _step(most: float, count: int) -> float:
    rough = most / count
    scale = 10.0 ** np.floor(np.log10(max(rough, 1e-12)))
    return float(next(digit * scale for digit in _NICE if digit * scale >= rough * 0.999))


def _axes(made: Drawing, frame: Frame, words: Callable[[float], str], levels: int = 4) -> None:
    step = _step(frame.height, levels)
    for n in range(int(frame.height / step) + 1):
        y = float(frame.y(np.array([n * step]))[0])
        made.strokes.append(Stroke(f"M{LEFT} {y:g}H{frame.right}", "axis" if n == 0 else "grid"))
        made.labels.append(Label(LEFT - 8, y + 4, words(n * step), anchor="end"))
    step = _step(frame.span / 1e9, 9 if made.width == WIDE else 5)
    for n in range(int(frame.span / 1e9 / step) + 1):
        x = float(frame.x(np.array([frame.start + n * step * 1e9]))[0])
        made.strokes.append(Stroke(f"M{x:g} {frame.base}v4", "axis"))
        made.labels.append(Label(x, frame.base + 17, duration(int(n * step * 1e9)) if n else "0", anchor="middle"))


def _steps(frame: Frame, series: Series) -> str:
    if not len(series.value):
        return ""
    points = np.column_stack((frame.x(series.ts_ns), frame.y(series.value)))
    keep = np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))
    first, *rest = points[keep].tolist()
    return f"M{first[0]:g} {first[1]:g}" + "".join(f"H{x:g}V{y:g}" for x, y in rest)


def _places(frame: Frame, graph: SequenceGraph, chosen: Array) -> list[list[float]]:
    """Different places of some segments: x, y of the first byte, y behind the last."""
    columns = (frame.x(graph.end.ts_ns[chosen]), frame.y(graph.start.value[chosen]), frame.y(graph.end.value[chosen]))
    found: list[list[float]] = np.unique(np.column_stack(columns), axis=0).tolist()
    return found


def _segments(frame: Frame, graph: SequenceGraph, chosen: Array) -> str:
    if np.count_nonzero(chosen) > MOST_MARKS:
        chosen = chosen & np.isin(
            graph.end.row, thinned(Series(graph.end.ts_ns[chosen], graph.end.value[chosen], graph.end.row[chosen])).row
        )
    return "".join(f"M{x:g} {low + 0.5:g}V{high - 0.5:g}" for x, low, high in _places(frame, graph, chosen))


def _crosses(frame: Frame, graph: SequenceGraph, chosen: Array) -> str:
    return "".join(f"M{x - 4:g} {y - 4:g}l8 8m0-8l-8 8" for x, y, _high in _places(frame, graph, chosen))


def _triangles(frame: Frame, graph: SequenceGraph, chosen: Array) -> str:
    return "".join(f"M{x:g} {y - 9:g}l3.5 6h-7z" for x, y, _high in _places(frame, graph, chosen))

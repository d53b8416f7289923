"""A comparison arranged for its page: phases of each pair, the two conversations frame by frame, timings with a plot."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs.analysis.comparison.divergence import SORTS
from runs.analysis.comparison.frames import SHOWN_ALIKE, SHOWN_BEHIND, Step
from runs.analysis.comparison.pairs import Pair, phase_of
from runs.analysis.comparison.sides import Side
from runs.analysis.facts.attempt import PHASES, Phase
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import Text
from runs.analysis.report import Statement
from runs.models import Run
from runs.services.compare import Comparison
from runs.services.reports import files_by_path
from runs.views._times import seconds

PLOT_LEFT, PLOT_RIGHT, ROW = 260, 1180, 30
METRICS: tuple[tuple[str, str | Promise], ...] = (
    ("connect", _("handshake")),
    ("first_byte", _("first byte")),
    ("complete", _("complete")),
)


class PairCell(NamedTuple):
    """One phase of both sides."""

    first: Phase | None
    second: Phase | None
    differs: bool


class PairRow(NamedTuple):
    """A pair of attempts by phase."""

    label: Text
    cells: list[PairCell]
    only: str  # '', 'first', 'second': the side that alone has it


class FrameRow(NamedTuple):
    """A frame of one side: `at` since the conversation's first; a folded row stands for `more`."""

    number: int
    at: str
    arrow: str
    what: Text | None
    length: int
    citation: Citation | None
    is_behind: bool  # behind the place where the two part
    more: int = 0


class TimingRow(NamedTuple):
    """A duration of both sides, with the places of their dots in the plot."""

    label: Text
    metric: str | Promise
    first_ns: int
    second_ns: int
    first_x: float
    second_x: float
    y: int


def comparison_context(made: Comparison, run: Run, other: Run, context: dict[str, Any]) -> dict[str, Any]:
    """Context of `runs/compare.html` beside the run's own; files of the second side are linked to their own run."""
    files = context["evidence"] if other.pk == run.pk else files_by_path(other)
    timings, ticks = _timings(made.pairs)
    parting = made.divergence.parting
    columns: list[tuple[Side, Run, Any, list[FrameRow]]] = []
    if parting is not None:
        course = parting.course
        bad = (made.bad, parting.bad, course.left, course.left_at)
        good = (made.good, parting.good, course.right, course.right_at)
        order = (bad, good) if made.bad_is_first else (good, bad)
        runs = ((run, context["evidence"]), (other, files))
        columns = [
            (side, of, shown, _frames(conversation, steps, at))
            for (side, conversation, steps, at), (of, shown) in zip(order, runs, strict=True)
        ]
    return {
        "second_files": files,
        "said": [_said(said.is_bad == made.bad_is_first, said.statement) for said in made.divergence.statements],
        "pair_rows": [_pair_row(pair) for pair in made.pairs],
        "phases": PHASES,
        "stop": made.divergence.phase,
        "frame_columns": columns,
        "parting": parting,
        "timings": timings,
        "ticks": ticks,
        "plot_height": ROW * len(timings) + 36,
        "drift_count": sum(drift.count for drift in made.drifts.areas),
        "not_listed": _one_sided(made),
    }


def _said(is_first: bool, statement: Statement) -> tuple[str, Statement]:
    """A sentence with the side whose files it cites."""
    return ("first" if is_first else "second"), statement


def _one_sided(made: Comparison) -> list[tuple[str, str]]:
    """Areas of configuration that only one side lists, with the side that has no listing."""
    ours = [(area, made.second.name) for area in made.drifts.only_left_lists]
    return ours + [(area, made.first.name) for area in made.drifts.only_right_lists]


def _pair_row(pair: Pair) -> PairRow:
    shown = pair.left or pair.right
    assert shown is not None
    only = "second" if pair.left is None else "first" if pair.right is None else ""
    cells = []
    for name in PHASES:
        first = phase_of(pair.left, name) if pair.left else None
        second = phase_of(pair.right, name) if pair.right else None
        cells.append(PairCell(first, second, bool(first and second and name == pair.differs_at)))
    return PairRow(shown.label, cells, only)


def _frames(conversation: Conversation, steps: Sequence[Step], at: int) -> list[FrameRow]:
    """Some frames before the two part and some behind; what lies between is folded."""
    begin = max(0, at - SHOWN_ALIKE)
    shown = list(range(begin, min(len(steps), at + SHOWN_BEHIND)))
    last = [n for n in range(max(len(steps) - 2, 0), len(steps)) if n not in shown]
    made = [FrameRow(0, "", "", None, 0, None, False, begin)] if begin else []
    made += [_frame(conversation, steps[n], n >= at) for n in shown]
    if last and shown and last[0] > shown[-1] + 1:
        made.append(FrameRow(0, "", "", None, 0, None, True, last[0] - shown[-1] - 1))
    return made + [_frame(conversation, steps[n], True) for n in last]


def _frame(conversation: Conversation, step: Step, is_behind: bool) -> FrameRow:
    place = Citation(conversation.file, frames=(step.frame,))
    return FrameRow(
        step.frame, seconds(step.since_ns), "←" if step.from_responder else "→", SORTS[step.sort](), step.length, place, is_behind
    )


def _timings(pairs: Sequence[Pair]) -> tuple[list[TimingRow], list[tuple[float, str]]]:
    """Durations that both sides have, and the decades of the logarithmic axis."""
    found = []
    for pair in pairs:
        for name, word in METRICS:
            first = phase_of(pair.left, name) if pair.left else None
            second = phase_of(pair.right, name) if pair.right else None
            if (
                pair.left
                and first
                and second
                and first.duration_ns
                and second.duration_ns
                and {first.result, second.result} == {"ok"}
            ):
                found.append((pair.left.label, word, first.duration_ns, second.duration_ns))
    if not found:
        return [], []
    low = math.floor(math.log10(min(min(a, b) for _l, _w, a, b in found)))
    high = math.ceil(math.log10(max(max(a, b) for _l, _w, a, b in found)))
    high = max(high, low + 1)

    def x(ns: int) -> float:
        return round(PLOT_LEFT + (PLOT_RIGHT - PLOT_LEFT) * (math.log10(ns) - low) / (high - low), 1)

    rows = [TimingRow(label, word, a, b, x(a), x(b), ROW * n + 20) for n, (label, word, a, b) in enumerate(found)]
    return rows, [(x(10**power), _decade(power)) for power in range(low, high + 1)]


def _decade(power: int) -> str:
    units = ("ns", "µs", "ms", "s")
    unit = min(max(power // 3, 0), 3)
    return f"{10 ** (power - 3 * unit)} {units[unit]}"

"""The merged timeline of a run: frames, log records, steps of attempts and notes in one order of time, a page at a time.

Each lane gives sorted times; a page takes from each lane what lies behind the last row shown and merges that, so the work for a page
does not grow with the run.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.facts.log import LEVELS
from runs.analysis.packets import schema
from runs.analysis.packets.schema import column
from runs.analysis.report import FileReport, Report
from runs.models import Run
from runs.services.frames import Kept
from runs.services.reports import StoredTables
from runs.services.timeline_lanes import Lane, lanes_of, lines_of

PAGE_ROWS = 200
FOLDED_EVENTS = 1_000  # events that a page with folded repetitions is made of at most
KEPT_LANES_BYTES = 96 << 20
STREAMED_ROWS = 4_000  # merged at once by `stream`

NOTICE, WARNING, ERROR = (LEVELS.index(word) for word in ("notice", "warning", "error"))
OF_SEVERITY = {"chat": 0, "note": NOTICE, "warn": WARNING, "error": ERROR}

Positions = Mapping[int, Array]  # of some lanes, by number: positions in the lane, rising


class Event(NamedTuple):
    """One row: when, from which lane, and which row of that lane's table."""

    ts_ns: int
    lane: int
    row: int
    position: int  # in the lane


class Cursor(NamedTuple):
    """Where a page begins: at this time, in this lane, at this position."""

    ts_ns: int
    lane: int
    position: int


@dataclass(frozen=True)
class Filter:
    """What is shown: a range of time, some lanes, events from a level on, and of these only some positions."""

    start_ns: int | None = None
    end_ns: int | None = None
    lanes: frozenset[int] | None = None
    level: int = 0
    only: Positions | None = None

    def among(self, positions: Positions) -> "Filter":
        """This filter, narrowed to these positions."""
        if self.only is None:
            return replace(self, only=positions)
        return replace(self, only={n: np.intersect1d(self.only[n], p, True) for n, p in positions.items() if n in self.only})


@dataclass(frozen=True)
class TimelinePage:
    """Events from a place on, those right before it, where the next ones begin, and how many fit the filter at all."""

    events: list[Event]
    earlier: list[Event]
    next: Cursor | None
    total: int


_lanes: Kept[tuple[str, int], list[Lane]] = Kept(KEPT_LANES_BYTES)


def run_lanes(run: Run, report: Report, tables: StoredTables) -> list[Lane]:
    """The lanes of a run's present report; those of the runs looked at last are kept."""
    key = (run.key, run.concluded_revision)
    return _lanes.get(key, lambda: lanes_of(report, tables), lambda lanes: sum(lane.nbytes for lane in lanes) + 1)


def undated(report: Report, lanes: Iterable[Lane]) -> list[FileReport]:
    """The files that have no place in the order of time."""
    dated = {lane.path for lane in lanes if lane.kind != "note"}
    return [f for f in report.files if f.path not in dated and f.state not in ("refused", "failed") and f.size_bytes]


def first_ns(lanes: Iterable[Lane]) -> int | None:
    """The first event of all that was recorded; a note's only where there is nothing else."""
    lanes = list(lanes)
    recorded = [lane for lane in lanes if lane.kind != "note"] or lanes
    return min((int(lane.ts_ns[0]) for lane in recorded if len(lane.ts_ns)), default=None)


def page(lanes: Sequence[Lane], wanted: Filter, at: Cursor | None, rows: int = PAGE_ROWS) -> TimelinePage:
    """The events from the cursor on (from the first one without it), at most `rows`, and as many before it."""
    shown = [(number, _selected(lane, number, wanted)) for number, lane in enumerate(lanes)]
    starts = {number: _behind(lanes[number], number, chosen, at) for number, chosen in shown}
    after = _merged(lanes, ((n, chosen[starts[n] : starts[n] + rows + 1]) for n, chosen in shown))
    earlier = _merged(lanes, ((n, chosen[max(0, starts[n] - rows) : starts[n]]) for n, chosen in shown))[-rows:]
    events, rest = after[:rows], after[rows:]
    return TimelinePage(
        events=events,
        earlier=earlier,
        next=cursor_of(rest[0]) if rest else None,
        total=sum(len(chosen) for _, chosen in shown),
    )


def stream(lanes: Sequence[Lane], wanted: Filter, most: int) -> Iterator[Event]:
    """All events that fit, in order, at most so many."""
    at: Cursor | None = None
    while most > 0:
        part = page(lanes, wanted, at, min(most, STREAMED_ROWS))
        yield from part.events
        most -= len(part.events)
        if part.next is None:
            return
        at = part.next


def cursor_of(event: Event) -> Cursor:
    """Where a page begins that begins with this event."""
    return Cursor(event.ts_ns, event.lane, event.position)


def _selected(lane: Lane, number: int, wanted: Filter) -> Array:
    """Positions in the lane that fit the filter, in order."""
    if wanted.lanes is not None and number not in wanted.lanes:
        return np.empty(0, np.int64)
    low = 0 if wanted.start_ns is None else int(np.searchsorted(lane.ts_ns, wanted.start_ns, "left"))
    high = len(lane.ts_ns) if wanted.end_ns is None else int(np.searchsorted(lane.ts_ns, wanted.end_ns, "right"))
    high = max(low, high)
    if wanted.only is None:
        positions: Array = np.arange(low, high)
    else:
        positions = wanted.only.get(number, np.empty(0, np.int64))
        positions = positions[np.searchsorted(positions, low) : np.searchsorted(positions, high)]
    return positions[levels(lane, positions) >= wanted.level] if wanted.level and lane.kind != "note" else positions


def level_of(lane: Lane, event: Event) -> int:
    """The level of one event: see `levels`, whose columns cost a page of single frames a third of its time."""
    if lane.kind != "frame" or lane.table is None:
        return int(levels(lane, np.array([event.position]))[0])
    bits = int(column(lane.table, "remarks")[event.row])
    found = max((OF_SEVERITY[remark.severity] for remark in schema.REMARKS if bits & remark.bit), default=0) if bits else 0
    is_tcp = int(lane.table["protocol"][event.row]) == schema.TCP
    return max(found, WARNING) if is_tcp and int(lane.table["tcp_flags"][event.row]) & schema.RST else found


def levels(lane: Lane, positions: Array) -> Array:
    """The level of each event: a record's own; of a frame the gravest remark of TCP analysis, or a reset; of a failed step 'error'."""
    rows = lane.rows[positions]
    if lane.kind == "step":
        return np.array([ERROR if lane.steps[row].result == "failed" else 0 for row in rows.tolist()], np.int64)
    if lane.table is None:
        return np.zeros(len(rows), np.int64)
    if lane.kind == "record":
        return np.asarray(lane.table["level"][rows], np.int64)
    bits = column(lane.table, "remarks")[rows]
    found = np.zeros(len(rows), np.int64)
    for remark in schema.REMARKS:
        found[(bits & remark.bit) != 0] = np.maximum(found[(bits & remark.bit) != 0], OF_SEVERITY[remark.severity])
    is_tcp = np.asarray(lane.table["protocol"][rows]) == schema.TCP
    is_reset = is_tcp & ((np.asarray(lane.table["tcp_flags"][rows]) & schema.RST) != 0)
    return np.where(is_reset, np.maximum(found, WARNING), found)


def _behind(lane: Lane, number: int, chosen: Array, at: Cursor | None) -> int:
    """How many of the chosen positions lie before the cursor."""
    if at is None:
        return 0
    if number == at.lane:
        return int(np.searchsorted(chosen, at.position, "left"))
    side: Literal["left", "right"] = "right" if number < at.lane else "left"
    position = int(np.searchsorted(lane.ts_ns, at.ts_ns, side))
    return int(np.searchsorted(chosen, position, "left"))


def _merged(lanes: Sequence[Lane], parts: Iterable[tuple[int, Array]]) -> list[Event]:
    events = [
        Event(int(lanes[number].ts_ns[position]), number, int(lanes[number].rows[position]), int(position))
        for number, positions in parts
        for position in positions
    ]
    return sorted(events, key=lambda e: (e.ts_ns, e.lane, e.position))


def place(lane: Lane, event: Event) -> tuple[Literal["frames", "lines"], int]:
    """Where the proof of an event stands: a frame's number, or a line's."""
    if lane.kind == "step":
        return "lines", lines_of(lane.steps[event.row], lane.path)[0]
    if lane.kind == "note":
        return "lines", lane.notes[event.row].line
    assert lane.table is not None
    return ("lines", int(lane.table["line"][event.row])) if "line" in lane.table else ("frames", event.row + 1)


def level_word(lane: Lane, event: Event) -> str:
    """The level of a log record, '' where it has none."""
    if lane.kind != "record" or lane.table is None:
        return ""
    level = int(lane.table["level"][event.row])
    return LEVELS[level] if 0 < level < len(LEVELS) else ""

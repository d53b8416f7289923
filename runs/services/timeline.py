"""The merged timeline of a run: frames, log records and steps of attempts in one order of time, a page at a time.

Each source (a *lane*) gives sorted times; a page takes from each lane what lies behind the last row shown and merges that, so the
work for a page does not grow with the run. Times are ns UTC, made by the clock that the report states for the file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from runs.analysis.case import Tables, table_name
from runs.analysis.columns import Array, Table
from runs.analysis.facts.attempt import Phase
from runs.analysis.facts.clock import DAY_NS, utc_offset_ns
from runs.analysis.facts.log import LEVELS, NO_TIME
from runs.analysis.report import FileReport, Report

PAGE_ROWS = 200
HOUR_NS = 3600 * 1_000_000_000
RELATIVE_NS = 1_000_000_000  # a text without dates that begins this near to 0 counts from its own start, not from midnight
COMPARED_FRAMES = 2_000

LaneKind = Literal["frame", "record", "step"]


@dataclass(frozen=True)
class Lane:
    """A source of events, in order of time. `rows` are indexes into its table, or into `steps`."""

    kind: LaneKind
    path: str
    first_line: int  # of the segment; 0: the whole file
    ts_ns: Array
    rows: Array
    table: Table | None = None
    steps: tuple[Phase, ...] = ()
    is_derived: bool = False  # its times come from an assumed zone, or from another file
    copy_of: str | None = None  # path of the capture that this text is a listing of

    @property
    def name(self) -> str:
        """What the address calls it: the path, and the line of a segment."""
        return f"{self.path}@{self.first_line}" if self.first_line else self.path


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
    """What is shown: a range of time, some lanes, records from a level on. Frames and steps have no level."""

    start_ns: int | None = None
    end_ns: int | None = None
    lanes: frozenset[int] | None = None
    level: int = 0


@dataclass(frozen=True)
class TimelinePage:
    """A page of events, the event right before it, and where the pages beside it begin."""

    events: list[Event]
    before: Event | None
    previous: Cursor | None
    next: Cursor | None
    total: int  # events that fit the filter
    zero_ns: int | None  # the first event of all


def lanes_of(report: Report, tables: Tables) -> list[Lane]:
    """The lanes of a run: its captures first, then logs, then attempts as clients logged them. Undated tables give none."""
    found: list[Lane] = []
    for file in report.files:
        for first_line in (0, *(s.lines[0] for s in file.segments)):
            packets = tables.table(file.path, table_name("packets", first_line))
            if packets is not None and len(packets):
                found += _frames(file, first_line, packets)
            events = tables.table(file.path, table_name("events", first_line))
            if events is not None and len(events):
                found += _records(file, first_line, events)
    found += _steps(report)
    order: dict[LaneKind, int] = {"frame": 0, "step": 1, "record": 2}
    return [replace(lane, copy_of=_original(lane, found)) for lane in sorted(found, key=lambda lane: order[lane.kind])]


def _original(lane: Lane, others: Iterable[Lane]) -> str | None:
    """The capture that a tcpdump text lists: nearly all of its times stand there too, to the microsecond."""
    if lane.kind != "frame" or lane.table is None or "line" not in lane.table:
        return None
    times = lane.ts_ns[:COMPARED_FRAMES] // 1000
    for other in others:
        if other.kind == "frame" and other.table is not None and "line" not in other.table:
            known = other.ts_ns // 1000
            at = np.minimum(np.searchsorted(known, times), len(known) - 1)
            if np.count_nonzero(known[at] == times) >= 0.9 * len(times):
                return other.path
    return None


def undated(report: Report, lanes: Iterable[Lane]) -> list[FileReport]:
    """The files that have no place in the order of time."""
    dated = {lane.path for lane in lanes}
    return [f for f in report.files if f.path not in dated and f.state not in ("refused", "failed") and f.size_bytes]


def page(lanes: Sequence[Lane], wanted: Filter, at: Cursor | None, rows: int = PAGE_ROWS) -> TimelinePage:
    """The events from the cursor on (from the first one without it)."""
    shown = [(number, _selected(lane, number, wanted)) for number, lane in enumerate(lanes)]
    starts = {number: _behind(lanes[number], number, chosen, at) for number, chosen in shown}
    after = _merged(lanes, ((n, chosen[starts[n] : starts[n] + rows + 1]) for n, chosen in shown))
    earlier = _merged(lanes, ((n, chosen[max(0, starts[n] - rows) : starts[n]]) for n, chosen in shown))[-rows:]
    events, rest = after[:rows], after[rows:]
    return TimelinePage(
        events=events,
        before=earlier[-1] if earlier else None,
        previous=_cursor(earlier[0]) if earlier else None,
        next=_cursor(rest[0]) if rest else None,
        total=sum(len(chosen) for _, chosen in shown),
        zero_ns=min((int(lane.ts_ns[0]) for lane in lanes if len(lane.ts_ns)), default=None),
    )


def _cursor(event: Event) -> Cursor:
    return Cursor(event.ts_ns, event.lane, event.position)


def _selected(lane: Lane, number: int, wanted: Filter) -> Array:
    """Positions in the lane that fit the filter, in order."""
    if wanted.lanes is not None and number not in wanted.lanes:
        return np.empty(0, np.int64)
    low = 0 if wanted.start_ns is None else int(np.searchsorted(lane.ts_ns, wanted.start_ns, "left"))
    high = len(lane.ts_ns) if wanted.end_ns is None else int(np.searchsorted(lane.ts_ns, wanted.end_ns, "right"))
    positions = np.arange(low, max(low, high))
    if wanted.level and lane.kind == "record" and lane.table is not None:
        return positions[lane.table["level"][lane.rows[low:high]] >= wanted.level]
    return positions


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


def _lane(kind: LaneKind, file: FileReport, first_line: int, ts_ns: Array, rows: Array, table: Table) -> Lane:
    if len(ts_ns) > 1 and bool(np.any(ts_ns[1:] < ts_ns[:-1])):
        order = np.argsort(ts_ns, kind="stable")
        ts_ns, rows = ts_ns[order], rows[order]
    assumed = file.clock is not None and file.clock.source == "assumed"
    is_epoch = kind == "frame" and "line" not in table  # a capture counts from 1970 UTC
    return Lane(kind, file.path, first_line, ts_ns, rows, table, is_derived=assumed and not is_epoch and not table.meta.get("zone"))


def frame_times(file: FileReport, packets: Table) -> Array | None:
    """The times of a file's frames, ns UTC, in file order; None where a text has no clock."""
    ts_ns = packets["ts_ns"]
    if "line" in packets:  # a text's clock face, since midnight where it writes no date
        return _utc(file, ts_ns, has_date=bool(len(ts_ns)) and int(ts_ns.min()) >= 2 * DAY_NS, zone=None)
    offset = file.clock.offset_ns if file.clock else None
    return ts_ns + offset if offset else ts_ns


def _frames(file: FileReport, first_line: int, packets: Table) -> Iterator[Lane]:
    ts_ns = frame_times(file, packets)
    if ts_ns is not None:
        yield _lane("frame", file, first_line, ts_ns, np.arange(len(ts_ns)), packets)


def _records(file: FileReport, first_line: int, events: Table) -> Iterator[Lane]:
    wall = events["wall_ns"]
    rows = np.flatnonzero(wall != NO_TIME)
    if len(rows):
        ts_ns = _utc(file, wall[rows], bool(events.meta.get("has_date", True)), events.meta.get("zone"))
        if ts_ns is not None:
            yield _lane("record", file, first_line, ts_ns, rows, events)


def _utc(file: FileReport, wall_ns: Array, has_date: bool, zone: str | None) -> Array | None:
    """Clock faces of a file as ns UTC; None where nothing says which day it was."""
    if file.clock is None:
        return None
    zone, offset = zone or file.clock.zone, file.clock.offset_ns or 0
    if not has_date:
        if not file.clock.day or not len(wall_ns) or abs(int(wall_ns[0])) < RELATIVE_NS:
            return None
        wall_ns = wall_ns + file.clock.day * DAY_NS
    hours, index = np.unique(wall_ns // HOUR_NS, return_inverse=True)
    offsets = np.array([utc_offset_ns(zone, int(hour) * 3600) for hour in hours], np.int64)
    return np.asarray(wall_ns - offsets[index] + offset)


def _steps(report: Report) -> Iterator[Lane]:
    """What clients logged of attempts: their lines have no clock, the conversation that each is joined to gives the time."""
    by_file: dict[str, list[Phase]] = {}
    for attempt in report.attempts:
        for phase in attempt.phases:
            if phase.at_ns is None:
                continue
            for citation in phase.citations:
                if citation.lines and not any(f.window for f in report.files if f.path == citation.file):
                    by_file.setdefault(citation.file, []).append(phase)
    for path, phases in by_file.items():
        unique = {(p.at_ns, _lines(p, path)): p for p in phases}
        ordered = tuple(sorted(unique.values(), key=lambda p: p.at_ns or 0))
        ts_ns = np.array([p.at_ns for p in ordered], np.int64)
        yield Lane("step", path, 0, ts_ns, np.arange(len(ordered)), steps=ordered, is_derived=True)


def _lines(phase: Phase, path: str) -> tuple[int, ...]:
    return next((c.lines for c in phase.citations if c.file == path), ())


def place(lane: Lane, event: Event) -> tuple[Literal["frames", "lines"], int]:
    """Where the proof of an event stands: a frame's number, or a line's."""
    if lane.table is None:
        return "lines", _lines(lane.steps[event.row], lane.path)[0]
    if "line" in lane.table:
        return "lines", int(lane.table["line"][event.row])
    return "frames", event.row + 1


def level_word(lane: Lane, event: Event) -> str:
    """The level of a log record, '' where it has none."""
    if lane.kind != "record" or lane.table is None:
        return ""
    level = int(lane.table["level"][event.row])
    return LEVELS[level] if 0 < level < len(LEVELS) else ""

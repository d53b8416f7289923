"""The lanes of a run's timeline: its sources, each with its events in order of time.

A capture is split by conversation and a log by the service that wrote it, where these are few. Times are ns UTC, made by the clock
that the report states for the file. Undated tables give no lane.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from runs.analysis.case import Tables, table_name
from runs.analysis.columns import Array, Table
from runs.analysis.facts.attempt import Phase
from runs.analysis.facts.clock import DAY_NS, utc_offset_ns
from runs.analysis.facts.log import NO_TIME
from runs.analysis.packets.conversations import conversation_id
from runs.analysis.report import FileReport, Report, StatedMoment

HOUR_NS = 3600 * 1_000_000_000
RELATIVE_NS = 1_000_000_000  # a text without dates that begins this near to 0 counts from its own start, not from midnight
COMPARED_FRAMES = 2_000
MOST_PARTS = 6  # conversations of a capture, or services of a log, that get a lane of their own
REST = "*"
_NUMBER = re.compile(r"\d{1,10}\Z")
ORDER = ("frame", "step", "record", "note")

LaneKind = Literal["frame", "record", "step", "note"]


@dataclass(frozen=True)
class Lane:
    """A source of events, in order of time. `rows` are indexes into its table, or into `steps` or `notes`."""

    kind: LaneKind
    path: str
    first_line: int  # of the segment; 0: the whole file
    ts_ns: Array
    rows: Array
    table: Table | None = None
    part: str = ""  # row of the conversation, or name of the service; REST: what no other lane of the source has
    steps: tuple[Phase, ...] = ()
    notes: tuple[StatedMoment, ...] = ()
    is_derived: bool = False  # its times come from an assumed zone, or from another file
    copy_of: str | None = None  # path of the capture that this text is a listing of
    conversation: int | None = None  # row in `conversations` where the lane is one

    @property
    def source(self) -> str:
        """The path, and the line of a segment: what all lanes of one source share."""
        return f"{self.path}@{self.first_line}" if self.first_line else self.path

    @property
    def name(self) -> str:
        """What the address calls it: the source, and the part of it."""
        return f"{self.source}~{self.part}" if self.part else self.source

    @property
    def nbytes(self) -> int:
        """Memory of its own arrays."""
        return int(self.ts_ns.nbytes + self.rows.nbytes)

    def numbers(self, positions: Array) -> tuple[Literal["frames", "lines"], Array]:
        """Where the proof of events stands: numbers of frames (from 1) or of lines."""
        rows = self.rows[positions]
        if self.kind == "step":
            return "lines", np.array([lines_of(self.steps[row], self.path)[0] for row in rows.tolist()], np.int64)
        if self.kind == "note":
            return "lines", np.array([self.notes[row].line for row in rows.tolist()], np.int64)
        assert self.table is not None
        if "line" in self.table:
            return "lines", np.asarray(self.table["line"][rows], np.int64)
        return "frames", rows + 1


def lanes_of(report: Report, tables: Tables) -> list[Lane]:
    """The lanes of a run: captures first, then attempts as clients logged them, logs, and what people wrote with a time."""
    found: list[Lane] = []
    for file in report.files:
        for first_line in (0, *(s.lines[0] for s in file.segments)):
            packets = tables.table(file.path, table_name("packets", first_line))
            if packets is not None and len(packets):
                found += _frames(file, first_line, packets)
            events = tables.table(file.path, table_name("events", first_line))
            if events is not None and len(events):
                found += _records(file, first_line, events)
    found += [*_steps(report), *_notes(report)]
    found = [replace(lane, copy_of=_original(lane, found)) for lane in sorted(found, key=lambda lane: ORDER.index(lane.kind))]
    asked = {name for attempt in report.attempts for name in attempt.conversations}
    return [part for lane in found for part in _parts(lane, tables, asked)]


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


def _asked(lane: Lane, tables: Tables, names: Collection[str]) -> list[int]:
    """Rows of the conversations that attempts are about: these get a lane before others."""
    table = tables.table(lane.path, table_name("conversations", lane.first_line))
    if table is None or not names:
        return []
    own = (_NUMBER.search(name) for name in names if name.startswith(f"{lane.path}#"))
    streams = {int(match[0]) for match in own if match}
    rows = np.flatnonzero(np.isin(table["stream"], sorted(streams))).tolist()
    return [n for n in rows if conversation_id(lane.path, int(table["protocol"][n]), int(table["stream"][n])) in names]


def _parts(lane: Lane, tables: Tables, asked: Collection[str]) -> list[Lane]:
    """The lane by its conversations or services; whole where there is only one, or where it repeats another lane."""
    if lane.table is None or lane.copy_of:
        return [lane]
    if lane.kind == "frame" and "conversation" in lane.table:
        parts = _split(np.asarray(lane.table["conversation"])[lane.rows], _asked(lane, tables, asked))
        return [_part(lane, at, str(n) if n is not None else REST, n) for n, at in parts] if len(parts) > 1 else [lane]
    names = lane.table.meta.get("lanes") or []
    if lane.kind == "record" and "lane" in lane.table and len(names) > 1:
        parts = _split(np.asarray(lane.table["lane"])[lane.rows].astype(np.int64), ())
        if len(parts) > 1:
            return [_part(lane, at, (str(names[n])[:60] if n is not None and n < len(names) else "") or REST) for n, at in parts]
    return [lane]


def _part(lane: Lane, at: Array, part: str, conversation: int | None = None) -> Lane:
    return replace(lane, ts_ns=lane.ts_ns[at], rows=lane.rows[at], part=part, conversation=conversation)


def _split(groups: Array, asked: Sequence[int]) -> list[tuple[int | None, Array]]:
    """The positions of each of the greatest groups (of numbers from 0), and at the end (None) of what is in none of them."""
    counts = np.bincount(groups[groups >= 0]) if len(groups) else np.empty(0, np.int64)
    weight = counts.copy()
    first = [n for n in asked if n < len(counts)]
    weight[first] += (counts[first] > 0) * len(groups)
    heaviest = np.argsort(-weight, kind="stable")[:MOST_PARTS]
    chosen = sorted(int(n) for n in heaviest if counts[n])
    made: list[tuple[int | None, Array]] = [(n, np.flatnonzero(groups == n)) for n in chosen]
    rest = np.flatnonzero(~np.isin(groups, chosen))
    return [*made, (None, rest)] if len(rest) else made


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
    dated = {f.path for f in report.files if f.window}
    by_file: dict[str, list[Phase]] = {}
    for attempt in report.attempts:
        for phase in attempt.phases:
            if phase.at_ns is None:
                continue
            for citation in phase.citations:
                if citation.lines and citation.file not in dated:
                    by_file.setdefault(citation.file, []).append(phase)
    for path, phases in by_file.items():
        unique = {(p.at_ns, lines_of(p, path)): p for p in phases}
        ordered = tuple(sorted(unique.values(), key=lambda p: p.at_ns or 0))
        ts_ns = np.array([p.at_ns for p in ordered], np.int64)
        yield Lane("step", path, 0, ts_ns, np.arange(len(ordered)), steps=ordered, is_derived=True)


def _notes(report: Report) -> Iterator[Lane]:
    """Times that people wrote into notes."""
    by_file: dict[str, list[StatedMoment]] = {}
    for moment in report.stated_moments:
        by_file.setdefault(moment.file, []).append(moment)
    for path, moments in by_file.items():
        ordered = tuple(sorted(moments, key=lambda m: (m.ts_ns, m.line)))
        yield Lane("note", path, 0, np.array([m.ts_ns for m in ordered], np.int64), np.arange(len(ordered)), notes=ordered)


def lines_of(phase: Phase, path: str) -> tuple[int, ...]:
    """The lines of a file that a phase cites."""
    return next((c.lines for c in phase.citations if c.file == path), ())


def by_source(lanes: Sequence[Lane]) -> Mapping[str, list[int]]:
    """Numbers of the lanes of each source, in order."""
    found: dict[str, list[int]] = {}
    for number, lane in enumerate(lanes):
        found.setdefault(lane.source, []).append(number)
    return found

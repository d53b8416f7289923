"""Events of the timeline in words: the frame's line, the log's own text, the gaps between them, and what repeats as one row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Tables
from runs.analysis.domain.visible import Piece, pieces
from runs.analysis.facts.base import Citation
from runs.analysis.facts.log import ERROR_LEVEL, LEVELS, NO_TEMPLATE
from runs.analysis.packets import schema
from runs.analysis.source import Source
from runs.models import EvidenceFile, TimelineMark
from runs.services import lines as line_service
from runs.services import storage
from runs.services.timeline import PAGE_ROWS, WARNING, Cursor, Event, TimelinePage, cursor_of, level_of, level_word, place
from runs.services.timeline_lanes import Lane
from runs.services.timeline_places import Kind, Place
from runs.views._packets import Packets
from runs.views._timeline_names import LaneName
from runs.views._timeline_query import cursor_text
from runs.views._times import seconds, wall_time
from runs.wording import masker

GAP_NS = 1_000_000_000
GAP_TIMES = 10  # and so many times the page's usual difference: where every row is seconds apart, silence is no news
LATE_NS = 5_000_000_000
TEXT_CHARACTERS = 300
LEAST_FOLDED = 5  # fewer events that repeat are shown one by one
MINUTE_NS = 60 * 1_000_000_000
EXACT = ("frame", "record")  # lanes with a clock of their own: differences are counted between their events
_STAMP = re.compile(
    r"\s*(?:\d{9,10}\.\d{1,9}"
    r"|\[?(?:\d{4}[-/]\d{2}[-/]\d{2}[T ]|[A-Z][a-z]{2} +\d{1,2} )?\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\s?(?:Z|[+-]\d{2}:?\d{2})?\]?)\s*"
)


class Row(NamedTuple):
    """A row of the timeline. One of a silence has `gap`; one that stands for several events `folded`, how many."""

    gap: str = ""
    folded: int = 0
    until: str = ""  # of the folded: the last one's time
    at: str = ""
    fraction: str = ""
    how: str = ""  # '≈' derived, 'stated' by a person
    since_start: str = ""
    since_before: str = ""
    is_late: bool = False
    is_behind_gap: bool = False
    column: int = 0
    shape: str = ""
    lane: str = ""
    level: str = ""
    pieces: Sequence[Piece] = ()
    is_text: bool = False
    remarks: str = ""
    citation: Citation | None = None
    place: str = ""  # 'a.cap#4', 'b.log:7'
    cursor: str = ""
    is_cited: bool = False
    is_bad: bool = False
    is_open: bool = False
    marks: Sequence[TimelineMark] = ()


class Rows(NamedTuple):
    """The rows of a page, and where the pages beside it begin."""

    rows: list[Row]
    previous: Cursor | None
    next: Cursor | None


@dataclass(frozen=True)
class RowContext:
    """What rows are made with."""

    lanes: Sequence[Lane]
    names: Sequence[LaneName]
    columns: Mapping[int, int]
    cited: Mapping[tuple[str, Kind], set[int]]
    marks: Mapping[tuple[str, Kind, int], Sequence[TimelineMark]]
    files: Mapping[str, EvidenceFile]
    tables: Tables
    zone: tzinfo
    zero_ns: int
    opened: Place | None = None
    fold: bool = True


def timeline_rows(page: TimelinePage, context: RowContext) -> Rows:
    """The page's events as rows, with a row for each silence that stands out, and what repeats folded into one."""
    words = _Words(context)
    groups, earlier = ([*folds(events, words)] if context.fold else [[e] for e in events] for events in (page.events, page.earlier))
    shown, rest = groups[:PAGE_ROWS], groups[PAGE_ROWS:]
    times = [event.ts_ns for events in shown for event in events if context.lanes[event.lane].kind in EXACT]
    gap_ns = max(GAP_NS, GAP_TIMES * int(median([b - a for a, b in pairwise(times)] or [0])))
    before = next((e.ts_ns for e in reversed(page.earlier) if context.lanes[e.lane].kind in EXACT), None)
    made: list[Row] = []
    for events in shown:
        is_exact = context.lanes[events[0].lane].kind in EXACT
        delta = None if before is None or not is_exact else events[0].ts_ns - before
        if delta is not None and delta >= gap_ns:
            made.append(Row(gap=f"{delta / 1e9:,.3f}".rstrip("0").rstrip(".")))
        made.append(words.row(events[0], delta) if len(events) == 1 else words.folded(events))
        if is_exact:
            before = events[-1].ts_ns
    return Rows(made, cursor_of(earlier[-PAGE_ROWS:][0][0]) if earlier else None, cursor_of(rest[0][0]) if rest else page.next)


def folds(events: Sequence[Event], words: "_Words") -> Iterator[list[Event]]:
    """The events one by one, but what repeats behind its first one together: records without news, frames of one kind."""
    run: list[Event] = []
    sort: tuple[int, int] | None = None
    for event in (*events, None):
        own = words.sort_of(event) if event is not None else None
        if event is not None and own is not None and own == sort:
            run.append(event)
            continue
        if len(run) > LEAST_FOLDED:
            yield [run[0]]
            yield run[1:]
        else:
            yield from ([one] for one in run)
        run, sort = ([event] if event is not None else []), own


class _Words:
    """Puts the page's events into words; each file is opened once."""

    def __init__(self, context: RowContext) -> None:
        self._context, self._sources = context, dict[str, Source | None]()
        self._packets = {
            number: Packets.of(context.tables, lane.path, lane.first_line)
            for number, lane in enumerate(context.lanes)
            if lane.kind == "frame" and number in context.columns
        }

    def row(self, event: Event, delta: int | None) -> Row:
        """One event; `delta`: ns since the event before, None where there is nothing to count from."""
        c, lane = self._context, self._context.lanes[event.lane]
        kind, number = place(lane, event)
        at, fraction, how = self._time(event, lane)
        text, remarks, is_bad = self.of(event, lane, number)
        since = event.ts_ns - c.zero_ns
        return Row(
            at=at,
            fraction=fraction,
            how=how,
            since_start=seconds(since) if lane.kind in EXACT else f"{since / 1e9:.0f}",
            since_before="—" if delta is None else seconds(delta),
            is_late=delta is not None and delta >= LATE_NS,
            is_behind_gap=delta is not None and delta >= GAP_NS,
            column=c.columns.get(event.lane, 0),
            shape={"frame": "", "note": "di"}.get(lane.kind, "sq"),
            lane=c.names[event.lane].full,
            level=level_word(lane, event),
            pieces=text,
            is_text=lane.kind != "frame",
            remarks=remarks,
            citation=_citation(lane.path, kind, (number,)),
            place=f"{lane.source}{'#' if kind == 'frames' else ':'}{number}",
            cursor=cursor_text(cursor_of(event)),
            is_cited=number in c.cited.get((lane.path, kind), ()),
            is_bad=is_bad,
            is_open=c.opened is not None and (c.opened.source, c.opened.kind, c.opened.first) == (lane.source, kind, number),
            marks=c.marks.get((lane.path, kind, number), ()),
        )

    def folded(self, events: Sequence[Event]) -> Row:
        """Several events of one lane as one row."""
        c, lane = self._context, self._context.lanes[events[0].lane]
        kind, numbers = lane.numbers(np.array([event.position for event in events]))
        first, last = (self._time(event, lane) for event in (events[0], events[-1]))
        return Row(
            folded=len(events),
            at="".join(first[:2]),
            until="".join(last[:2]),
            column=c.columns.get(events[0].lane, 0),
            lane=c.names[events[0].lane].full,
            is_text=kind == "lines",
            citation=_citation(lane.path, kind, tuple(numbers.tolist())),
            cursor=cursor_text(cursor_of(events[0])),
        )

    def sort_of(self, event: Event) -> tuple[int, int] | None:
        """What an event repeats when the one before it is of the same sort; None for one that is to be seen."""
        lane = self._context.lanes[event.lane]
        kind, number = place(lane, event)
        key = (lane.path, kind, number)
        if lane.table is None or key in self._context.marks or number in self._context.cited.get((lane.path, kind), ()):
            return None
        if level_of(lane, event) >= WARNING:
            return None
        if lane.kind == "record":
            template = int(lane.table["template"][event.row])
            return None if template == NO_TEMPLATE else (event.lane, template)
        if int(lane.table["tcp_flags"][event.row]) & (schema.SYN | schema.FIN | schema.RST):
            return None
        bits = int(schema.column(lane.table, "remarks")[event.row])
        alive = schema.KEEP_ALIVE | schema.KEEP_ALIVE_ACK
        return event.lane, (alive if bits & alive else bits) << 8 | int(lane.table["protocol"][event.row])

    def packets(self, event: Event) -> Packets | None:
        """The tables that a frame stands in; None for what is no frame."""
        return self._packets.get(event.lane)

    def plain(self, event: Event, number: int) -> str:
        """What an event says, as text: secrets masked, control characters by name."""
        return "".join(piece.text for piece in self.of(event, self._context.lanes[event.lane], number)[0])

    def _time(self, event: Event, lane: Lane) -> tuple[str, str, str]:
        """Clock, fraction, and how it is known."""
        at, dot, fraction = wall_time(event.ts_ns, self._context.zone).partition(".")
        if lane.kind == "note":
            note = lane.notes[event.row]
            return at[:5] if note.precision_ns >= MINUTE_NS else at, "", "≈" if note.approximate else "stated"
        return at, dot + fraction, "≈" if lane.is_derived else ""

    def of(self, event: Event, lane: Lane, number: int) -> tuple[Sequence[Piece], str, bool]:
        """The text, the remarks of a frame, and whether it tells of a failure."""
        packets = self._packets.get(event.lane)
        if packets is not None:
            words = packets.words(event.row)
            is_reset = bool(int(packets.table["tcp_flags"][event.row]) & schema.RST) and words.protocol == "TCP"
            told = packets.told(event.row)
            return [Piece("text", told, len(told))], ", ".join(words.remarks), is_reset
        if lane.kind in ("step", "note"):
            return self._line(lane.path, number), "", lane.kind == "step" and lane.steps[event.row].result == "failed"
        assert lane.table is not None
        is_error = ERROR_LEVEL <= int(lane.table["level"][event.row]) < len(LEVELS)
        offset = int(lane.table["offset"][event.row]) if not lane.first_line and "offset" in lane.table else None
        return self._line(lane.path, number, offset), "", is_error

    def _line(self, path: str, number: int, offset: int | None = None) -> Sequence[Piece]:
        source = self.source(path)
        if source is None:
            return []
        text = line_service.read_line(source, self._context.files[path].blob_id or "", number, offset)
        return pieces(text[_stamp_end(text) :][:TEXT_CHARACTERS], masker())

    def source(self, path: str) -> Source | None:
        """The bytes of a file of the run; None where they are not kept."""
        if path not in self._sources:
            file = self._context.files.get(path)
            try:
                self._sources[path] = Source(storage.blob_path(file.blob_id or ""), path) if file else None
            except FileNotFoundError:
                self._sources[path] = None
        return self._sources[path]


def words_of(context: RowContext) -> _Words:
    """What puts events into words, for rows that are not a page's."""
    return _Words(context)


def _citation(path: str, kind: Kind, numbers: tuple[int, ...]) -> Citation:
    return Citation(path, frames=numbers) if kind == "frames" else Citation(path, lines=numbers)


def _stamp_end(text: str) -> int:
    """Where the line goes on behind its own time stamp, which stands in a column already."""
    match = _STAMP.match(text)
    return match.end() if match else 0

"""Events of the timeline in words: the frame's line, the log's own text, and the gaps between them."""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from runs.analysis.case import Tables
from runs.analysis.domain.visible import Piece, pieces
from runs.analysis.facts.base import Citation
from runs.analysis.facts.log import ERROR_LEVEL, LEVELS
from runs.analysis.packets import schema
from runs.analysis.report import FileReport, Report
from runs.analysis.source import Source
from runs.models import EvidenceFile
from runs.services import lines as line_service
from runs.services import storage
from runs.services.timeline import Event, Lane, TimelinePage, level_word, place
from runs.views._packets import Packets
from runs.views._times import seconds, wall_time
from runs.wording import masker

GAP_NS = 1_000_000_000
GAP_TIMES = 10  # and so many times the page's usual difference: where every row is seconds apart, silence is no news
LATE_NS = 5_000_000_000
LANE_COLUMNS = 10  # further lanes share the last one
TEXT_CHARACTERS = 300
_STAMP = re.compile(
    r"\s*(?:\d{9,10}\.\d{1,9}"
    r"|\[?(?:\d{4}[-/]\d{2}[-/]\d{2}[T ]|[A-Z][a-z]{2} +\d{1,2} )?\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\s?(?:Z|[+-]\d{2}:?\d{2})?\]?)\s*"
)


class Row(NamedTuple):
    """A row of the timeline; a gap has `gap` and nothing else."""

    gap: str = ""
    at: str = ""
    fraction: str = ""
    is_derived: bool = False
    since_start: str = ""
    since_before: str = ""
    is_late: bool = False
    column: int = 0
    shape: str = ""
    level: str = ""
    pieces: Sequence[Piece] = ()
    is_text: bool = False
    remarks: str = ""
    citation: Citation | None = None
    is_cited: bool = False
    is_bad: bool = False


def columns_of(lanes: Sequence[Lane], shown: Iterable[int]) -> tuple[dict[int, int], list[tuple[str, str]]]:
    """The column of each lane shown, and short and full name of each column."""
    columns = {lane: min(at, LANE_COLUMNS - 1) for at, lane in enumerate(shown)}
    names: list[list[str]] = []
    for lane, column in columns.items():
        if column == len(names):
            names.append([])
        names[column].append(lanes[lane].name)
    return columns, [("…" if len(some) > 1 else _label(some[0]), ", ".join(some)) for some in names]


def _label(name: str) -> str:
    stem = posixpath.splitext(posixpath.basename(name))[0]
    return stem if len(stem) <= 12 else f"{stem[:5]}…{stem[-6:]}"


def timeline_rows(
    page: TimelinePage,
    lanes: Sequence[Lane],
    columns: Mapping[int, int],
    report: Report,
    files: Mapping[str, EvidenceFile],
    tables: Tables,
    zone: tzinfo,
) -> list[Row]:
    """The page's events as rows, with a row for each silence that stands out."""
    words = _Words(lanes, files, tables)
    cited = _cited(report)
    made: list[Row] = []
    before = page.before.ts_ns if page.before else None
    times = [event.ts_ns for event in page.events]
    gap_ns = max(GAP_NS, GAP_TIMES * int(median([b - a for a, b in pairwise(times)] or [0])))
    for event in page.events:
        delta = None if before is None else event.ts_ns - before
        if delta is not None and delta >= gap_ns:
            made.append(Row(gap=f"{delta / 1e9:,.3f}".rstrip("0").rstrip(".")))
        made.append(_row(event, lanes[event.lane], columns.get(event.lane, 0), words, cited, delta, page.zero_ns or 0, zone))
        before = event.ts_ns
    return made


def _row(
    event: Event,
    lane: Lane,
    column: int,
    words: "_Words",
    cited: set[tuple[str, str, int]],
    delta: int | None,
    zero_ns: int,
    zone: tzinfo,
) -> Row:
    kind, number = place(lane, event)
    at, dot, fraction = wall_time(event.ts_ns, zone).partition(".")
    text, remarks, is_bad = words.of(event, lane, number)
    citation = Citation(lane.path, frames=(number,)) if kind == "frames" else Citation(lane.path, lines=(number,))
    return Row(
        at=at,
        fraction=dot + fraction,
        is_derived=lane.is_derived,
        since_start=seconds(event.ts_ns - zero_ns),
        since_before="—" if delta is None else seconds(delta),
        is_late=delta is not None and delta >= LATE_NS,
        column=column,
        shape="" if lane.kind == "frame" else "sq",
        level=level_word(lane, event),
        pieces=text,
        is_text=lane.kind != "frame",
        remarks=remarks,
        citation=citation,
        is_cited=(lane.path, kind, number) in cited,
        is_bad=is_bad,
    )


def _cited(report: Report) -> set[tuple[str, str, int]]:
    places: set[tuple[str, str, int]] = set()
    for finding in report.findings:
        if finding.outcome == "fail":
            for citation in finding.citations:
                places.update((citation.file, "frames", n) for n in citation.frames)
                places.update((citation.file, "lines", n) for n in citation.lines)
    return places


class _Words:
    """Reads what the page's events say, each file opened once."""

    def __init__(self, lanes: Sequence[Lane], files: Mapping[str, EvidenceFile], tables: Tables) -> None:
        self._files, self._sources = files, dict[str, Source | None]()
        self._packets = {
            number: Packets.of(tables, lane.path, lane.first_line) for number, lane in enumerate(lanes) if lane.kind == "frame"
        }

    def of(self, event: Event, lane: Lane, number: int) -> tuple[Sequence[Piece], str, bool]:
        """The text, the remarks of a frame, and whether it tells of a failure."""
        packets = self._packets.get(event.lane)
        if packets is not None:
            words = packets.words(event.row)
            is_reset = bool(int(packets.table["tcp_flags"][event.row]) & schema.RST) and words.protocol == "TCP"
            told = packets.told(event.row)
            return [Piece("text", told, len(told))], ", ".join(words.remarks), is_reset
        if lane.kind == "step":
            return self._line(lane.path, number), "", lane.steps[event.row].result == "failed"
        assert lane.table is not None
        is_error = ERROR_LEVEL <= int(lane.table["level"][event.row]) < len(LEVELS)
        offset = int(lane.table["offset"][event.row]) if not lane.first_line else None
        return self._line(lane.path, number, offset), "", is_error

    def _line(self, path: str, number: int, offset: int | None = None) -> Sequence[Piece]:
        source = self._source(path)
        if source is None:
            return []
        text = line_service.read_line(source, self._files[path].blob_id or "", number, offset)
        return pieces(text[_stamp_end(text) :][:TEXT_CHARACTERS], masker())

    def _source(self, path: str) -> Source | None:
        if path not in self._sources:
            file = self._files.get(path)
            try:
                self._sources[path] = Source(storage.blob_path(file.blob_id or ""), path) if file else None
            except FileNotFoundError:
                self._sources[path] = None
        return self._sources[path]


def _stamp_end(text: str) -> int:
    """Where the line goes on behind its own time stamp, which stands in a column already."""
    match = _STAMP.match(text)
    return match.end() if match else 0


def why_undated(file: FileReport) -> str | Promise:
    """Why a file has no place in the order of time."""
    if file.kind in ("readme", "note"):
        return _("Written by a person: no event.")
    if file.kind == "curl_log":
        return _("Elapsed seconds only, and no captured conversation to join.")
    if file.kind == "unrecognised":
        return _("Of no known kind: its times are not read.")
    if file.clock is not None and file.window is not None and file.kind == "tcpdump_text":
        return _("Times since its own start only.")
    if file.clock is not None and file.window is None:
        return _("Its times have no date, and nothing else gives one.")
    if file.window is not None:
        return _("It speaks of a span of time, not of moments.")
    return _("Nothing in it has a clock.")

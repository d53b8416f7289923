"""The timeline's address, read and written: range of time, sources, level, search, places, what counts as zero, where a page begins."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from django.http import QueryDict

from runs.analysis.facts.log import LEVELS
from runs.analysis.report import Report
from runs.models import EvidenceFile
from runs.services.timeline import Cursor, Filter
from runs.services.timeline_lanes import Lane
from runs.services.timeline_places import Kind, Place, parse_places, positions_at, positions_of, time_of
from runs.services.timeline_search import MOST_CHARACTERS, search
from runs.views._times import wall_date, wall_time
from runs.wording import masker

LEVELS_OFFERED = ("info", "notice", "warning", "error")
MOST_TYPED = 2_000
_CLOCK = re.compile(r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\Z")
_EPOCH = re.compile(r"(-?\d{1,10})(?:\.(\d{1,9}))?\Z")
SECOND_NS = 1_000_000_000


class Asked(NamedTuple):
    """What an address asks for; `mistakes` names the parts that could not be read and were left out."""

    wanted: Filter
    lanes: frozenset[int]
    level: str
    text: str
    places: str
    only: str  # '', 'cited', 'marked'
    fold: bool
    zero: Place | None
    zero_ns: int | None
    at: Cursor | None
    opened: Place | None
    mistakes: tuple[str, ...]
    frame_filter: str | None
    is_cut: bool

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the place of the page was asked for."""
        w = self.wanted
        return bool(self.text or self.places or self.only or self.level or w.start_ns is not None or w.end_ns is not None)


def read_address(
    asked: QueryDict,
    lanes: Sequence[Lane],
    report: Report,
    files: Mapping[str, EvidenceFile],
    marked: Mapping[tuple[str, Kind], set[int]],
    zone: tzinfo,
    first_ns: int,
) -> Asked:
    """The filter of an address. What cannot be read is left out and told."""
    mistakes: list[str] = []
    start, end, is_bad = _range(asked.get("range", ""), first_ns, zone)
    if is_bad:
        mistakes.append("range")
    level = asked.get("level", "") if asked.get("level", "") in LEVELS_OFFERED else ""
    lanes_shown = _lanes(asked, lanes)
    wanted = Filter(start, end, lanes_shown, LEVELS.index(level) if level else 0)
    typed = asked.get("places", "").strip()[:MOST_TYPED]
    places = parse_places(typed)
    if places is None:
        mistakes.append("places")
    elif places:
        at_places = positions_at(lanes, places)
        if not any(len(p) for p in at_places.values()):
            mistakes.append("places_unknown")
        wanted = wanted.among(at_places)
    only = asked.get("only", "") if asked.get("only") in ("cited", "marked") else ""
    if only:
        wanted = wanted.among(positions_of(lanes, cited(report) if only == "cited" else marked))
    text = asked.get("q", "").strip()[:MOST_CHARACTERS].replace("\0", "")
    found = search(lanes, files, text, masker()) if text else None
    if found is not None:
        wanted = wanted.among(found.positions)
    zero = _place(asked.get("zero", ""))
    zero_ns = time_of(lanes, zero) if zero else None
    if asked.get("zero") and zero_ns is None:
        mistakes.append("zero")
    return Asked(
        wanted, lanes_shown, level, text, typed, only, asked.get("fold") != "0", zero, zero_ns, _cursor(asked.get("at", "")),
        _place(asked.get("open", "")), tuple(mistakes), found.frame_filter if found else None, bool(found and found.is_cut),
    )  # fmt: skip


def cited(report: Report) -> dict[tuple[str, Kind], set[int]]:
    """The frames and lines that findings of a fault cite, by file."""
    places: dict[tuple[str, Kind], set[int]] = {}
    for finding in report.findings:
        if finding.outcome == "fail":
            for citation in finding.citations:
                places.setdefault((citation.file, "frames"), set()).update(citation.frames)
                places.setdefault((citation.file, "lines"), set()).update(citation.lines)
    return places


def _lanes(asked: QueryDict, lanes: Sequence[Lane]) -> frozenset[int]:
    """The lanes asked for, by name or by source; without any, all but texts that repeat a capture."""
    names = set(asked.getlist("lane")) - {""}
    chosen = frozenset(n for n, lane in enumerate(lanes) if lane.name in names or lane.source in names)
    if chosen:
        return chosen
    return frozenset(n for n, lane in enumerate(lanes) if not lane.copy_of or _is_named(asked, lane))


def _is_named(asked: QueryDict, lane: Lane) -> bool:
    return lane.path.rpartition("/")[2] in asked.get("places", "")


def _place(text: str) -> Place | None:
    found = parse_places(text[:MOST_TYPED])
    return found[0] if found else None


def _range(text: str, first_ns: int, zone: tzinfo) -> tuple[int | None, int | None, bool]:
    """Start, end and whether the text is no range. Either side may be left out."""
    text = text.strip()[:80]
    low, dots, high = text.partition("..")
    start, end = _moment(low, first_ns, zone), _moment(high, first_ns, zone)
    is_bad = bool(text) and (not dots or (bool(low.strip()) and start is None) or (bool(high.strip()) and end is None))
    if start is not None and end is not None and end < start:
        start, end = end, start
    return start, end, is_bad


def _moment(text: str, first_ns: int, zone: tzinfo) -> int | None:
    """'17:50:12.5' on the day of the first event, '2026-11-20 17:50:12', or epoch seconds, in the zone, as ns UTC."""
    text = text.strip()
    if match := _EPOCH.match(text):
        fraction = int((match[2] or "").ljust(9, "0"))
        return int(match[1]) * SECOND_NS + (-fraction if text.startswith("-") else fraction)
    match = _CLOCK.match(text)
    if not match:
        return None
    try:
        begin = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=first_ns // SECOND_NS)
        day = datetime.fromisoformat(match[1]).date() if match[1] else begin.astimezone(zone).date()
        at = datetime(day.year, day.month, day.day, int(match[2]), int(match[3]), int(match[4] or 0), tzinfo=zone)
        return int(at.timestamp()) * SECOND_NS + int((match[5] or "").ljust(9, "0"))
    except (ValueError, OverflowError):
        return None


def range_text(start_ns: int | None, end_ns: int | None, first_ns: int, zone: tzinfo) -> str:
    """The range as the address and the field have it: '17:50:12..17:53:50', with dates where they are not the first event's."""
    return (
        "" if start_ns is None and end_ns is None else f"{_written(start_ns, first_ns, zone)}..{_written(end_ns, first_ns, zone)}"
    )


def _written(ts_ns: int | None, first_ns: int, zone: tzinfo) -> str:
    if ts_ns is None:
        return ""
    clock = wall_time(ts_ns, zone).removesuffix(".000000")
    date = wall_date(ts_ns, zone)
    if not date:
        return str(ts_ns // SECOND_NS)
    return clock if date == wall_date(first_ns, zone) else f"{date} {clock}"


def cursor_text(cursor: Cursor | None) -> str:
    """A cursor as the address has it; '' for none."""
    return "" if cursor is None else f"{cursor.ts_ns}.{cursor.lane}.{cursor.position}"


def _cursor(text: str) -> Cursor | None:
    parts = text.split(".")
    if len(parts) != 3 or not all(re.fullmatch(r"-?[0-9]{1,19}", part) for part in parts):
        return None
    ts_ns, lane, position = (int(part) for part in parts)
    return Cursor(ts_ns, lane, position) if abs(ts_ns) < 2**63 and 0 <= lane < 2**31 and 0 <= position < 2**62 else None

"""macOS' unified log as `log show --style json` (one array over many lines) or `--style ndjson` (a record a line).

    [{
      "timestamp" : "2026-03-01 08:15:02.114300+0900",
      "messageType" : "Error",
      "processImagePath" : "\\/usr\\/libexec\\/proxyd",
      "eventMessage" : "accept: too many open files"
    },{

Yields a Log whose lanes are the processes. The array is read record by record and never held as a whole; a record stands on the line
of its message. Refuses other JSON.
"""

import re
from collections.abc import Iterator

import msgspec

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.levels import UNKNOWN, label_level, worded_level
from runs.analysis.domain.log_events import Events
from runs.analysis.domain.log_reader import NO_SUCH_TIME
from runs.analysis.domain.log_times import iso_ns, offset_ns
from runs.analysis.domain.times import zone_text
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, Parsed, Problem, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 3
TITLE = message("macos_log_json.title", en="macOS' unified log as JSON", ja="macOS 統合ログ (JSON)")
_KEY = re.compile(r'\s*"(timestamp|messageType|processImagePath|eventMessage)"\s?:\s?("(?:[^"\\]|\\.)*")\s*,?\s*$')
_WHOLE = re.compile(r'\s*[\[,]?\s*\{.{0,16000}"eventMessage"')
_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,9})([+-]\d{4})")
_END = re.compile(r"\s*\}\s*(?:,\s*\{|\])?\s*,?\s*$")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a record's keys."""
    keys = {match[1] for line in head.head_lines if (match := _KEY.match(line.text))}
    whole = matching(head.head_lines, _WHOLE)
    if whole:
        return because(TITLE, whole[0], CERTAIN)
    if {"timestamp", "eventMessage"} <= keys:
        first = next(line.number for line in head.head_lines if _KEY.match(line.text))
        return because(TITLE, first, CERTAIN)
    return None


def _records(source: Source) -> Iterator[tuple[Line, dict[str, str]]]:
    """The records with the line of their messages."""
    cells: dict[str, str] = {}
    place: Line | None = None
    for line in bounded_lines(source):
        if _WHOLE.match(line.text):
            record = _decoded(line.text.strip().strip("[],"))
            if isinstance(record, dict):
                yield line, {key: str(value) for key, value in record.items()}
            continue
        key = _KEY.match(line.text)
        if key is not None:
            value = _decoded(key[2])
            if isinstance(value, str):
                cells[key[1]] = value
                place = line if place is None or key[1] == "eventMessage" else place
        elif place is not None and "timestamp" in cells and _END.match(line.text):
            if "eventMessage" in cells:
                yield place, cells
            if "eventMessage" in cells or line.text.startswith("}"):
                cells, place = {}, None
    if place is not None and {"timestamp", "eventMessage"} <= cells.keys():
        yield place, cells


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None


def parse(source: Source) -> Parsed:
    """One pass."""
    events = Events("macos_log")
    problems: list[Problem] = []
    zone: str | None = None
    stated = False
    for line, cells in _records(source):
        time = _TIME.match(cells.get("timestamp", ""))
        wall = iso_ns(time[1]) if time else None
        if time is None or wall is None:
            if len(problems) < 100:
                problems.append(Problem(NO_SUCH_TIME(text=cells.get("timestamp", "")[:40]), line=line.number, lost=True))
            continue
        own = zone_text(time[2])
        zone = own if zone is None else zone
        words = cells.get("eventMessage", "")[:8000]
        level = label_level(cells.get("messageType", ""))
        stated = stated or level != UNKNOWN
        lane = cells.get("processImagePath", "").rpartition("/")[2][:80]
        events.add(line.number, line.offset, wall + offset_ns(zone) - offset_ns(own), level or worded_level(words), words, lane)
    lanes = events.lanes
    log, tables = events.finish(zone=zone, precision_ns=1_000, program=lanes[0] if len(lanes) == 1 else None, levels_stated=stated)
    facts = [log] if len(events) else []
    return Parsed(facts=facts, tables=tables if facts else {}, problems=problems, counts={"entries": len(events)})

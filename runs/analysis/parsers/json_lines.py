"""Logs with a JSON object on each line: programs' structured logs, `docker`'s json-file, nginx' and Kubernetes' JSON formats.

    {"time":"2026-03-01T08:15:02.114300+09:00","level":"info","logger":"gate","msg":"listening on :7000"}
    {"ts":1772320503.25,"level":"error","msg":"dial tcp 192.0.2.9:5432: connection refused"}
    {"log":"ready\\n","stream":"stdout","time":"2026-02-28T23:15:04.000000001Z"}
    {"level":50,"time":1772320505250,"pid":812,"name":"api","msg":"pool exhausted"}

Yields a Log whose lanes are the loggers or services. The time, level and message are looked for under the names that loggers use;
numbers are epoch seconds, milliseconds, microseconds or nanoseconds by their size. Refuses systemd's journal, macOS' log, and JSON
documents of several lines.
"""

from typing import Any

import msgspec

from runs.analysis.domain.detection import because
from runs.analysis.domain.levels import CRITICAL, DEBUG, ERROR, INFO, UNKNOWN, WARNING, label_level
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading, read_log
from runs.analysis.domain.log_times import iso_ns, offset_ns
from runs.analysis.domain.times import zone_text
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.log import NO_TIME
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("json_lines.title", en="a log of JSON lines", ja="JSON 行形式のログ")
TIMES = ("time", "ts", "timestamp", "@timestamp", "datetime", "date", "t", "time_local", "time_iso8601", "eventTime", "asctime")
LEVELS = ("level", "severity", "lvl", "levelname", "log.level", "loglevel", "priority")
MESSAGES = ("msg", "message", "log", "event", "text", "error", "request")
LANES = ("service", "logger", "name", "component", "container_name", "app", "stream")
_OTHERS = ("__REALTIME_TIMESTAMP", "_BOOT_ID", "eventMessage")
_STEPS = ((1e17, 1), (1e14, 1_000), (1e11, 1_000_000), (0, SECOND_NS))  # ns, µs, ms, s since 1970 by size
_NUMBERED = ((60, CRITICAL), (50, ERROR), (40, WARNING), (30, INFO), (1, DEBUG))  # bunyan and pino


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two records with a time and a message, strong by one."""
    found = []
    for line in head.head_lines:
        record = _record(line.text)
        if record is not None and not any(key in record for key in _OTHERS):
            time, words = _first(record, TIMES), _first(record, MESSAGES)
            if words is not None and (time is not None or _first(record, LEVELS) is not None):
                found.append(line.number)
    if not found:
        return None
    return because(TITLE, found[0], CERTAIN if len(found) > 1 else STRONG)


def _record(text: str) -> dict[str, Any] | None:
    text = text.strip()
    if not text.startswith("{") or not text.endswith("}"):
        return None
    try:
        record = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _first(record: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


class _Form:
    def __init__(self, reading: LogReading) -> None:
        self.reading = reading

    def entry(self, text: str) -> Entry | None:
        record = _record(text)
        if record is None:
            return None
        words = _first(record, MESSAGES)
        lane = _first(record, LANES)
        said = words if isinstance(words, str) else "" if words is None else msgspec.json.encode(words).decode()
        return Entry(
            self._wall(_first(record, TIMES)), _level(_first(record, LEVELS)), said.rstrip("\n")[:8000], str(lane or "")[:80]
        )

    def _wall(self, time: Any) -> int:
        """The time on the clock face of the first record's zone."""
        if isinstance(time, (int, float)) and not isinstance(time, bool):
            scale = next(scale for least, scale in _STEPS if abs(time) >= least)
            wall = round(time * 1e6) * 1_000 if scale == SECOND_NS else int(time) * scale
            self.reading.precision_ns = min(self.reading.precision_ns, 1_000 if isinstance(time, float) else scale)
            return wall + self._shift("Z") if abs(wall) < 1 << 62 else BAD_TIME
        if not isinstance(time, str) or len(time) < 19 or not time[:4].isascii() or not time[:4].isdigit():
            return NO_TIME
        wall_ns = _iso(time)
        if wall_ns is None:
            return BAD_TIME
        digits = len(time[20:]) - len(time[20:].lstrip("0123456789")) if time[19:20] in (".", ",") else 0
        self.reading.precision_ns = min(self.reading.precision_ns, int(10 ** (9 - min(9, digits))))
        rest = time[19 + (digits + 1 if digits else 0) :].strip()
        return wall_ns + self._shift(zone_text(rest))

    def _shift(self, zone: str | None) -> int:
        if self.reading.zone is None:
            self.reading.zone = zone
        return 0 if zone in (None, self.reading.zone) else offset_ns(self.reading.zone) - offset_ns(zone)


def _iso(time: str) -> int | None:
    try:
        return iso_ns(time)
    except ValueError:  # no digits where a date or a clock has them
        return None


def _level(stated: Any) -> int:
    if isinstance(stated, str):
        return label_level(stated)
    if isinstance(stated, int) and not isinstance(stated, bool) and stated >= 10:
        return next((level for least, level in _NUMBERED if stated >= least), UNKNOWN)
    return UNKNOWN


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("json_lines")
    read_log(source, reading, _Form(reading).entry)
    return reading.parsed()

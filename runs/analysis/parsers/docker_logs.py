"""A container's log by `docker logs -t` (or `kubectl logs --timestamps`): RFC 3339 time with nanoseconds, then what it wrote.

    2026-03-01T08:15:02.114300451Z level=info msg="listening" addr=:7000
    2026-03-01T08:15:03.000000012Z level=error msg="dial tcp 192.0.2.9:5432: connect: connection refused"
    2026-03-01T08:15:04.500000000Z panic: runtime error: index out of range
    2026-03-01T08:15:04.500000100Z goroutine 12 [running]:

Yields a Log; a stack trace, whose lines all have times, is one record of its first line. Levels as the program states them.
Refuses docker compose's columns and logs whose lines go on after the time like a syslog's.
"""

import re

from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.levels import UNKNOWN
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading, read_log
from runs.analysis.domain.log_times import iso_ns
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("docker_logs.title", en="docker logs -t", ja="docker logs -t")
_RECORD = re.compile(r"(?:\x1b\[[\d;]*m)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z)(?: (.*)|$)")
_NANOSECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z(?: |$)")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by several lines with nanoseconds, typical by one."""
    found = matching(head.head_lines, _NANOSECONDS)
    if not found:
        return None
    return because(TITLE, found[0], CERTAIN if len(found) > 1 else TYPICAL)


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("docker_logs")
    reading.zone, reading.precision_ns = "Z", 1
    read_log(source, reading, _entry, traces_have_times=True)
    return reading.parsed()


def _entry(text: str) -> Entry | None:
    match = _RECORD.match(text)
    if match is None:
        return None
    wall = iso_ns(match[1])
    return Entry(BAD_TIME if wall is None else wall, UNKNOWN, match[2] or "")

"""`docker compose logs`, with or without `-t`: a column with the service's name before each line.

    web-1    | 2026-03-01T08:15:02.114300451Z 192.0.2.9 - - "GET / HTTP/1.1" 200 6
    db-1     | 2026-03-01T08:15:02.200000000Z FATAL:  sorry, too many clients already
    cache-1  | ready to accept connections
    db-1 exited with code 1

Yields a Log whose lanes are the services. A service's end by a code other than 0 is an error, by 0 a notice.
Refuses other columns (Markdown tables begin with the bar).
"""

import re

from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.levels import ERROR, NOTICE, UNKNOWN
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading, read_log
from runs.analysis.domain.log_times import iso_ns
from runs.analysis.facts.log import NO_TIME
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("docker_compose_logs.title", en="docker compose logs", ja="docker compose logs")
_RECORD = re.compile(
    r"(?:\x1b\[[\d;]*m)*([a-z0-9][\w.-]{0,80}?)\s*(?:\x1b\[[\d;]*m)*\|(?:\x1b\[[\d;]*m)* ?(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z) ?)?(.*)"
)
_EXITED = re.compile(r"(?:\x1b\[[\d;]*m)*([a-z0-9][\w.-]{0,80}) exited with code (\d{1,3})")
_COLUMN = re.compile(
    r"(?:\x1b\[[\d;]*m)*[a-z0-9][\w.-]*?[-_]\d+\s*(?:\x1b\[[\d;]*m)*\| |[a-z0-9][\w.-]*\s*\| \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z "
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by several lines of the form."""
    found = matching(head.head_lines, _COLUMN)
    if not found:
        return None
    return because(TITLE, found[0], CERTAIN if len(found) > 1 else TYPICAL)


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("docker_compose_logs")
    reading.zone, reading.precision_ns = "Z", 1
    read_log(source, reading, _entry)
    return reading.parsed()


def _entry(text: str) -> Entry | None:
    match = _RECORD.match(text)
    if match is not None:
        wall = iso_ns(match[2]) if match[2] else NO_TIME
        return Entry(BAD_TIME if wall is None else wall, UNKNOWN, match[3], match[1])
    ended = _EXITED.match(text)
    if ended is not None:
        return Entry(NO_TIME, NOTICE if ended[2] == "0" else ERROR, text, ended[1])
    return None

"""Access logs of nginx, Apache and others in the common or combined form.

    192.0.2.9 - - [01/Mar/2026:08:15:02 +0900] "GET /index.html HTTP/1.1" 200 612 "-" "curl/8.5.0"
    192.0.2.9 - - [01/Mar/2026:08:15:05 +0900] "POST /api/jobs HTTP/1.1" 504 167 "-" "curl/8.5.0"
    2001:db8::9 - alice [01/Mar/2026:08:15:06 +0900] "GET /private HTTP/2.0" 403 153

Yields an AccessLog (requests by status and target) and a Log of its lines. Levels: none, a status is no level.
Refuses other forms of access logs (JSON).
"""

import re
from collections import Counter

from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.levels import UNKNOWN
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading, read_log
from runs.analysis.domain.log_times import english_ns, offset_ns
from runs.analysis.domain.times import zone_text
from runs.analysis.facts.access import AccessGroup, AccessLog
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("nginx_access.title", en="an access log", ja="アクセスログ")
MAX_GROUPS = 20_000
KEPT_GROUPS = 500
_RECORD = re.compile(
    r"(\S{1,255}) \S{1,255} (?:\S{1,255}|\"[^\"]*\") \[(\d\d)/(\w{3})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\]"
    r" \"((?:[^\"\\]|\\.){0,8000})\" (\d{3}) (\d+|-)(.*)"
)
_REQUEST = re.compile(r"([A-Z]{2,16}) (\S+)(?: HTTP/[\d.]+)?$")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two lines of the form."""
    found = matching(head.head_lines, _RECORD)
    if not found:
        return None
    return because(TITLE, found[0], CERTAIN if len(found) > 1 else STRONG)


class _Group:
    def __init__(self) -> None:
        self.count = 0
        self.lines: list[int] = []
        self.first: int | None = None
        self.last: int | None = None


class _Access:
    """Counts the requests of one log."""

    def __init__(self, reading: LogReading) -> None:
        self.reading = reading
        self.groups: dict[tuple[str, str, int], _Group] = {}
        self.statuses: Counter[str] = Counter()
        self.clients: Counter[str] = Counter()
        self.pending: tuple[str, str, int, str] = ("", "", 0, "")

    def entry(self, text: str) -> Entry | None:
        match = _RECORD.match(text)
        if match is None:
            return None
        wall = english_ns(match[2], match[3], match[4], match[5])
        zone = zone_text(match[6])
        if self.reading.zone is None:
            self.reading.zone = zone
        elif zone != self.reading.zone and wall is not None:
            wall += offset_ns(self.reading.zone) - offset_ns(zone)
        request = _REQUEST.match(match[7])
        method, target = (request[1], request[2].partition("?")[0]) if request else ("", match[7][:200])
        self.pending = (method, target[:500], int(match[8]), match[1])
        return Entry(BAD_TIME if wall is None else wall, UNKNOWN, f"{method} {target[:300]} {match[8]}")

    def each(self, entry: Entry, line: int) -> None:
        method, target, status, client = self.pending
        self.statuses[str(status)] += 1
        if client in self.clients or len(self.clients) < 10_000:
            self.clients[client] += 1
        key = (method, target, status)
        if key not in self.groups and len(self.groups) >= MAX_GROUPS:
            key = (method, "*", status)
        group = self.groups.setdefault(key, _Group())
        group.count += 1
        if len(group.lines) < 20:
            group.lines.append(line)
        group.first = entry.wall_ns if group.first is None else min(group.first, entry.wall_ns)
        group.last = entry.wall_ns if group.last is None else max(group.last, entry.wall_ns)


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("nginx_access")
    access = _Access(reading)
    read_log(source, reading, access.entry, access.each)
    order = sorted(access.groups.items(), key=lambda item: (item[0][2] < 400, -item[1].count, item[1].lines[0]))[:KEPT_GROUPS]
    groups = tuple(
        AccessGroup(method=m, target=t, status=s, count=g.count, lines=tuple(g.lines), first_wall_ns=g.first, last_wall_ns=g.last)
        for (m, t, s), g in order
    )
    fact = AccessLog(
        requests=len(reading.events),
        statuses=dict(sorted(access.statuses.items())),
        groups=groups,
        clients=tuple(access.clients.most_common(50)),
        zone=reading.zone,
    )
    return reading.parsed(fact) if len(reading.events) else reading.parsed()

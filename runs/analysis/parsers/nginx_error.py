"""nginx's error log: what each line says of its request and upstream.

    2026/03/01 08:15:02 [notice] 812#812: using the "epoll" event method
    2026/03/01 08:15:05 [error] 812#812: *9 connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.9,
        server: app.example, request: "GET /api HTTP/1.1", upstream: "http://127.0.0.1:9001/api", host: "app.example"

Yields a Log with nginx's own levels (a record is one line), and an UpstreamFailure for each failing upstream and cause.
Refuses other logs. The time has no zone.
"""

import re

from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.levels import label_level
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading, read_log
from runs.analysis.domain.log_times import iso_ns
from runs.analysis.facts.upstream import UpstreamFailure
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("nginx_error.title", en="nginx's error log", ja="nginx のエラーログ")
_RECORD = re.compile(
    r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(debug|info|notice|warn|error|crit|alert|emerg)\] (\d+)#(\d+): (?:\*\d+ )?(.*)"
)
_FIELDS = re.compile(
    r', client: (?P<client>[^,]+)(?:, server: [^,]*)?(?:, request: "(?P<request>[^"]*)")?.*?upstream: "(?P<upstream>[^"]*)"'
)
_CAUSE = re.compile(r"^(.{1,300}?)(?:(?:, so upstream connection is closed too)? while |, client: )")
MAX_UPSTREAMS = 500


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a line of the form."""
    found = matching(head.head_lines, _RECORD)
    return because(TITLE, found[0], CERTAIN) if found else None


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("nginx_error")
    failures: dict[tuple[str, str, str], list[tuple[int, int]]] = {}

    def each(entry: Entry, line: int) -> None:
        fields = _FIELDS.search(entry.message[:4000]) if "upstream:" in entry.message else None
        cause = _CAUSE.match(entry.message)
        if fields is None or cause is None:
            return
        upstream = fields["upstream"].split("/", 3)[2] if "://" in fields["upstream"] else fields["upstream"]
        key = (upstream, cause[1], _path(fields["request"]))
        if key in failures or len(failures) < MAX_UPSTREAMS:
            failures.setdefault(key, []).append((line, entry.wall_ns))

    read_log(source, reading, _entry, each)
    facts = [
        UpstreamFailure(
            upstream=upstream,
            cause=cause,
            requests=(path,) if path else (),
            count=len(seen),
            lines=tuple(line for line, _ in seen[:20]),
            first_wall_ns=seen[0][1],
            last_wall_ns=seen[-1][1],
        )
        for (upstream, cause, path), seen in failures.items()
    ]
    return reading.parsed(*facts, program="nginx")


def _path(request: str | None) -> str:
    """The path of 'GET /api/slow?x=1 HTTP/1.1'."""
    words = (request or "").split(" ")
    return words[1].partition("?")[0] if len(words) > 1 else ""


def _entry(text: str) -> Entry | None:
    match = _RECORD.match(text)
    if match is None:
        return None
    wall = iso_ns(match[1])
    return Entry(BAD_TIME if wall is None else wall, label_level(match[2]), match[5])

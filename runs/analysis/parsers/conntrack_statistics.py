"""`conntrack -S` of Linux: what connection tracking did with packets, a line a processor.

    cpu=0   	found=182 invalid=31 insert=0 insert_failed=4 drop=4 early_drop=0 error=2 search_restart=0 clash_resolve=1
    cpu=1   	found=201 invalid=9 insert=0 insert_failed=0 drop=0 early_drop=0 error=0 search_restart=0 clash_resolve=0

Yields ConntrackStatistics for each command, summed over the processors. Refuses tables of tracked connections.
"""

import re

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.conntrack import ConntrackStatistics
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message(
    "conntrack_statistics.title", en="statistics of connection tracking (conntrack -S)", ja="接続追跡の統計 (conntrack -S)"
)
_LINE = re.compile(r"cpu=\d{1,5}\s+(?P<rest>(?:[a-z_]{2,30}=\d{1,20}\s*)+)$")
_COUNTER = re.compile(r"([a-z_]{2,30})=(\d{1,20})")
_SURE = re.compile(r"cpu=\d{1,5}\s+(?:[a-z_]{2,30}=\d{1,20}\s+){3}")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a processor's line."""
    return recognise(head, TITLE, _SURE)


def parse(source: Source) -> Parsed:
    """The sums of each command."""
    return parse_sections(source, _sums, "listings")


def _sums(section: Section) -> list[Fact]:
    counters: dict[str, int] = {}
    processors = 0
    for line in section.lines:
        match = _LINE.match(line.text[:2000])
        if match is None:
            continue
        processors += 1
        for name, value in _COUNTER.findall(match["rest"]):
            if name in counters or len(counters) < 100:
                counters[name] = counters.get(name, 0) + int(value)
    if not processors:
        return []
    return [
        ConntrackStatistics(
            host=section.host,
            counters=counters,
            processors=processors,
            first_line=first_full_line(section),
            last_line=last_full_line(section),
            command=section.command,
        )
    ]

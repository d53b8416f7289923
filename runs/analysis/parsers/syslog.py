"""System logs: RFC 3164 ('Mar  1 08:15:02 host program[pid]: …', also journalctl's short form) and RFC 5424.

    Mar  1 08:15:02 gw1 dhclient[812]: DHCPREQUEST for 192.0.2.44 on eth3 to 192.0.2.1 port 67
    Mar  1 08:15:02.114300 gw1 kernel: [ 4711.1] DROP IN=eth3 OUT= SRC=198.51.100.9 DST=192.0.2.44 PROTO=TCP DPT=22
    <27>1 2026-03-01T08:15:02.114300+09:00 gw1 named 812 - - client 192.0.2.9#5353: query refused

Yields a Log whose lanes are the programs, DhcpClientEvents, ServiceEvents and the packet filter's LoggedPackets. RFC 3164 states
neither year nor zone: its times count from midnight of its first day, and the Log keeps that day's month and day.
Levels from the priority where it is printed. Refuses other logs.
"""

import re

from runs.analysis.domain.daemon_lines import DaemonLines
from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.levels import CRITICAL, DEBUG, ERROR, INFO, NOTICE, UNKNOWN, WARNING
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading, read_log
from runs.analysis.domain.log_times import YearlessDays, iso_ns, offset_ns
from runs.analysis.domain.times import zone_text
from runs.analysis.facts.log import NO_TIME
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("syslog.title", en="a system log", ja="システムログ (syslog)")
_OLD = re.compile(
    r"(?:<(\d{1,3})>)?([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))? (\S{1,255}) ([^\s\[\]:]{1,80})(?:\[(\d{1,10})\])?: ?(.*)"
)
_NEW = re.compile(
    r"(?:<(\d{1,3})>1 )(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)|-) (\S{1,255}) (\S{1,80}) (\S{1,128}) (\S{1,32}) "
    r"(?:-|(?:\[(?:[^\]\\]|\\.){0,2000}\])+) ?(.*)"
)
_SEVERITIES = (CRITICAL, CRITICAL, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two lines of a form."""
    found = sorted([*matching(head.head_lines, _OLD), *matching(head.head_lines, _NEW)])
    if not found:
        return None
    return because(TITLE, found[0], CERTAIN if len(found) > 1 else STRONG)


class _Syslog:
    def __init__(self, reading: LogReading) -> None:
        self.reading, self.daemons, self.days = reading, DaemonLines(), YearlessDays()

    def entry(self, text: str) -> Entry | None:
        old = _OLD.match(text)
        if old is not None:
            self.reading.has_date = False
            if old[5]:
                self.reading.precision_ns = int(10 ** (9 - len(old[5])))
            wall = self.days.wall_ns(old[2], old[3], old[4], old[5] or "")
            self.reading.month_day = self.days.first
            self.reading.host = self.reading.host or old[6]
            return Entry(BAD_TIME if wall is None else wall, _severity(old[1]), old[9], old[7])
        new = _NEW.match(text)
        if new is None:
            return None
        if new[2] is None:
            return Entry(NO_TIME, _severity(new[1]), new[8].removeprefix("\ufeff"), new[5])
        wall = iso_ns(new[2])
        zone = zone_text(new[3])
        if self.reading.zone is None:
            self.reading.zone = zone
        elif wall is not None and zone != self.reading.zone:
            wall += offset_ns(self.reading.zone) - offset_ns(zone)
        self.reading.host = self.reading.host or new[4]
        return Entry(BAD_TIME if wall is None else wall, _severity(new[1]), new[8].removeprefix("\ufeff"), new[5])

    def each(self, entry: Entry, line: int) -> None:
        wall = entry.wall_ns if entry.wall_ns != NO_TIME else None
        self.daemons.read(entry.lane, entry.message, line, wall, self.reading.zone, self.reading.has_date)


def _severity(priority: str | None) -> int:
    return _SEVERITIES[int(priority) & 7] if priority else UNKNOWN


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("syslog")
    syslog = _Syslog(reading)
    read_log(source, reading, syslog.entry, syslog.each)
    lanes = reading.events.lanes
    return reading.parsed(*syslog.daemons.facts, program=lanes[0] if len(lanes) == 1 else None)

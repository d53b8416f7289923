"""systemd's journal as journalctl prints it: -o short-iso, short-iso-precise, short-full, and json.

    vyos@rt1:~$ journalctl -u dhcp6c@eth3 -o short-iso --no-pager
    2026-03-01T08:15:02+0900 rt1 dhcp6c[812]: client6_send: send solicit to ff02::1:2%eth3
    2026-03-01T08:15:03+0900 rt1 systemd[1]: Started dhcp6c@eth3.service - DHCPv6 client on eth3.
    {"__REALTIME_TIMESTAMP":"1772320502000000","_HOSTNAME":"rt1","SYSLOG_IDENTIFIER":"sshd","PRIORITY":"4","MESSAGE":"…"}

Yields a Log whose lanes are the programs, DhcpClientEvents and ServiceEvents. Levels only from json's PRIORITY or the message.
The short format without a year is a syslog's. Refuses other logs.
"""

import re

import msgspec

from runs.analysis.domain.daemon_lines import DaemonLines
from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.levels import CRITICAL, DEBUG, ERROR, INFO, NOTICE, UNKNOWN, WARNING
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading, read_log
from runs.analysis.domain.log_times import iso_ns, offset_ns
from runs.analysis.domain.times import zone_text
from runs.analysis.facts.log import NO_TIME
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("journal.title", en="systemd's journal", ja="systemd ジャーナル")
_RECORD = re.compile(
    r"(?:[A-Z][a-z]{2} )?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?) ?([+-]\d\d:?\d\d|Z|[A-Z]{3,4})?"
    r" (\S{1,255}) ([^\s\[\]:]{1,80})(?:\[(\d{1,10})\])?: (.*)"
)
_JSON = re.compile(r'\{.{0,4000}"(?:__REALTIME_TIMESTAMP|_BOOT_ID|__CURSOR)"')
_PRIORITIES = (CRITICAL, CRITICAL, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two lines of the form or a line of json."""
    lines = head.head_lines
    if json := matching(lines, _JSON):
        return because(TITLE, json[0], CERTAIN)
    found = matching(lines, _RECORD)
    with_pid = any((match := _RECORD.match(line.text)) and match[5] for line in lines)
    if found and (len(found) > 1 or with_pid):
        return because(TITLE, found[0], CERTAIN if len(found) > 1 and with_pid else STRONG)
    return None


class _Journal:
    def __init__(self, reading: LogReading) -> None:
        self.reading, self.daemons = reading, DaemonLines()
        self.text = ""

    def entry(self, text: str) -> Entry | None:
        if text.startswith("{"):
            return self._json(text)
        match = _RECORD.match(text)
        if match is None:
            return None
        self.reading.host = self.reading.host or match[3]
        return Entry(self._wall(match[1], match[2]), UNKNOWN, match[6], match[4])

    def _wall(self, time: str, zone: str | None) -> int:
        wall = iso_ns(time)
        if wall is None:
            return BAD_TIME
        stated = zone_text(zone)
        if self.reading.zone is None:
            self.reading.zone = stated
        elif stated is not None and stated != self.reading.zone:
            wall += offset_ns(self.reading.zone) - offset_ns(stated)
        return wall

    def _json(self, text: str) -> Entry | None:
        try:
            record = msgspec.json.decode(text.encode("utf-8", "replace"))
        except (msgspec.DecodeError, RecursionError):
            return None
        if not isinstance(record, dict):
            return None
        stamp, priority = str(record.get("__REALTIME_TIMESTAMP", "")), str(record.get("PRIORITY", ""))
        self.reading.zone = "Z"
        wall = int(stamp) * 1000 if stamp.isdecimal() and len(stamp) <= 16 else NO_TIME
        level = _PRIORITIES[int(priority)] if priority in tuple("01234567") else UNKNOWN
        program = str(record.get("SYSLOG_IDENTIFIER") or record.get("_COMM") or "")
        return Entry(wall, level, str(record.get("MESSAGE", ""))[:8000], program[:80])

    def each(self, entry: Entry, line: int) -> None:
        wall = entry.wall_ns if entry.wall_ns != NO_TIME else None
        self.daemons.read(entry.lane, entry.message, line, wall, self.reading.zone, True)


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("journal")
    journal = _Journal(reading)
    read_log(source, reading, journal.entry, journal.each)
    lanes = reading.events.lanes
    return reading.parsed(*journal.daemons.facts, program=lanes[0] if len(lanes) == 1 else None)

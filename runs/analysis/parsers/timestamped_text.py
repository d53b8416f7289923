"""Any text whose lines begin with a time: programs' own logs, as a last resort.

    1772323202.114300 connect start
    1772323202.116000 connect returns
    2026-03-01 08:15:02,114 WARNING pool exhausted
    [08:15:02.114] request 7 done

Yields a Log. The first form of time that the text uses is its form; epoch seconds are UTC. Refuses texts with fewer than two
such lines, or fewer than a third of them.
"""

import re

from runs.analysis.domain.detection import because
from runs.analysis.domain.levels import UNKNOWN
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading, read_log
from runs.analysis.domain.log_times import iso_ns
from runs.analysis.domain.shell import read_prompt
from runs.analysis.domain.times import DAY_NS, clock_ns, zone_text
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.messages import message
from runs.analysis.registry import LAST_RESORT, WEAK, Parsed, Reason
from runs.analysis.source import Source

VERSION = 1
TITLE = message("timestamped_text.title", en="a text with times", ja="時刻付きのテキスト")
_DATED = re.compile(
    r"[\[(]?(\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?) ?(Z|[+-]\d\d:?\d\d|UTC|JST|GMT)?[\])]?(?:\s*[|:,-])?\s+(\S.*)"
)
_EPOCH = re.compile(r"\[?(\d{9,10})(?:\.(\d{1,9}))?\]?:?\s+(\S.*)")
_CLOCK = re.compile(r"[\[(]?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?[\])]?:?\s+(\S.*)")


def detect(head: Source, name: str) -> Reason | None:
    """Weak by times in most lines, the last resort by times in a third of them."""
    lines = [line for line in head.head_lines if line.text.strip() and read_prompt(line.text) is None]
    timed = [line.number for line in lines if _DATED.match(line.text) or _EPOCH.match(line.text) or _CLOCK.match(line.text)]
    if len(timed) < 2 or len(timed) * 3 < len(lines):
        return None
    return because(TITLE, timed[0], WEAK if len(timed) * 3 > len(lines) * 2 else LAST_RESORT)


class _Form:
    """Reads lines, and remembers what form of time the first one has."""

    def __init__(self, reading: LogReading) -> None:
        self.reading = reading
        self.form: re.Pattern[str] | None = None
        self.last = 0
        self.shift = 0

    def entry(self, text: str) -> Entry | None:
        forms = (self.form,) if self.form else (_DATED, _EPOCH, _CLOCK)
        match = next((m for form in forms if (m := form.match(text)) is not None), None)
        if match is None:
            return None
        self.form = match.re
        wall, words = getattr(self, {_DATED: "_dated", _EPOCH: "_epoch", _CLOCK: "_clock"}[match.re])(match)
        return Entry(BAD_TIME if wall is None else wall, UNKNOWN, words)

    def _dated(self, match: re.Match[str]) -> tuple[int | None, str]:
        self.reading.zone = self.reading.zone or zone_text(match[2])
        if len(match[1]) > 20:
            self.reading.precision_ns = int(10 ** (29 - len(match[1])))
        return iso_ns(match[1]), match[3]

    def _epoch(self, match: re.Match[str]) -> tuple[int | None, str]:
        self.reading.zone = "Z"
        digits = match[2] or ""
        self.reading.precision_ns = int(10 ** (9 - len(digits)))
        return int(match[1]) * SECOND_NS + (int(digits.ljust(9, "0")) if digits else 0), match[3]

    def _clock(self, match: re.Match[str]) -> tuple[int | None, str]:
        self.reading.has_date = False
        wall = clock_ns(int(match[1]), int(match[2]), int(match[3]), match[4] or "")
        if wall is not None:
            if wall + self.shift < self.last - DAY_NS // 2:
                self.shift += DAY_NS  # past midnight
            wall += self.shift
            self.last = wall
        if match[4]:
            self.reading.precision_ns = int(10 ** (9 - len(match[4])))
        return wall, match[5]


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("timestamped_text")
    read_log(source, reading, _Form(reading).entry)
    return reading.parsed()

"""Lines that begin with a time: the forms of time, and a reader that keeps to the one that a text begins with."""

import re

from runs.analysis.domain.levels import UNKNOWN
from runs.analysis.domain.log_reader import BAD_TIME, Entry, LogReading
from runs.analysis.domain.log_times import iso_ns
from runs.analysis.domain.times import DAY_NS, clock_ns, zone_text
from runs.analysis.facts.base import SECOND_NS

DATED = re.compile(
    r"[\[(]?(\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?) ?(Z|[+-]\d\d:?\d\d|UTC|JST|GMT)?[\])]?(?:\s*[|:,-])?\s+(\S.*)"
)
EPOCH = re.compile(r"\[?(\d{9,10})(?:\.(\d{1,9}))?\]?:?\s+(\S.*)")
CLOCK = re.compile(r"[\[(]?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?[\])]?:?\s+(\S.*)")


class TimedLines:
    """Reads lines, and remembers what form of time the first one has."""

    def __init__(self, reading: LogReading, form: re.Pattern[str] | None = None) -> None:
        self.reading, self.form = reading, form
        self.last = 0
        self.shift = 0

    def entry(self, text: str) -> Entry | None:
        """The record that a line begins; None for a line without a time of the text's form."""
        forms = (self.form,) if self.form else (DATED, EPOCH, CLOCK)
        match = next((m for form in forms if (m := form.match(text)) is not None), None)
        if match is None:
            return None
        self.form = match.re
        wall, words = getattr(self, {DATED: "_dated", EPOCH: "_epoch", CLOCK: "_clock"}[match.re])(match)
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

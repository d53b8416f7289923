"""tcpdump's five kinds of time stamp, told apart and made into nanoseconds of one clock face.

No option: time of day; -tt: epoch seconds; -ttt: since the line before; -tttt: with date; -ttttt: since the first line.
Scripts that merge logs print seconds since the first SYN, which look like short epoch seconds.
Source: tcpdump(1), options -t to -ttttt.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from runs.analysis.domain.times import DAY_NS, clock_ns, day_ns
from runs.analysis.facts.base import SECOND_NS

_SCALES = [10 ** (9 - digits) for digits in range(10)]
_EARLIEST_EPOCH = 100_000_000  # 1973: smaller numbers of seconds are relative


@lru_cache(4096)
def _second_ns(face: str) -> int | None:
    return clock_ns(int(face[:2]), int(face[3:5]), int(face[6:8]))


@dataclass
class Clock:
    """Reads the stamps of one text in order."""

    command: str = ""
    dated: bool = False
    epoch: bool = False
    relative: bool = False
    digits: int = 6
    seen: int = 0
    _days: dict[str, int | None] = field(default_factory=dict)
    _last: int = 0
    _shift: int = 0
    _deltas: bool = False
    _first: int = 0

    def read(self, start: re.Match[str]) -> int | None:
        """The stamp of a line, ns of the clock face (epoch, dated, of day or relative); None where it has none or shows no time."""
        if start["clock"] is None:
            return None
        if start["epoch"] is not None:
            seconds, part = start["epoch"], start["part"]
            sign = -1 if seconds.startswith("-") else 1
            self.digits = len(part)
            value = int(seconds) * SECOND_NS + sign * int(part.ljust(9, "0"))
            if abs(int(seconds)) < _EARLIEST_EPOCH:
                self.relative = True
            else:
                self.epoch = True
            return self._take(value)
        return self.of_day(start["date"], start["face"], start["fraction"] or "", start["indent"])

    def of_day(self, date: str | None, face: str, fraction: str, indent: str = "") -> int | None:
        """The stamp of a clock face '08:15:02' with its fraction's digits; `date`: 'yyyy-mm-dd ' where it is printed."""
        self.digits = len(fraction)
        second = _second_ns(face)
        if second is None:
            return None
        clock = second + (int(fraction) * _SCALES[len(fraction)] if fraction else 0)
        if date is not None:
            if date not in self._days:
                if len(self._days) > 10_000:
                    self._days.clear()
                self._days[date] = day_ns(int(date[:4]), int(date[5:7]), int(date[8:10]))
            day = self._days[date]
            self.dated = True
            return None if day is None else self._take(day + clock)
        if self.seen == 0 and indent and clock == 0:
            self.relative = True
            self._deltas = re.search(r"(?:^|\s)-\w*(?<!t)ttt(?!t)", self.command) is not None
        if self.relative:
            value = -clock if indent == "-" else clock
            if self._deltas:
                value += self._last
            return self._take(value)
        if self.seen and clock + self._shift < self._last - DAY_NS // 2:
            self._shift += DAY_NS  # past midnight
        return self._take(clock + self._shift)

    def _take(self, value: int) -> int:
        self.seen += 1
        self._last = value
        return value

    @property
    def precision_ns(self) -> int:
        return int(10 ** (9 - self.digits)) if self.digits <= 9 else 1

    @property
    def zone(self) -> str | None:
        return "Z" if self.epoch else None

    @property
    def has_date(self) -> bool:
        return self.dated or self.epoch

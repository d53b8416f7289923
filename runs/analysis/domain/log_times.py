"""Times of log lines, fast: the date's part of a line is looked up, the clock's part is read by position."""

from functools import lru_cache

from runs.analysis.domain.times import DAY_NS, MONTHS, clock_ns, day_ns, zone_text
from runs.analysis.facts.base import SECOND_NS


@lru_cache(4096)
def _day(year: str, month: str, day: str) -> int | None:
    number = int(month) if month.isdigit() else MONTHS.get(month, 0)
    return day_ns(int(year), number, int(day))


@lru_cache(65536)
def _clock(text: str) -> int | None:
    """'08:15:02' since midnight."""
    return clock_ns(int(text[:2]), int(text[3:5]), int(text[6:8]))


def iso_ns(text: str) -> int | None:
    """'2026-03-01T08:15:02.114300451Z…' or with a blank or slashes, without its zone; None where no calendar has it."""
    day = _day(text[:4], text[5:7], text[8:10])
    clock = _clock(text[11:19])
    if day is None or clock is None:
        return None
    fraction = 0
    if len(text) > 20 and text[19] in ".,":
        digits = text[20:29]
        while digits and not digits.isdigit():
            digits = digits[:-1]
        fraction = int(digits.ljust(9, "0")) if digits else 0
    return day + clock + fraction


def english_ns(day: str, month: str, year: str, clock: str) -> int | None:
    """20/Nov/2026 18:14:52 of access logs."""
    date, time = _day(year, month, day), _clock(clock)
    return None if date is None or time is None else date + time


_LEAP = 1972
_TO_LEAP_NS = 366 * DAY_NS


class YearlessDays:
    """Days of 'Nov 20 18:11:11': no year, so days are counted from the first one seen; a month that falls is a new year."""

    def __init__(self) -> None:
        self.first: tuple[int, int] | None = None
        self._last = 0
        self._base = 0
        self._turned = 0
        self._year = _LEAP + 1

    def wall_ns(self, month: str, day: str, clock: str, fraction: str = "") -> int | None:
        """Since midnight of the first day seen. The year is no leap year until a 29 February says so."""
        time = _clock(clock)
        number = MONTHS.get(month, 0)
        if number == 2 and int(day) == 29 and self._year != _LEAP:
            self._base -= _TO_LEAP_NS
            self._last -= _TO_LEAP_NS
            self._year = _LEAP
        date = day_ns(self._year, number, int(day)) if number else None
        if time is None or date is None:
            return None
        if self.first is None:
            self.first = (number, int(day))
            self._base = self._last = date
        if date < self._last - 180 * DAY_NS:
            self._turned += 365 * DAY_NS
        elif date > self._last + 180 * DAY_NS and self._turned:
            self._turned -= 365 * DAY_NS  # a line from before the turn of the year
        self._last = date
        return date - self._base + self._turned + time + (int(fraction[:9].ljust(9, "0")) if fraction else 0)


def offset_ns(zone: str | None) -> int:
    """How far east of UTC a stated zone is, ns; 0 for 'Z', none and names."""
    zone = zone_text(zone)
    if not zone or zone[0] not in "+-":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return (-minutes if zone[0] == "-" else minutes) * 60 * SECOND_NS

"""Times as people and programs write them, made into Stamps: what the text says, and no more.

A Stamp holds the file's own clock face. `utc_ns` turns it into UTC once the run's clocks say which zone and date it has.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from runs.analysis.facts.base import SECOND_NS, Stamp

DAY_NS = 86_400 * SECOND_NS
MINUTE_NS = 60 * SECOND_NS
_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_YEAR, _LAST_YEAR = 1970, 2261  # what 64 bits of nanoseconds hold

MONTHS = {
    name: number
    for number, names in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
    for name in (names, names.capitalize(), names.upper())
}
# Abbreviations that mean one zone wherever network engineers write them; CST, IST and the like mean several and are left out.
ZONE_NAMES = {"JST": "Asia/Tokyo", "日本時間": "Asia/Tokyo", "UTC": "UTC", "GMT": "UTC", "Z": "UTC", "KST": "Asia/Seoul"}
ZONE_NAMES |= {"CET": "+01:00", "CEST": "+02:00", "EST": "-05:00", "EDT": "-04:00", "PST": "-08:00", "PDT": "-07:00"}

_DATE = r"(?P<year>\d{4})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})日?"
_CLOCK = r"(?P<hour>\d{1,2})"
_CLOCK += (
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?|時(?:(?P<jm>\d{1,2})分)?(?:(?P<js>\d{1,2})秒)?)"
)
_ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2}|\(?(?:JST|UTC|GMT|KST|CES?T|E[SD]T|P[SD]T)\)?)"
_STAMP = re.compile(
    rf"(?P<about>約|およそ|about |around |approx\.? |ca\. |~)?"
    rf"(?:{_DATE}(?:(?:T|\s*\([^)]{{1,3}}\)\s*|\s+){_CLOCK})?|{_CLOCK.replace('?P<', '?P<t_')})"
    rf"(?:\s?{_ZONE})?\s?(?P<about_after>頃|ごろ|ころ|前後|くらい)?(?![\d:])"
)
_RANGE = re.compile(r"\s*(?:〜|~|～|[-–—―‐]|から|to|until)\s*")
_EPOCH_SECONDS = re.compile(r"(\d{9,10})(?:\.(\d{1,9}))?")


class Span(NamedTuple):
    """A time, or a time from which to which, as written somewhere in a text."""

    start: Stamp
    end: Stamp | None
    text: str


def day_ns(year: int, month: int, day: int) -> int | None:
    """Nanoseconds from 1970-01-01 to midnight of that day; None where there is no such day."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return (date(year, month, day).toordinal() - _EPOCH) * DAY_NS
    except ValueError:
        return None


def clock_ns(hour: int, minute: int, second: int, fraction: str = "") -> int | None:
    """Nanoseconds since midnight; a leap second counts on. None where no clock shows that."""
    if hour > 23 or minute > 59 or second > 60:
        return None
    return ((hour * 60 + minute) * 60 + second) * SECOND_NS + (int(fraction[:9].ljust(9, "0")) if fraction else 0)


def zone_text(text: str | None) -> str | None:
    """A zone as Stamps hold it: 'Z', '+09:00' or an IANA name; None for what names no zone."""
    if not text:
        return None
    text = text.strip("()[] ")
    if text[:1] in "+-" and text[1:].replace(":", "").isdigit():
        digits = text[1:].replace(":", "")
        if len(digits) == 4 and int(digits[:2]) < 15 and int(digits[2:]) < 60:
            return f"{text[0]}{digits[:2]}:{digits[2:]}"
        return None
    if text == "Z":
        return "Z"
    return ZONE_NAMES.get(text)


def find_zone(text: str) -> str | None:
    """The zone that a heading such as '収集日時 (JST)' names."""
    offset = re.search(r"(?:UTC|GMT)\s?([+-])(\d{1,2})(?::?(\d{2}))?", text)
    if offset is not None:
        return zone_text(f"{offset[1]}{offset[2]:0>2}{offset[3] or '00'}")
    for name, zone in ZONE_NAMES.items():
        if name != "Z" and re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", text):
            return zone
    return None


def parse_stamp(text: str) -> Stamp | None:
    """The Stamp that a whole text is; None where it is none, or has more around it."""
    text = text.strip()
    if (match := _EPOCH_SECONDS.fullmatch(text)) is not None:
        fraction = match[2] or ""
        return Stamp(int(match[1]) * SECOND_NS + int(fraction.ljust(9, "0") or 0), "Z", True, _precision(fraction))
    match = _STAMP.fullmatch(text)
    return _stamp(match) if match else None


def find_span(text: str) -> Span | None:
    """The first time in a text, with the end of its range: '2026-11-20 17:50〜17:54', '17:50:19-17:52:31', '23:26頃'.

    The end takes the start's date and zone where it has none of its own; an end before its start is of the next day.
    """
    position = 0
    while (match := _STAMP.search(text, position)) is not None:
        start = _stamp(match)
        if start is None or (match.start() and text[match.start() - 1] in "0123456789:.-/"):
            position = match.end()
            continue
        dash = _RANGE.match(text, match.end())
        second = _STAMP.match(text, dash.end()) if dash else None
        end = _stamp(second) if second else None
        if second is None or end is None:
            return Span(start, None, match[0].strip())
        zone = start.zone or end.zone
        if start.has_date and not end.has_date:
            wall = end.wall_ns + start.wall_ns // DAY_NS * DAY_NS
            if wall < start.wall_ns:
                wall += DAY_NS
            end = Stamp(wall, end.zone or zone, True, end.precision_ns, end.approximate)
        start = Stamp(start.wall_ns, zone, start.has_date, start.precision_ns, start.approximate)
        end = Stamp(end.wall_ns, end.zone or zone, end.has_date, end.precision_ns, end.approximate)
        return Span(start, end, text[match.start() : second.end()].strip())
    return None


def _precision(fraction: str) -> int:
    return int(10 ** (9 - len(fraction)))


def _stamp(match: re.Match[str]) -> Stamp | None:
    part = match.groupdict()
    dated = part["year"] is not None
    prefix = "" if dated else "t_"
    day = day_ns(int(part["year"]), int(part["month"]), int(part["day"])) if dated else 0
    if day is None:
        return None
    about = bool(part["about"] or part["about_after"])
    zone = zone_text(part["zone"])
    if part[f"{prefix}hour"] is None:
        return Stamp(day, zone, True, DAY_NS, about)
    second = part[f"{prefix}second"] or part[f"{prefix}js"]
    minute = part[f"{prefix}minute"] or part[f"{prefix}jm"]
    fraction = part[f"{prefix}fraction"] or ""
    clock = clock_ns(int(part[f"{prefix}hour"]), int(minute or 0), int(second or 0), fraction)
    if clock is None:
        return None
    precision = _precision(fraction) if second else MINUTE_NS if minute else 60 * MINUTE_NS
    return Stamp(day + clock, zone, dated, precision, about)


def timezone_of(name: str) -> tzinfo | None:
    """The tzinfo of a Stamp's zone: 'Z', '+09:00' or an IANA name; None for a name that no zone has."""
    if name in ("Z", "UTC"):
        return UTC
    if name[:1] in ("+", "-"):
        zone = zone_text(name)
        if zone is None:
            return None
        minutes = int(zone[1:3]) * 60 + int(zone[4:6])
        return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return None


def utc_ns(wall_ns: int, zone: tzinfo) -> int:
    """A dated clock face, ns since 1970 on the clock, in UTC. A wall time that occurs twice means its first occurrence."""
    second = wall_ns // SECOND_NS
    moment = datetime(1970, 1, 1) + timedelta(seconds=second)  # a clock face has no zone yet
    offset = moment.replace(tzinfo=zone).utcoffset() or timedelta()
    return wall_ns - int(offset.total_seconds()) * SECOND_NS

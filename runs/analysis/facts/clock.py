"""The clock of a file: how the times on its clock face become UTC. Made by the correlator `clocks`."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runs.analysis.facts.base import SECOND_NS, Fact, Stamp
from runs.analysis.messages import Message, message

DAY_NS = 86_400 * SECOND_NS
_EPOCH = datetime(1970, 1, 1)
_OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d\Z", re.ASCII)


class Clock(Fact, frozen=True, kw_only=True):
    """One clock a file."""

    evidence_name: ClassVar[Message] = message("evidence.clock", en="a clock", ja="時計")

    zone: str  # 'Z', '+09:00' or an IANA name
    source: Literal["stated", "assumed"]
    day: int = 0  # days since 1970-01-01, for the times that are written without a date
    day_known: bool = True  # false: the file writes no date and nothing else gave one
    offset_ns: int = 0  # measured or corrected; added

    def utc_ns(self, wall_ns: int, has_date: bool = True) -> int:
        """A time of this file's clock face as ns UTC; `wall_ns` is since midnight where it has no date."""
        if not has_date:
            wall_ns += self.day * DAY_NS
        return wall_ns - utc_offset_ns(self.zone, wall_ns // SECOND_NS) + self.offset_ns

    def of(self, stamp: Stamp) -> int:
        """A stamp of this file as ns UTC. A zone in the stamp itself wins."""
        wall_ns = stamp.wall_ns if stamp.has_date else stamp.wall_ns + self.day * DAY_NS
        return wall_ns - utc_offset_ns(stamp.zone or self.zone, wall_ns // SECOND_NS) + self.offset_ns


class RunZone(Fact, frozen=True, kw_only=True):
    """The zone that the run's pages and sentences speak in."""

    evidence_name: ClassVar[Message] = message("evidence.run_zone", en="the run's time zone", ja="実行の時間帯")

    zone: str
    source: Literal["stated", "assumed"]


def zone_of(name: str) -> tzinfo:
    """The tzinfo of 'Z', '+09:00' or an IANA name; UTC for a name that is none."""
    if name == "Z":
        return UTC
    if name[:1] in "+-" and len(name) == 6:
        minutes = int(name[1:3]) * 60 + int(name[4:6])
        return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def is_zone(name: str) -> bool:
    """Whether `zone_of` knows the name."""
    if name in ("Z", "UTC"):
        return True
    if _OFFSET.match(name):
        return True
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


@lru_cache(maxsize=65_536)
def _offset_ns(zone: str, hour: int) -> int:
    try:
        moment = (_EPOCH + timedelta(hours=hour)).replace(tzinfo=zone_of(zone))
        offset = moment.utcoffset()
    except OverflowError:
        return 0
    return 0 if offset is None else int(offset.total_seconds()) * SECOND_NS


def utc_offset_ns(zone: str, wall_second: int) -> int:
    """How far a zone is ahead of UTC at a second of its own clock face, in ns (hourly grain: no zone shifts within an hour)."""
    return 0 if zone == "Z" else _offset_ns(zone, wall_second // 3600)

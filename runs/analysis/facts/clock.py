"""The clock of a file: how the times on its clock face become UTC. Made by the correlator `clocks`."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runs.analysis.facts.base import SECOND_NS, Citation, Fact, Stamp
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
    deviation_ns: int = 0  # by how much the measured clock is later than what zone and date of the file say; in offset_ns
    zone_written: bool = True  # false: the file's own lines state no zone

    def utc_ns(self, wall_ns: int, has_date: bool = True) -> int:
        """A time of this file's clock face as ns UTC; `wall_ns` is since midnight where it has no date."""
        if not has_date:
            wall_ns += self.day * DAY_NS
        return wall_ns - utc_offset_ns(self.zone, wall_ns // SECOND_NS) + self.offset_ns

    def of(self, stamp: Stamp) -> int:
        """A stamp of this file as ns UTC. A zone in the stamp itself wins."""
        wall_ns = stamp.wall_ns if stamp.has_date else stamp.wall_ns + self.day * DAY_NS
        return wall_ns - utc_offset_ns(stamp.zone or self.zone, wall_ns // SECOND_NS) + self.offset_ns


class ClockOffset(Fact, frozen=True, kw_only=True):
    """An event that a file and a reference both saw exactly once: how the file's clock compares with the reference's."""

    evidence_name: ClassVar[Message] = message(
        "evidence.clock_offset", en="an event that two sources saw", ja="2 つの記録に共通する事象"
    )

    reference: str  # path; its clock is taken as it stands
    event: Literal["packets", "connect"]
    face_ns: int  # of the event, on the file's clock face; since midnight where it has no date
    has_date: bool = True
    zone: str | None = None  # of that time, where it is stated beside it
    reference_ns: int  # of the same event, ns UTC by the reference
    error_ns: int  # the true difference lies within this
    count: int = 1  # events that agree on it
    place: Citation
    reference_place: Citation

    def deviation_ns(self, clock: Clock) -> int:
        """How much later the reference has the event than the file does by this clock; 0: they agree."""
        return self.reference_ns - clock.of(Stamp(wall_ns=self.face_ns, zone=self.zone, has_date=self.has_date))


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

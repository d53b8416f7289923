"""Each file's clock: its zone, stated or assumed, and the day where the file writes none.

A zone comes from the file's own times, else from the README ('JST'), else the run's. A missing day comes from the README's
collection window, else from the captures, when all of them lie on one day; the digits of the RUN_ID say nothing. A log that writes
month and day without a year (RFC 3164) has the year that brings it nearest to the run's day. A text of a capture
that is in the run has the capture's own times: its clock, relative or undated as it may be, is measured by its packets. Where an event
that two sources saw shows that a clock is off by more than the measurement's error, the clock is corrected by it.
"""

from collections.abc import Iterable, Iterator

import msgspec

from runs.analysis.case import Case, ClockCorrection
from runs.analysis.domain.times import day_ns
from runs.analysis.facts.base import SECOND_NS, Fact, Stamp, WallWindow
from runs.analysis.facts.clock import DAY_NS, Clock, ClockOffset, RunZone, utc_offset_ns
from runs.analysis.facts.joined import SameTraffic
from runs.analysis.facts.notes import DocumentHeader, Note
from runs.analysis.registry import correlator


def stamps(fact: Fact) -> Iterator[Stamp]:
    """The times that a fact holds as fields of its own."""
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if isinstance(value, Stamp):
            yield value


@correlator(gives=Clock, needs=[RunZone], uses=[DocumentHeader, Note, SameTraffic, ClockOffset])
def clocks(case: Case) -> Iterator[Clock]:
    """A Clock for every file that holds times."""
    run_zone = case.all(RunZone)[0]
    header = next((h for h in case.all(DocumentHeader) if h.start is not None and h.start.has_date), None)
    day, known = _day_of_run(case, header, run_zone.zone)
    measured = {s.file: s.offset_ns for s in case.all(SameTraffic) if not s.segment}
    offsets = {o.file: o for o in case.all(ClockOffset)}
    for file in case.files:
        facts = case.of_file(file.path)
        windows = [w for w in (f.wall_window() for f in facts) if w is not None]
        times = [s for f in facts for s in stamps(f)]
        times += [t.stamp for f in facts if isinstance(f, Note) for t in f.times if t.stamp is not None]
        if not windows and not times:
            continue
        zones = [w.zone for w in windows if w.zone] + [s.zone for s in times if s.zone]
        dated = all(w.has_date for w in windows) and all(s.has_date for s in times)
        own_day = None if dated else _own_day(times)
        if own_day is None and known and (partial := next((w.month_day for w in windows if w.month_day), None)) is not None:
            own_day = nearest_day(*partial, day)
        clock = Clock(
            file=file.path,
            zone=zones[0] if zones else run_zone.zone,
            source="stated" if zones or run_zone.source == "stated" else "assumed",
            day=own_day if own_day is not None else day,
            day_known=dated or own_day is not None or known,
            zone_written=bool(zones),
        )
        if file.path in measured and windows:
            clock = _measured(clock, windows, measured[file.path])
        if file.path in case.overrides.clocks:
            clock = _said(clock, case.overrides.clocks[file.path])
        elif file.path in offsets:
            clock = _corrected(clock, offsets[file.path])
        yield clock


def _measured(clock: Clock, windows: list[WallWindow], offset_ns: int) -> Clock:
    """The clock that the packets give, where what the text says of its zone and date leads elsewhere."""
    wall = windows[0]
    deviation = wall.first_ns + offset_ns - clock.utc_ns(wall.first_ns, wall.has_date)
    if abs(deviation) < SECOND_NS:
        return msgspec.structs.replace(clock, source="stated", day_known=True)  # the packets confirm what was assumed
    written = clock.zone_written
    return Clock(file=clock.file, zone="Z", source="stated", offset_ns=offset_ns, deviation_ns=deviation, zone_written=written)


def _corrected(clock: Clock, offset: ClockOffset) -> Clock:
    """The clock with the measured offset, where it is more than the measurement's error."""
    deviation = offset.deviation_ns(clock)
    measured = 0 if abs(deviation) <= offset.error_ns else deviation
    return msgspec.structs.replace(clock, source="stated", day_known=True, offset_ns=measured, deviation_ns=measured)


def _said(clock: Clock, said: ClockCorrection) -> Clock:
    """The clock as a person corrected it: what was said counts, the rest stays."""
    return msgspec.structs.replace(
        clock,
        zone=said.zone or clock.zone,
        source="stated" if said.zone else clock.source,
        day=clock.day if said.day is None else said.day,
        day_known=clock.day_known or said.day is not None,
        offset_ns=clock.offset_ns if said.offset_ns is None else said.offset_ns,
        deviation_ns=0,
    )


def nearest_day(month: int, day_of_month: int, near: int) -> int | None:
    """The day (since 1970) with that month and day in the year that brings it nearest to another day; None where there is none."""
    year = 1970 + near * 400 // 146_097
    days = (day_ns(y, month, day_of_month) for y in (year - 1, year, year + 1))
    return min((ns // DAY_NS for ns in days if ns is not None), key=lambda day: abs(day - near), default=None)


def _own_day(times: Iterable[Stamp]) -> int | None:
    """The day that the file itself writes beside times without one: the README's window above its table."""
    days = {s.wall_ns // DAY_NS for s in times if s.has_date}
    return min(days) if days else None


def _day_of_run(case: Case, header: DocumentHeader | None, zone: str) -> tuple[int, bool]:
    if header is not None and header.start is not None:
        return header.start.wall_ns // DAY_NS, True
    days = set()
    for file in case.files:
        for window in (f.wall_window() for f in case.of_file(file.path)):
            if window is None or not window.has_date:
                continue
            for wall_ns in (window.first_ns, window.last_ns):
                utc = wall_ns - utc_offset_ns(window.zone or zone, wall_ns // 1_000_000_000)
                days.add((utc + utc_offset_ns(zone, utc // 1_000_000_000)) // DAY_NS)
    return (days.pop(), True) if len(days) == 1 else (0, False)

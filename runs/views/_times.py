"""Times as lists of events show them: to the last digit that the evidence has."""

from datetime import tzinfo

from runs.wording import moment_of

SECOND_NS = 1_000_000_000


def fraction(ns: int) -> str:
    """The part below a second: six digits, nine where the evidence has nanoseconds."""
    return f"{ns:09d}" if ns % 1000 else f"{ns // 1000:06d}"


def wall_time(ts_ns: int, zone: tzinfo) -> str:
    """'17:50:19.325354' in the zone; the bare number where no calendar has it."""
    at = moment_of(ts_ns, zone)
    return f"{at:%H:%M:%S}.{fraction(ts_ns % SECOND_NS)}" if at else f"{ts_ns} ns"


def wall_date(ts_ns: int, zone: tzinfo) -> str:
    """'2026-11-20' in the zone."""
    at = moment_of(ts_ns, zone)
    return f"{at:%Y-%m-%d}" if at else ""


def seconds(ns: int) -> str:
    """A difference as tcpdump -ttt writes it: '15.073182', '-0.000013'."""
    sign, ns = ("-", -ns) if ns < 0 else ("", ns)
    return f"{sign}{ns // SECOND_NS}.{fraction(ns % SECOND_NS)}"

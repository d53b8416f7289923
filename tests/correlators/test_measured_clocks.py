"""`clocks`: a text of a capture gets the capture's own times, whatever its clock face says."""

from typing import Any

import pytest

from runs.analysis.facts.clock import Clock
from tests.kit import SECOND, T0, Run, Talk

HOUR = 3600 * SECOND


def moved(ns: int) -> Talk:
    """The same talk on a clock face that is off."""
    talk = Talk().opens().request().answer().closes()
    talk.rows = [row._replace(ts_ns=row.ts_ns + ns) for row in talk.rows]
    return talk


def clock_of_text(ns: int, **fields: Any) -> Clock:
    run = Run(timezone=None).capture("a.pcap", moved(0)).capture("a.txt", moved(ns), text=True, **fields)
    (clock,) = (c for c in run.case().all(Clock) if c.file == "a.txt")
    return clock


@pytest.mark.parametrize(
    ("ns", "fields"),
    [
        (-5 * HOUR, {"zone": None}),  # another zone than the run's
        (-(T0 - 1000), {"zone": None, "has_date": False, "relative": True}),  # counted from the first packet
        (9 * HOUR - T0 // (24 * HOUR) * 24 * HOUR, {"zone": None, "has_date": False}),  # no date
        (37 * SECOND, {"zone": "Z"}),  # a clock that is wrong
    ],
    ids=["zone", "relative", "no date", "wrong"],
)
def test_measured_by_its_packets(ns: int, fields: dict[str, Any]) -> None:
    clock = clock_of_text(ns, **fields)
    has_date = fields.get("has_date", True)
    assert clock.utc_ns(T0 + ns, has_date) == T0
    assert (clock.source, clock.day_known) == ("stated", True)


def test_a_clock_that_agrees_keeps_its_zone() -> None:
    clock = clock_of_text(9 * HOUR, zone="+09:00")
    assert (clock.zone, clock.offset_ns) == ("+09:00", 0)


def test_a_text_of_other_traffic_is_not_measured() -> None:
    other = Talk(port=9, client_port=40_000).opens().request(7).answer(9).closes()
    run = Run(timezone=None).capture("a.pcap", moved(0)).capture("a.txt", other, text=True, zone=None)
    (clock,) = (c for c in run.case().all(Clock) if c.file == "a.txt")
    assert (clock.zone, clock.source) == ("Asia/Tokyo", "assumed")

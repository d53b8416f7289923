"""`clock_unaligned`: offsets with their error, from events that two sources saw; assumed zones; and what must stay silent."""

from typing import Any

import msgspec

from runs.analysis.facts.base import Fact, Stamp
from runs.analysis.facts.clock import Clock, ClockOffset
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.log import Log
from runs.analysis.facts.notes import DocumentHeader
from tests.kit import MS, SECOND, T0, Run, Talk, answered, english, places, tried

RULE = "clock_unaligned"
DAY = 86_400 * SECOND
HOUR = 3600 * SECOND


def talk(at_s: float = 0, port: int = 51515) -> Talk:
    return Talk(client_port=port, at_s=at_s).opens().request().acked().answer().closes()


def elsewhere(one: Talk, *, offset_ms: float, way_ms: float) -> Talk:
    """The same packets at a second point, `way_ms` further from the client, whose clock is ahead by `offset_ms`."""
    seen = Talk(client_port=one.client_port)
    for row in one.rows:
        there = row.source == one.client
        seen.rows.append(row._replace(ts_ns=row.ts_ns + int((offset_ms + (way_ms if there else -way_ms)) * MS)))
    return seen


def two(offset_ms: float, way_ms: float = 4) -> Run:
    return Run().capture("a.pcap", talk(), talk(3, 51516)).capture("b.pcap", elsewhere(talk(), offset_ms=offset_ms, way_ms=way_ms))


def test_two_captures_of_the_same_packets_fire_with_an_error_of_half_the_way() -> None:
    made = two(37_000)
    (found,) = made.found(RULE)
    assert (found.outcome, found.severity) == ("fail", "medium")
    assert "37 s ahead of" in english(found.title)
    assert "4" in english(found.title).split("error")[1]
    assert set(places(found.statements)) == {"a.pcap", "b.pcap"}
    (offset,) = made.case().all(ClockOffset)
    assert abs(offset.reference_ns - offset.face_ns + 37_000 * MS) <= offset.error_ns <= 5 * MS


def test_the_measured_offset_is_applied_to_the_conversations() -> None:
    starts = _starts(two(37_000))
    assert abs(starts["a.pcap"] - starts["b.pcap"]) <= 10 * MS


def _starts(made: Run) -> dict[str, int]:
    found: dict[str, int] = {}
    for c in made.case().all(Conversation):
        found.setdefault(c.file, c.start_ns)
    return found


def test_a_difference_within_the_error_is_agreement() -> None:
    made = two(1.5)
    assert made.found(RULE) == []
    assert "agree within" in english(made.excluded(RULE)[0].text)
    assert next(c for c in made.case().all(Clock) if c.file == "b.pcap").offset_ns == 0


def test_packets_of_one_direction_give_no_offset() -> None:
    one_way = elsewhere(talk(), offset_ms=37_000, way_ms=4)
    one_way.rows = [row for row in one_way.rows if row.source == one_way.client]
    made = Run().capture("a.pcap", talk()).capture("b.pcap", one_way)
    assert made.found(RULE) == []
    assert made.unknown(RULE)[0].collect


def traced(run: Run, late_ms: float, **fields: Any) -> Run:
    """A log of curl with --trace-time, without date and zone, written by a clock that is off."""
    at = Stamp(wall_ns=(T0 + 10 * MS + int(late_ms * MS)) % DAY, has_date=False, precision_ns=1_000)
    one = tried()
    return run.curl(
        "curl.log", type(one)(endpoint=one.endpoint, line=3, connected=True, result_line=4, at=at), started=at, **fields
    )


def test_curls_attempt_and_its_syn() -> None:
    late = traced(Run().capture("a.pcap", talk()), 4_000, **answered())
    (found,) = late.found(RULE)
    assert "4 s ahead of that of a.pcap" in english(found.title)
    assert places(found.statements) == {"a.pcap": ((1,), ()), "curl.log": ((), (3,))}
    agreeing = traced(Run().capture("a.pcap", talk()), 2, **answered())
    assert agreeing.found(RULE) == []
    assert agreeing.excluded(RULE)


def test_another_attempt_to_the_same_end_is_no_shared_event() -> None:
    assert traced(Run().capture("a.pcap", talk()), 4_000, **answered(requested=77)).found(RULE) == []  # another request
    assert traced(Run().capture("a.pcap", talk(), talk(3, 51516)), 4_000, **answered()).found(RULE) == []  # tried twice


def test_a_text_in_another_zone_than_assumed_is_no_fault() -> None:
    def moved(ns: int) -> Talk:
        made = talk()
        made.rows = [row._replace(ts_ns=row.ts_ns + ns) for row in made.rows]
        return made

    made = Run(timezone="Z").capture("a.pcap", talk()).capture("a.txt", moved(9 * HOUR), text=True, zone=None)
    (found,) = made.found(RULE)
    assert (found.outcome, found.severity) == ("info", "info")
    wrong = Run(timezone="Z").capture("a.pcap", talk()).capture("a.txt", moved(37 * SECOND), text=True, zone="Z")
    assert [(f.outcome, f.severity) for f in wrong.found(RULE)] == [("fail", "medium")]
    counted = Run().capture("a.pcap", talk()).capture("a.txt", moved(-T0), text=True, zone=None, has_date=False, relative=True)
    assert counted.found(RULE) == []


def without_zone(fact: Fact, zone: str | None = None) -> Fact:
    """The log as one that writes no zone, or another one."""
    assert isinstance(fact, Log)
    return msgspec.structs.replace(fact, zone=zone)


def test_an_assumed_zone_and_an_unknown_date_are_told_once() -> None:
    made = Run(timezone=None).log("a.log", (1, "info", "one"), has_date=False).log("b.log", (1, "info", "two"), has_date=False)
    made.facts = [without_zone(fact) for fact in made.facts]
    said = {f.subject["what"] for f in made.found(RULE)}
    assert said == {"zone assumed", "date unknown"}
    assert {f.outcome for f in made.found(RULE)} == {"info"}
    stated = made.add("README.md", DocumentHeader(zone="Asia/Tokyo", start=Stamp(wall_ns=T0)))
    assert stated.found(RULE) == []


def test_logs_of_different_zones_are_told_and_no_fault() -> None:
    made = Run().log("a.log", (1, "info", "one")).log("b.log", (1, "info", "two"))
    assert made.found(RULE) == []
    made.facts[1] = without_zone(made.facts[1], "+09:00")
    (found,) = made.found(RULE)
    assert found.outcome == "info"
    assert set(places(found.statements)) == {"a.log", "b.log"}

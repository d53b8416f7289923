"""`recovery_observed`: the same ping fails, something changes, and it works."""

from runs.analysis.facts.clock import Clock
from runs.analysis.facts.reachability import Ping
from runs.analysis.facts.service import ServiceEvent
from tests.kit import SECOND, T0, Run, english, places

RULE = "recovery_observed"
TARGET = "198.51.100.9"
STARTED = ServiceEvent(unit="dhcp6c@wan1.service", state="started", line=7, wall_ns=T0 + 60 * SECOND, zone="Z")
CLOCK = Clock(zone="Z", source="stated")
LOST = Ping(target=TARGET, transmitted=4, received=0, statistics_line=5)
WORKS = Ping(target=TARGET, transmitted=4, received=3, statistics_line=6)


def run(before: Ping = LOST, after: Ping = WORKS, name: str = "ping_after_restart.txt") -> Run:
    return Run().add("ng/ping.txt", before).add(name, after).add("journal.txt", STARTED, CLOCK, kind="journal")


def test_fires_as_information_with_both_attempts() -> None:
    (found,) = run().found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("info", "info", "firm")
    assert places(found.statements) == {"ng/ping.txt": ((), (5,)), "journal.txt": ((), (7,)), "ping_after_restart.txt": ((), (6,))}
    assert found.subject == {"target": TARGET}


def test_a_failure_that_names_no_target_makes_it_tentative() -> None:
    unnamed = Ping(target=None, failure="connect: Network is unreachable", failure_line=1)
    assert [f.confidence for f in run(unnamed).found(RULE)] == ["tentative"]


def test_silent_without_failure_without_recovery_and_in_other_names() -> None:
    assert run(before=WORKS).found(RULE) == []
    assert run(after=LOST).found(RULE) == []
    assert run(name="ping.txt").found(RULE) == []
    other = Ping(target="192.0.2.1", transmitted=4, received=0, statistics_line=5)
    assert run(before=other).found(RULE) == []
    assert Run().add("ping_after_1.txt", LOST).add("ping_after_2.txt", WORKS).add("j.txt", STARTED, CLOCK).found(RULE) == []


def test_not_evaluable_without_a_change() -> None:
    (unknown,) = Run().add("ng/ping.txt", LOST).add("ping_after_restart.txt", WORKS).unknown(RULE)
    assert "one of" in english(unknown.missing[0])
    assert unknown.collect

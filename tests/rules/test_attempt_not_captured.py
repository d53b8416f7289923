"""`attempt_not_captured`: a logged attempt beside the captures' window or filter."""

from runs.analysis.facts.base import Stamp
from runs.analysis.facts.notes import FileNote
from tests.kit import SECOND, T0, Run, Talk, answered, english, places, timed_out, tried

RULE = "attempt_not_captured"


def listed(start_s: float, *, precision_s: int = 1, approximate: bool = False, port: int = 8443) -> Run:
    """A capture of ten seconds from T0, and a log whose time the README states."""
    start = Stamp(T0 + int(start_s * SECOND), precision_ns=precision_s * SECOND, approximate=approximate)
    note = FileNote(path="c.log", line=14, time_text="as stated", start=start)
    talk = Talk(port=8443).opens().request().answer().waits(9.9).closes()
    run = Run().capture("a.pcap", talk).add("README.md", note)
    return run.curl("c.log", tried(port=port), **timed_out(4, line=13))


def test_after_the_capture_cites_log_and_row() -> None:
    (found,) = listed(300).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("info", "info", "firm")
    assert "after the capture had ended" in english(found.title)
    assert places(found.statements) == {"c.log": ((), (3, 13)), "README.md": ((), (14,))}
    assert found.subject["when"] == "after"


def test_before_the_capture() -> None:
    assert listed(-300).found(RULE)[0].subject["when"] == "before"


def test_another_port_is_in_no_capture() -> None:
    (found,) = listed(4, port=9).found(RULE)
    assert (found.subject["when"], found.confidence) == ("filter", "firm")


def test_inside_the_window_it_claims_nothing() -> None:
    assert listed(4).found(RULE) == []


def test_a_minute_that_holds_the_capture_is_neither_before_nor_after() -> None:
    assert listed(-40, precision_s=60).found(RULE) == []


def test_about_then_is_neither_before_nor_after() -> None:
    assert listed(120, precision_s=60, approximate=True).found(RULE) == []


def test_without_a_time_only_the_port_can_say() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().answer().closes()).curl("c.log", tried(), **timed_out(4))
    assert run.found(RULE) == []


def test_all_captured_is_excluded() -> None:
    talk = Talk().opens().request().answer().closes()
    run = Run().capture("a.pcap", talk).curl("c.log", tried(), **answered())
    assert run.found(RULE) == []
    assert run.excluded(RULE)


def test_a_log_of_a_cut_capture_still_has_its_conversation() -> None:
    run = Run().capture("a.pcap", Talk().opens().request()).curl("c.log", tried(), **answered())
    assert run.excluded(RULE)


def test_not_evaluable_without_captures() -> None:
    (unknown,) = Run().curl("c.log", tried(), **timed_out(4)).unknown(RULE)
    assert "packet capture" in english(unknown.missing[0])
    assert unknown.collect

"""Which conversation a log's attempt is: endpoints, sizes, durations, times and their contradictions."""

from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Stamp
from runs.analysis.facts.notes import FileNote
from tests.kit import SECOND, SERVER, SERVER6, T0, Run, Talk, answered, timed_out, tried


def joined(run: Run) -> dict[str, str | None]:
    return {a.id: a.conversation for a in run.case().all(Attempt) if a.client}


def silent(seconds: float, **more: float) -> Talk:
    return Talk(**more).opens().request().acked().waits(seconds).fin()  # type: ignore[arg-type]


def at(path: str, start_s: float, *, precision_s: int = 1, end_s: float | None = None, approximate: bool = False) -> FileNote:
    start = Stamp(T0 + int(start_s * SECOND), precision_ns=precision_s * SECOND, approximate=approximate)
    end = None if end_s is None else Stamp(T0 + int(end_s * SECOND), precision_ns=precision_s * SECOND)
    return FileNote(path=path, line=10, start=start, end=end)


def test_by_endpoint_and_duration() -> None:
    run = Run().capture("a.pcap", silent(20), silent(45, client_port=50_001, at_s=100))
    run.curl("long.log", tried(), **timed_out(45)).curl("short.log", tried(), **timed_out(20))
    assert joined(run) == {"long.log:3": "a.pcap#1", "short.log:3": "a.pcap#0"}


def test_by_the_size_of_the_request() -> None:
    run = Run().capture("a.pcap", silent(20), Talk(client_port=50_001, at_s=1).opens().request(333).acked().waits(20).fin())
    run.curl("big.log", tried(), **timed_out(20, requested=333))
    assert joined(run) == {"big.log:3": "a.pcap#1"}


def test_equal_attempts_by_the_times_of_the_table_whatever_their_names() -> None:
    run = Run().capture("a.pcap", silent(20), silent(20, client_port=50_001, at_s=100))
    run.curl("z.log", tried(), **timed_out(20)).curl("a.log", tried(), **timed_out(20))
    run.add("README.md", at("z.log", 0), at("a.log", 100))
    assert joined(run) == {"z.log:3": "a.pcap#0", "a.log:3": "a.pcap#1"}


def test_a_table_of_minutes_is_no_contradiction() -> None:
    run = Run().capture("a.pcap", silent(20, at_s=50)).curl("c.log", tried(), **timed_out(20))
    assert joined(run.add("README.md", at("c.log", 0, precision_s=60, end_s=0))) == {"c.log:3": "a.pcap#0"}


def test_about_then_is_no_contradiction() -> None:
    run = Run().capture("a.pcap", silent(20)).curl("c.log", tried(), **timed_out(20))
    assert joined(run.add("README.md", at("c.log", 300, precision_s=60, approximate=True))) == {"c.log:3": "a.pcap#0"}


def test_another_time_is_a_contradiction() -> None:
    run = Run().capture("a.pcap", silent(20)).curl("c.log", tried(), **timed_out(20))
    assert joined(run.add("README.md", at("c.log", 300))) == {"c.log:3": None}


def test_later_transfers_of_a_log_are_later_than_its_stated_start() -> None:
    run = Run().capture("a.pcap", silent(20), silent(30, client_port=50_001, at_s=500))
    run.curl("c.log", tried(line=3), **timed_out(20)).curl("c.log", tried(line=33), **timed_out(30, line=40))
    assert joined(run.add("README.md", at("c.log", 0))) == {"c.log:3": "a.pcap#0", "c.log:33": "a.pcap#1"}


def test_a_refused_family_and_the_one_that_answered() -> None:
    talks = Talk(SERVER6).syn().rst(), Talk(client_port=50_001, at_s=0.1).opens().request().answer().closes()
    run = Run().capture("a.pcap", *talks)
    run.curl("c.log", tried(SERVER6, error="Connection refused"), tried(line=7), **answered())
    assert joined(run) == {"c.log:3": "a.pcap#0", "c.log:7": "a.pcap#1"}


def test_an_answer_is_not_joined_to_silence_unless_the_capture_was_cut() -> None:
    assert joined(Run().capture("a.pcap", silent(20)).curl("c.log", tried(), **answered())) == {"c.log:3": None}
    cut = Talk().opens().request()
    assert joined(Run().capture("a.pcap", cut).curl("c.log", tried(), **answered())) == {"c.log:3": "a.pcap#0"}


def test_translated_addresses_join_nothing_and_contradict_nothing() -> None:
    run = Run().capture("inside.pcap", silent(20)).curl("c.log", tried("203.0.113.200"), **timed_out(20))
    assert joined(run) == {"c.log:3": None}
    assert run.found("attempt_not_captured") == []


def test_the_same_traffic_in_two_captures_is_joined_once() -> None:
    run = Run().capture("a.pcap", silent(20)).capture("b.pcap", silent(20)).curl("c.log", tried(), **timed_out(20))
    assert joined(run) == {"c.log:3": "a.pcap#0"}
    assert len(run.found("response_missing")) == 1


def test_the_far_end_is_an_end_only_with_its_port() -> None:
    assert joined(Run().capture("a.pcap", silent(20)).curl("c.log", tried(SERVER, 9), **timed_out(20))) == {"c.log:3": None}

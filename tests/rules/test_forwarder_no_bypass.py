"""`forwarder_no_bypass`: a forwarder in front of the service, and the same end through it."""

from runs.analysis.facts.notes import ShellCommand
from tests.kit import CLIENT, SERVER, Run, Talk, english, places, timed_out, tried

RULE = "forwarder_no_bypass"
FRONT = "203.0.113.40"


def forwarded(text: str = f"socat TCP4-LISTEN:7000,fork TCP:{SERVER}:8443") -> Run:
    return Run().add("README.md", ShellCommand(text=text, line=12))


def silent(**at: object) -> Talk:
    return Talk(**at).opens().request().acked().waits(30).fin().rst()  # type: ignore[arg-type]


def test_fires_with_the_mapping_and_both_sides_cited() -> None:
    run = forwarded().capture("in.pcap", silent(server=FRONT, port=7000)).capture("out.pcap", silent())
    (found,) = run.found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    cited = places(found.statements)
    assert cited["README.md"] == ((), (12,))
    assert cited["in.pcap"][0][:4] == (1, 2, 3, 4)
    assert cited["out.pcap"][0][-1] == 7
    assert found.subject["target"] == f"{SERVER}:8443"


def test_by_logs_alone_it_is_tentative() -> None:
    run = forwarded().curl("through.log", tried(FRONT, 7000), **timed_out(9)).curl("direct.log", tried(), **timed_out(9))
    (found,) = run.found(RULE)
    assert found.confidence == "tentative"


def test_silent_where_another_phase_fails_or_the_forwarder_refuses() -> None:
    run = forwarded().capture("in.pcap", Talk(FRONT, 7000).syn().rst()).capture("out.pcap", silent())
    assert run.found(RULE) == []
    assert len(run.unknown(RULE)) == 1


def test_an_answer_through_it_is_the_exclusion() -> None:
    run = forwarded().capture("in.pcap", Talk(FRONT, 7000).opens().request().answer().closes())
    assert run.found(RULE) == []
    assert places(run.excluded(RULE)) == {"in.pcap": ((4, 5), ())}


def test_a_capture_that_ends_early_fails_nothing() -> None:
    run = forwarded().capture("in.pcap", Talk(FRONT, 7000).opens().request().acked()).capture("out.pcap", silent())
    assert run.found(RULE) == []


def test_the_direct_way_must_be_to_its_target() -> None:
    run = forwarded().capture("in.pcap", silent(server=FRONT, port=7000)).capture("out.pcap", silent(server="203.0.113.99"))
    assert run.found(RULE) == []


def test_not_evaluable_without_an_attempt_through_it() -> None:
    (unknown,) = forwarded().capture("out.pcap", silent()).unknown(RULE)
    assert "no attempt through socat on 7000" in english(unknown.missing[0])
    assert unknown.citations[0].lines == (12,)
    assert unknown.collect
    assert ":7000/" in unknown.collect


def test_not_evaluable_without_a_forwarder() -> None:
    (unknown,) = Run().capture("out.pcap", silent(client=CLIENT)).unknown(RULE)
    assert "forwarder's command" in english(unknown.missing[0])

"""`segment_not_captured`: what lies behind a silent responder, and whether anything shows it."""

from runs.analysis.facts.notes import ShellCommand
from tests.kit import SERVER, Run, Talk, english, places

RULE = "segment_not_captured"
FRONT = "203.0.113.40"


def silent(server: str = SERVER, port: int = 8443, **more: float) -> Talk:
    return Talk(server, port, **more).opens().request().acked().waits(30).fin()  # type: ignore[arg-type]


def test_fires_as_information_with_the_capture_point() -> None:
    run = Run().capture("eth1.pcap", silent()).statistics("eth1.log", 6, interface="eth1", listening_line=1)
    (found,) = run.found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("info", "info", "firm")
    assert places(found.statements) == {"eth1.pcap": ((1,), ()), "eth1.log": ((), (1,))}
    assert any("eth1 only" in english(s.text) for s in found.statements)


def test_a_forwarder_whose_onward_connection_is_missing_is_named() -> None:
    run = Run().capture("in.pcap", silent(FRONT, 7000))
    run.add("README.md", ShellCommand(text=f"socat TCP-LISTEN:7000,fork TCP:{SERVER}:8443", line=9))
    (found,) = run.found(RULE)
    assert any("connection that socat opens" in english(s.text) or "socat opens" in english(s.text) for s in found.statements)


def test_the_onward_connection_in_a_text_is_cited_by_line() -> None:
    run = Run().capture("in.txt", silent(FRONT, 7000), text=True).capture("out.txt", silent(at_s=0.05), text=True)
    run.add("README.md", ShellCommand(text=f"socat TCP-LISTEN:7000,fork TCP:{SERVER}:8443", line=9))
    for statement in run.excluded(RULE) + [s for f in run.found(RULE) for s in f.statements]:
        assert all(not c.frames for c in statement.citations)


def test_silent_where_an_answer_came_or_may_still_come() -> None:
    answered = Talk().opens().request().answer().closes()
    early = Talk(client_port=50_001).opens().request().acked()
    cancelled = Talk(client_port=50_002).opens().request().acked().fin()
    assert Run().capture("a.pcap", answered, early, cancelled).found(RULE) == []


def test_not_evaluable_without_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert "capture of the conversation" in english(unknown.missing[0])
    assert unknown.collect

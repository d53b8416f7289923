"""`dual_stack_divergence`: one family gets further than the other; what the evidence cuts short is compared with nothing."""

from typing import Any

from tests.kit import SERVER, SERVER6, Run, Talk, answered, english, places, timed_out, tried

RULE = "dual_stack_divergence"


def two(run: Run, v6: dict[str, Any], v4: dict[str, Any], error: str | None = None) -> Run:
    run.curl("v6.log", tried(SERVER6, error=error), host_name="db.example", **v6)
    return run.curl("v4.log", tried(SERVER), host_name="db.example", **v4)


def test_fires_where_one_family_stalls() -> None:
    (found,) = two(Run(), timed_out(20, line=15), answered(line=13)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "firm")
    assert found.subject == {"name": "db.example:8443", "worse": "IPv6", "phase": "first_byte"}
    assert places(found.statements) == {"v4.log": ((), (13,)), "v6.log": ((), (15,))}


def test_fires_where_one_family_never_connects() -> None:
    ended = timed_out(20, requested=None, phase="connect")
    run = Run().curl("v6.log", tried(SERVER6, error="Connection timed out"), host_name="db.example", **ended)
    (found,) = run.curl("v4.log", tried(), host_name="db.example", **answered()).found(RULE)
    assert (found.outcome, found.subject["phase"]) == ("fail", "connect")


def test_a_refused_family_is_information() -> None:
    refused = {"exit_code": 7, "error_line": 5, "phase": "connect"}
    (found,) = two(Run(), refused, answered(), error="Connection refused").found(RULE)
    assert (found.outcome, found.severity) == ("info", "info")


def test_no_cell_of_a_cut_capture_is_compared() -> None:
    whole = Talk("127.0.0.9").opens().request().answer().closes()
    cut = Talk("::1", client="::1", client_port=50_001, at_s=1).opens().request()
    run = Run().capture("a.pcap", whole, cut)
    assert run.found(RULE) == []
    assert run.excluded(RULE) == []
    assert "over both IPv4 and IPv6" in english(run.unknown(RULE)[0].missing[0])


def test_alike_is_an_exclusion() -> None:
    run = two(Run(), timed_out(20), timed_out(20))
    assert run.found(RULE) == []
    assert "stops at first byte" in english(run.excluded(RULE)[0].text)


def test_the_name_is_quoted_in_the_command() -> None:
    run = Run().curl("v6.log", tried(SERVER6), host_name="a;reboot", **timed_out(20))
    (found,) = run.curl("v4.log", tried(), host_name="a;reboot", **answered()).found(RULE)
    assert "'http://a;reboot:8443/'" in (found.next_actions[0].command or "")


def test_not_evaluable_with_one_family() -> None:
    (unknown,) = Run().capture("a.pcap", Talk().opens().request().answer().closes()).unknown(RULE)
    assert unknown.collect
    assert "curl -$f" in unknown.collect


def test_not_evaluable_without_an_attempt() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

"""`http_timeout`: curl's (28), by target and phase, beneath what the conversation shows."""

from runs.analysis.report import Cause
from tests.kit import SERVER, Run, Talk, answered, english, places, timed_out, tried

RULE = "http_timeout"


def test_fires_once_for_equal_attempts() -> None:
    run = Run().curl("b.log", tried(), **timed_out(8, line=13)).curl("a.log", tried(), **timed_out(60, line=15))
    (found,) = run.found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "certain")
    assert "2 times (28), waiting for the first byte of the response: 60 s, 8 s" in english(found.title)
    assert places(found.statements) == {"a.log": ((), (15,)), "b.log": ((), (13,))}


def test_each_transfer_of_one_log_is_joined_to_its_own_conversation() -> None:
    talks = [Talk(client_port=50_000 + n, at_s=100 * n).opens().request().acked().waits(s).fin() for n, s in enumerate((20, 40))]
    run = Run().capture("a.pcap", *talks).curl("c.log", tried(line=3), **timed_out(20, line=9))
    (found,) = run.curl("c.log", tried(line=33), **timed_out(40, line=39)).found(RULE)
    joined = [english(s.text) for s in found.statements if "conversation" in english(s.text)]
    assert joined == ["Its conversation is a.pcap#0.", "Its conversation is a.pcap#1."]


def test_it_hangs_beneath_the_silence_of_its_end() -> None:
    (found,) = Run().curl("a.log", tried(), **timed_out(8)).found(RULE)
    subject = {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443"}
    assert Cause("response_missing", subject) in found.because


def test_a_timeout_without_its_time_invents_none() -> None:
    run = Run().curl("a.log", tried(), exit_code=28, error="SSL connection timeout", error_line=9, phase="connect")
    (found,) = run.found(RULE)
    assert "time not logged" in english(found.title)
    assert "0 ns" not in english(found.statements[0].text)


def test_a_timeout_in_name_resolution_has_no_end() -> None:
    run = Run().curl("a.log", host_name="db.example", exit_code=28, timeout_ms=5000, error_line=2, phase="resolve")
    (found,) = run.found(RULE)
    assert found.endpoints == ()
    assert found.subject["target"] == "db.example"


def test_what_the_log_names_is_quoted_in_commands() -> None:
    (found,) = Run().curl("a.log", tried(), host_name="x$(reboot)", **timed_out(8)).found(RULE)
    command = found.next_actions[0].command or ""
    assert "'http://x$(reboot):8443/'" in command


def test_silent_on_other_ends() -> None:
    run = Run().curl("a.log", tried(), **answered())
    run.curl("b.log", tried(error="Connection refused"), exit_code=7, error_line=5, phase="connect")
    assert run.found(RULE) == []
    assert places(run.excluded(RULE)) == {"a.log": ((), (13,))}


def test_not_evaluable_without_a_log() -> None:
    (unknown,) = Run().capture("a.pcap", Talk().opens()).unknown(RULE)
    assert "curl -v log" in english(unknown.missing[0])
    assert unknown.collect

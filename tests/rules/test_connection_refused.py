"""`connection_refused`: RST in answer to a SYN, a harmless fall-back to the other family, and RSTs that refuse nothing."""

import pytest

from tests.kit import SERVER, SERVER6, Run, Talk, answered, english, places, tried

RULE = "connection_refused"


def test_fires_with_syn_and_rst_cited() -> None:
    (found,) = Run().capture("a.pcap", Talk().syn().rst()).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "certain")
    assert places(found.statements) == {"a.pcap": ((1, 2), ())}
    assert "after 10 ms" in english(found.statements[0].text)
    assert found.next_actions[0].command == "ss -tlnp 'sport = :8443'"


def test_a_syn_that_is_repeated_is_one_refusal_timed_from_the_first() -> None:
    (found,) = Run().capture("a.pcap", Talk().syn().waits(1).syn_again().rst()).found(RULE)
    assert "after 1.02 s" in english(found.statements[0].text)


def test_the_text_of_a_capture_is_cited_by_line() -> None:
    (found,) = Run().capture("decode.txt", Talk(server=SERVER6).syn().rst(), text=True).found(RULE)
    assert places(found.statements) == {"decode.txt": ((), (3, 5))}


def test_falling_back_to_the_other_family_is_no_fault() -> None:
    refused, reached = Talk(SERVER6).syn().rst(), Talk(client_port=50_001, at_s=0.1).opens().request().answer().closes()
    (found,) = Run().capture("a.pcap", refused, reached).found(RULE)
    assert (found.outcome, found.severity, found.next_actions) == ("info", "info", ())


def test_a_fallback_long_after_is_another_attempt() -> None:
    refused, reached = Talk(SERVER6).syn().rst(), Talk(client_port=50_001, at_s=30).opens().request().answer().closes()
    (found,) = Run().capture("a.pcap", refused, reached).found(RULE)
    assert found.outcome == "fail"


def test_of_many_refusals_those_without_a_fallback_stay_faults() -> None:
    once, again = Talk(SERVER6).syn().rst(), Talk(SERVER6, client_port=50_002, at_s=60).syn().rst()
    reached = Talk(client_port=50_001, at_s=0.1).opens().request().answer().closes()
    outcomes = sorted(f.outcome for f in Run().capture("a.pcap", once, again, reached).found(RULE))
    assert outcomes == ["fail", "info"]


def test_by_the_log_alone_each_line_of_each_transfer_is_cited() -> None:
    run = Run().curl("curl.log", tried(line=3, error="Connection refused"), exit_code=7, error_line=6, phase="connect")
    run.curl("curl.log", tried(SERVER6, line=23, error="Connection refused"), tried(line=27), **answered(line=40))
    by_family = {f.subject["family"]: f for f in run.found(RULE)}
    assert (by_family["IPv4"].outcome, by_family["IPv6"].outcome) == ("fail", "info")
    assert places(by_family["IPv6"].statements) == {"curl.log": ((), (24,))}


def test_a_refusal_is_told_however_many_attempts_there_are() -> None:
    fine = [Talk(port=1000 + n, client_port=2000 + n, at_s=n).opens().request().answer() for n in range(210)]
    (found,) = Run().capture("a.pcap", *fine, Talk(port=99, at_s=400).syn().rst()).found(RULE)
    assert found.subject["port"] == "99"


@pytest.mark.parametrize(
    "talk",
    [
        Talk().opens().request().answer().closes().rst(client=True),  # after both FINs
        Talk().opens().request().answer().rst(client=True),
        Talk().opens().request().answer().fin().rst(),
        Talk().syn().waits(1).rst(client=True),  # the client gives up
        Talk().syn().syn_ack().rst(client=True),  # a half-open scan
    ],
    ids=["after FINs", "client leaves", "server drops FIN", "client gives up", "half-open"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_accepted_connections_are_the_exclusion() -> None:
    assert places(Run().capture("a.pcap", Talk().opens().request().answer()).excluded(RULE)) == {"a.pcap": ((1, 2), ())}


def test_not_evaluable_without_an_attempt() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert "attempt to connect" in english(unknown.missing[0])
    assert unknown.collect
    assert unknown.collect.startswith("curl -v")


def test_another_address_of_the_same_port_is_another_finding() -> None:
    run = Run().capture("a.pcap", Talk(SERVER).syn().rst(), Talk("203.0.113.5", client_port=50_001).syn().rst())
    assert {f.subject["address"] for f in run.found(RULE)} == {SERVER, "203.0.113.5"}

"""`connection_reset`: who breaks off while something is owed, and the resets that every healthy network has."""

from typing import Any

import pytest

from runs.analysis.packets.schema import ACK, RST
from tests.kit import SERVER, Run, Talk, english, places
from tests.rules.wire import wire

RULE = "connection_reset"


def test_the_responder_resets_with_a_request_unanswered() -> None:
    (found,) = Run().capture("a.pcap", Talk().opens().request().answer().request().waits(0.2).rst()).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "certain")
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443", "by": "responder"}
    assert places(found.statements) == {"a.pcap": ((5, 7, 8), ())}
    assert "TTL of 57 is that of" in english(found.statements[1].text)


def test_the_responder_resets_in_the_middle_of_its_answer() -> None:
    talk = wire().opens().request().data(False).data(False).rst()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert found.outcome == "fail"


def test_a_ttl_that_the_peer_never_used_points_to_a_device_between() -> None:
    talk = wire().opens().request().answer().request().put(False, RST | ACK, ttl=63)
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert "a device in between" in english(found.statements[1].text)


def test_a_forged_reset_towards_the_server_is_a_fault_too() -> None:
    (found,) = Run().capture("a.pcap", wire().opens().request().data(False).put(True, RST, ttl=33)).found(RULE)
    assert (found.outcome, found.confidence, found.subject["by"]) == ("fail", "certain", "originator")


def idle(seconds: float, **ends: Any) -> Any:
    return Talk(**ends).opens().request().answer().waits(seconds).rst()


def test_an_idle_connection_that_the_server_ends_is_info() -> None:
    (found,) = Run().capture("a.pcap", idle(60)).found(RULE)
    assert (found.outcome, found.severity) == ("info", "info")
    assert "nothing was owed" in english(found.title)


def test_a_client_that_leaves_in_the_middle_is_info() -> None:
    (found,) = Run().capture("a.pcap", wire().opens().request().data(False).data(False).put(True, RST)).found(RULE)
    assert (found.outcome, found.subject["by"]) == ("info", "originator")


def test_thousands_alike_are_one_finding() -> None:
    talks = [Talk(client_port=2000 + n, at_s=n / 50).opens().request().answer().request().rst() for n in range(3000)]
    (found,) = Run().capture("a.pcap", *talks).found(RULE)
    assert "2,997 more" in english(found.statements[-1].text)


@pytest.mark.parametrize(
    "talk",
    [
        Talk().opens().request().answer().closes(),
        Talk().syn().rst(),
        Talk().opens().request().answer().closes().rst(),
        Talk().opens().request().answer().rst(client=True),
        Talk().opens().request().answer().fin().rst(),
        wire().opens().request().answer().fin().data(False, 31).put(True, RST),  # TLS's close_notify after the client's FIN
        Talk().opens().rst(client=True),  # a connect scan, a health check
        wire().opens().data(False, 40).rst(client=True),  # a health check that does not read the greeting
        wire().opens().closes().rst().cut(3),
    ],
    ids=["FIN", "refused", "after both FINs", "all said", "answers a FIN", "close_notify", "scan", "greeting", "cut"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_a_normal_close_is_told() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().answer().closes())
    assert places(run.excluded(RULE)) == {"a.pcap": ((7, 9), ())}


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

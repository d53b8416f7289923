"""`tls_handshake_failed` and `protocol_mismatch`: handshakes that fail, and ends of connections that do not."""

from typing import Any

import numpy as np
import pytest

from runs.analysis.columns import Table
from runs.analysis.facts.tls_capture import TlsHandshake
from runs.analysis.packets.schema import HTTP_REQUEST, HTTP_RESPONSE, SMTP_LIKE, SSH, TLS_ALERT, TLS_HANDSHAKE
from tests.kit import SERVER, Run, Talk, english, places
from tests.rules.wire import wire

RULE = "tls_handshake_failed"


def shaken(row: int = 0, **fields: Any) -> TlsHandshake:
    known: dict[str, Any] = {"client_hello_frame": 4, "server_name": "www.example.net", "offered_versions": ("TLS 1.3",)}
    return TlsHandshake(conversation_row=row, conversation_stream=row, **{**known, **fields})


def fatal(alert: str = "protocol_version", code: int = 70, who: str = "responder", **fields: Any) -> TlsHandshake:
    return shaken(alert_frame=5, alert_level="fatal", alert=alert, alert_code=code, alert_from=who, **fields)


def run(talk: Talk, *found: TlsHandshake) -> Run:
    return Run().capture("tls.pcap", talk).add("tls.pcap", *found)


ALERTED = Talk().opens().request(300).answer(7).closes()


def test_a_fatal_alert_fires_with_its_sender() -> None:
    (found,) = run(ALERTED, fatal()).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "certain")
    assert found.subject["address"] == SERVER
    assert (found.subject["alert"], found.subject["by"]) == ("protocol_version", "responder")
    assert places(found.statements) == {"tls.pcap": ((4, 5), ())}


def test_a_fallback_that_succeeds_is_medium() -> None:
    again = Talk(client_port=50_001, at_s=1).opens().request(300).answer(900).closes()
    case = (
        Run().capture("tls.pcap", ALERTED, again).add("tls.pcap", fatal(), shaken(1, client_hello_frame=14, server_hello_frame=15))
    )
    (found,) = case.found(RULE)
    assert found.severity == "medium"


@pytest.mark.parametrize(
    "talk", [Talk().opens().request(300).acked().fin(client=False).ack().fin(), Talk().opens().request(300).acked().waits(9).fin()]
)
def test_no_server_hello_fires(talk: Talk) -> None:
    (found,) = run(talk, shaken()).found(RULE)
    assert found.subject["alert"] == "no ServerHello"


@pytest.mark.parametrize(
    ("talk", "found"),
    [
        (ALERTED, fatal("close_notify", 0)),
        (ALERTED, fatal("user_canceled", 90, "originator")),
        (ALERTED, shaken(server_hello_frame=5, alert_frame=8, alert_level="warning", alert="close_notify", alert_code=0)),
        (Talk().opens().request(300).acked().waits(0.2).fin(), shaken()),  # a spare connection
        (Talk().opens().request(300).acked(), shaken()),  # the capture ends
        (wire().opens().request(300).answer().closes().only(True), shaken(client_hello_frame=3)),  # one direction
    ],
    ids=["close_notify", "user_canceled", "warning", "spare", "ends", "one direction"],
)
def test_silent(talk: Talk, found: TlsHandshake) -> None:
    assert run(talk, found).found(RULE) == []


def test_a_server_hello_is_told() -> None:
    case = run(ALERTED, shaken(server_hello_frame=5, version="TLS 1.2"))
    assert places(case.excluded(RULE)) == {"tls.pcap": ((4, 5), ())}


def spoken(talk: Talk, ours: int, theirs: int, *frames: int) -> Run:
    """A capture in which the payloads of these frames begin as the two protocols do."""
    case = Run().capture("a.pcap", talk)
    packets = case.tables.table("a.pcap", "packets")
    assert packets is not None
    application = np.zeros(len(packets), np.uint8)
    application[[n - 1 for n in frames]] = ours, theirs
    case.tables.add("a.pcap", {"packets": Table({**packets.columns, "application": application}, packets.meta)})
    return case


@pytest.mark.parametrize(("ours", "theirs"), [(HTTP_REQUEST, TLS_ALERT), (TLS_HANDSHAKE, HTTP_RESPONSE), (HTTP_REQUEST, SSH)])
def test_two_protocols_fire(ours: int, theirs: int) -> None:
    (found,) = spoken(Talk().opens().request().answer().closes(), ours, theirs, 4, 5).found("protocol_mismatch")
    assert (found.outcome, found.confidence) == ("fail", "certain")
    assert places(found.statements) == {"a.pcap": ((4, 5), ())}


def test_one_protocol_and_unknown_bytes_are_silent() -> None:
    talk = Talk().opens().request().answer().closes()
    assert spoken(talk, HTTP_REQUEST, HTTP_RESPONSE, 4, 5).excluded("protocol_mismatch")
    assert spoken(talk, 0, SMTP_LIKE, 4, 5).ask("protocol_mismatch") == []


def test_first_bytes_in_the_middle_of_a_stream_say_nothing() -> None:
    middle = wire().opens().request().answer().request().answer().closes().cut(4)
    assert spoken(middle, TLS_HANDSHAKE, HTTP_RESPONSE, 1, 4).ask("protocol_mismatch") == []
    missed = wire().opens().request()
    missed.next[False] += 1448
    assert spoken(missed.answer(), TLS_HANDSHAKE, HTTP_RESPONSE, 4, 5).ask("protocol_mismatch") == []


def test_without_evidence_it_is_named() -> None:
    (tls,), (protocol,) = (Run().add("note.md").unknown(rule) for rule in (RULE, "protocol_mismatch"))
    assert "openssl" in str(tls.collect)
    assert "TLS" in english(tls.missing[0])
    assert "tcpdump" in str(protocol.collect)

"""Attempts of captures: how far each came, and what a cut or a late start leaves open."""

from time import process_time

import pytest

from runs.analysis.facts.attempt import Attempt
from tests.kit import Run, Talk, answered, tried


def results(*talks: Talk) -> dict[str, str]:
    (attempt,) = Run().capture("a.pcap", *talks).case().all(Attempt)
    return {p.name: p.result for p in attempt.phases}


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (Talk().opens().request().answer().closes(), "not_observed ok ok ok ok ok ok"),
        (Talk().opens().request().answer().rst(client=True), "not_observed ok ok ok ok not_observed ok"),
        (Talk().opens().request().answer().rst(), "not_observed ok ok ok ok failed failed"),
        (Talk().opens().request().answer().closes().rst(), "not_observed ok ok ok ok ok ok"),
        (Talk().opens().request().acked().waits(30).fin(), "not_observed ok ok ok failed not_reached ok"),
        (Talk().opens().request().acked(), "not_observed ok ok ok not_observed not_reached not_observed"),
        (Talk().opens().request(), "not_observed ok ok not_observed not_observed not_reached not_observed"),
        (Talk().opens(), "not_observed ok not_reached not_reached not_reached not_reached not_observed"),
        (Talk().syn().syn_ack(), "not_observed not_observed not_reached not_reached not_reached not_reached not_reached"),
        (Talk().syn(), "not_observed not_observed not_reached not_reached not_reached not_reached not_reached"),
        (Talk().syn().waits(1).syn_again(), "not_observed failed not_reached not_reached not_reached not_reached not_reached"),
        (Talk().syn().rst(), "not_observed failed not_reached not_reached not_reached not_reached not_reached"),
    ],
)
def test_phases(talk: Talk, expected: str) -> None:
    assert list(results(talk).values()) == expected.split()


def test_a_capture_that_begins_within_a_conversation() -> None:
    talk = Talk().opens().request().answer().closes()
    for first in (1, 2, 3):
        talk.rows = talk.rows[1:]
        assert results(talk)["connect"] == "ok", first
        assert results(talk)["first_byte"] == "ok", first


def test_a_handshake_whose_last_ack_was_not_captured() -> None:
    talk = Talk().opens().request().answer().closes()
    del talk.rows[2]
    assert results(talk)["connect"] == "ok"


def test_an_upload_that_the_capture_cuts_is_no_failure() -> None:
    talk = Talk().opens().request(1400).acked().request(1400).request(1400)
    assert "failed" not in results(talk).values()


def test_the_reader_of_a_response_knows_whether_it_was_whole() -> None:
    talk = Talk().opens().request().answer().rst()
    run = Run().capture("a.pcap", talk).curl("c.log", tried(), **answered())
    (attempt,) = run.case().all(Attempt)
    phase = attempt.phase("complete")
    assert phase is not None
    assert phase.result == "ok"


def test_equal_conversations_are_one_row_with_their_number() -> None:
    talks = [Talk(client_port=2000 + n, at_s=n).opens().request().answer().closes() for n in range(50)]
    (attempt,) = Run().capture("a.pcap", *talks).case().all(Attempt)
    assert attempt.count == 50


def test_eight_thousand_conversations_are_judged_in_a_second_or_two() -> None:
    talks = [
        Talk(port=443 + n % 7, client_port=1024 + n, at_s=n / 100).opens().request().acked().waits(9).fin().rst()
        for n in range(4000)
    ]
    refused = [Talk("2001:db8::1", 443 + n % 7, client_port=1024 + n, at_s=n / 100).syn().rst() for n in range(4000)]
    run = Run().capture("a.pcap", *talks, *refused)
    started = process_time()
    run.report()
    assert process_time() - started < 4

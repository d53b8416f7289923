"""`retransmission_rate_high`: many repetitions in a long transfer, and captures that only look like it."""

from typing import Any

import pytest

from tests.kit import SERVER, Run, Talk, english
from tests.rules.wire import wire

RULE = "retransmission_rate_high"


def transfer(segments: int, every: int = 0, **ends: Any) -> Any:
    """A download that loses each `every`-th segment."""
    talk = wire(**ends).opens().request().acked()
    for n in range(segments):
        talk.data(False)
        if every and n % every == every - 1:
            talk.goes(250).again(False)
        talk.ack()
    return talk.closes()


def test_fires_with_count_and_share() -> None:
    (found,) = Run().capture("a.pcap", transfer(200, 40)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "firm")
    assert found.subject["direction"] == "to originator"
    assert "5 of 205 data segments" in english(found.title)
    assert len(found.statements[0].citations[0].frames) == 5


def test_more_than_five_percent_is_high() -> None:
    (found,) = Run().capture("a.pcap", transfer(200, 10)).found(RULE)
    assert found.severity == "high"


def test_a_capture_that_holds_frames_twice_counts_each_loss_once() -> None:
    (found,) = Run().capture("a.pcap", transfer(200, 40).copies()).found(RULE)
    assert "5 of 205 data segments" in english(found.title)
    assert found.subject["address"] == SERVER


@pytest.mark.parametrize(
    "talk",
    [
        transfer(200),
        transfer(200).copies(),  # captured at two interfaces
        transfer(200).copies(after_ms=0.9),
        transfer(200, 150),  # one loss
        transfer(60, 10),  # too few to say
        transfer(200).only(True),
        transfer(200).cut(90),
    ],
    ids=["sound", "twice", "twice, later", "one loss", "few", "one direction", "cut"],
)
def test_silent(talk: Talk) -> None:
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_a_sound_transfer_is_told_with_its_count() -> None:
    (said,) = Run().capture("a.pcap", transfer(200)).excluded(RULE)
    assert "0 of 201 data segments" in english(said.text)


def test_without_a_conversation_it_names_a_capture() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert unknown.collect

"""`arp_unanswered` and `arp_duplicate_address`: absent and doubled addresses, and what a segment shows every day."""

from typing import Any

import pytest

from runs.analysis.facts.arp import ArpResolution
from tests.kit import SECOND, T0, Run, Talk, english, places

ASKER, ABSENT, THERE = "192.0.2.77", "192.0.2.99", "192.0.2.1"
A, B, VRRP = "52:54:00:00:00:0a", "52:54:00:00:00:0b", "00:00:5e:00:01:07"


def arp(target: str = ABSENT, asker: str = ASKER, asked: int = 3, macs: tuple[str, ...] = (), **fields: Any) -> ArpResolution:
    replies = tuple(range(11, 11 + len(macs)))
    known: dict[str, Any] = {"reply_frames": replies, "reply_count": len(replies), "first_ns": T0, "last_ns": T0 + 2 * SECOND}
    return ArpResolution(
        asker=asker, target=target, request_frames=tuple(range(1, asked + 1)), request_count=asked, macs=tuple(dict.fromkeys(macs)),
        **{**known, **fields},
    )  # fmt: skip


def run(*found: ArpResolution) -> Run:
    return Run().add("arp.pcap", *found, kind="capture")


def test_an_absent_address_fires_where_the_asker_gets_its_other_answers() -> None:
    (found,) = run(arp(), arp(THERE, macs=(A,))).found("arp_unanswered")
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert found.subject == {"address": ABSENT}
    assert places(found.statements) == {"arp.pcap": ((1, 2, 3), ())}


def test_a_lone_asker_is_tentative() -> None:
    (found,) = run(arp()).found("arp_unanswered")
    assert found.confidence == "tentative"


def test_broadcasts_of_others_on_a_switch_are_not_evaluable() -> None:
    others = [arp(f"192.0.2.{n}", asker=f"192.0.2.{100 + n}") for n in range(2, 40)]
    answers = run(*others, arp(THERE, macs=(A,)))
    assert answers.found("arp_unanswered") == []
    unknown = answers.unknown("arp_unanswered")
    assert "192.0.2.102" in english(unknown[0].missing[0])
    assert unknown[0].collect


@pytest.mark.parametrize(
    "found",
    [
        arp(asker="0.0.0.0"),  # a probe for a duplicate
        arp(asker=ABSENT),  # an announcement
        arp(asked=1, last_ns=T0),
        arp(macs=(A,)),
    ],
    ids=["probe", "announcement", "once", "answered"],
)
def test_silent_about(found: ArpResolution) -> None:
    assert run(found, arp(THERE, macs=(A,))).found("arp_unanswered") == []


def test_an_address_that_speaks_is_there() -> None:
    talk = Talk(server=ABSENT, client=ASKER).opens().request().answer().closes()
    assert Run().capture("a.pcap", talk).add("a.pcap", arp()).found("arp_unanswered") == []


def test_a_sweep_is_one_info() -> None:
    swept = [arp(f"192.0.2.{n}", asked=2) for n in range(100, 250)]
    (found,) = run(*swept, arp(THERE, macs=(A,))).found("arp_unanswered")
    assert (found.outcome, found.subject) == ("info", {"asker": ASKER, "what": "sweep"})


def test_two_answers_to_one_question_are_firm() -> None:
    (found,) = run(arp(THERE, asked=2, macs=(A, B, A, B))).found("arp_duplicate_address")
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert found.subject == {"address": THERE}
    assert places(found.statements) == {"arp.pcap": ((11, 12, 13, 14), ())}


def test_an_address_that_moved_is_tentative() -> None:
    (found,) = run(arp(THERE, asked=4, macs=(A, A, B, B))).found("arp_duplicate_address")
    assert (found.severity, found.confidence) == ("medium", "tentative")


@pytest.mark.parametrize("macs", [(A,), (A, A), (A, VRRP), (A, "00:00:0c:9f:f7:01"), (A, "02:bf:c0:00:02:01")])
def test_one_host_and_its_virtual_address_are_one(macs: tuple[str, ...]) -> None:
    answers = run(arp(THERE, asked=1, macs=macs))
    assert answers.found("arp_duplicate_address") == []
    assert answers.excluded("arp_duplicate_address")


@pytest.mark.parametrize("rule", ["arp_unanswered", "arp_duplicate_address"])
def test_without_arp_it_is_named(rule: str) -> None:
    (unknown,) = Run().add("note.md").unknown(rule)
    assert "ARP" in english(unknown.missing[0])
    assert "arp" in str(unknown.collect)

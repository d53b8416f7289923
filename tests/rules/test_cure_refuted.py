"""`workaround_refuted`: notes that say that a change cured the fault, and what the run tried afterwards."""

from typing import Any

import pytest

from runs.analysis.facts.base import Stamp
from runs.analysis.facts.notes import Note, NoteLine, NoteTime
from tests.kit import SECOND, SERVER, T0, Run, Talk, places

RULE = "workaround_refuted"
CHANGE_S = 600
WORDS = "22:16:40"  # as the tests' notes write it; the stamp stands beside it


def silent(at_s: float, **ends: Any) -> Talk:
    return Talk(at_s=at_s, client_port=40_000 + int(at_s), **ends).opens().request().acked().waits(30).fin()


def answered(at_s: float, **ends: Any) -> Talk:
    return Talk(at_s=at_s, client_port=40_000 + int(at_s), **ends).opens().request().answer().closes()


def noted(text: str, *talks: Talk, approximate: bool = False, more: tuple[str, ...] = ()) -> Run:
    """A note with a sentence in line 4 that bears the moment of the change."""
    stamp = Stamp(wall_ns=T0 + CHANGE_S * SECOND, zone="Z", approximate=approximate)
    lines = (NoteLine(4, text), *(NoteLine(5 + n, t) for n, t in enumerate(more)))
    note = Note(statements=lines, times=(NoteTime(4, WORDS, stamp),))
    return Run().capture("a.pcap", *talks).add("notes.txt", note, kind="note")


CURED = f"{WORDS} に web サービスを再起動して復旧した。"


@pytest.mark.parametrize(
    "text",
    [
        CURED,
        f"{WORDS} MTU を 1400 に下げて解消した。",
        f"Changed the route at {WORDS}; this fixed it.",
        f"Restarted the daemon at {WORDS}, works again.",
        f"{WORDS}: {SERVER} への経路を追加して直った。",
    ],
)
def test_the_same_fault_after_the_cure_refutes_it(text: str) -> None:
    (found,) = noted(text, silent(0), silent(700), silent(800)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "medium", "firm")
    cited = places(found.statements)
    assert cited["notes.txt"] == ((), (4,))
    assert len(cited["a.pcap"][0]) > 2
    assert found.subject["address"] == SERVER


def test_one_later_try_is_tentative() -> None:
    assert [f.confidence for f in noted(CURED, silent(0), silent(700)).found(RULE)] == ["tentative"]


def test_an_answer_afterwards_excludes() -> None:
    made = noted(CURED, silent(0), silent(700), answered(800))
    assert made.found(RULE) == []
    assert places(made.excluded(RULE))["notes.txt"] == ((), (4,))


def test_nothing_tried_afterwards_is_not_evaluable() -> None:
    made = noted(CURED, silent(0), silent(300))
    assert made.found(RULE) == []
    (unknown,) = made.unknown(RULE)
    assert unknown.citations[0].file == "notes.txt"
    assert unknown.collect


def test_what_failed_while_the_change_was_made_says_nothing() -> None:
    assert noted(CURED, silent(0), silent(700), approximate=True).found(RULE) == []


@pytest.mark.parametrize(
    "talks",
    [
        (silent(700), silent(800)),  # nothing failed before
        (answered(0), silent(700)),
        (silent(0), Talk(at_s=700, client_port=1).syn().rst()),  # another fault
    ],
)
def test_another_fault_or_none_before_is_silent(talks: tuple[Talk, ...]) -> None:
    assert noted(CURED, *talks).found(RULE) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{WORDS} に再起動したが復旧しなかった。",
        f"{WORDS} に再起動すれば復旧する見込み。",
        f"{WORDS} に再起動して一時的に復旧した。",
        f"{WORDS} に再起動した。",
        f"{WORDS} に復旧した。",
        "再起動して復旧した。",
        f"利用者は「{WORDS} に再起動して復旧した」と話す。",
        f"It was not fixed by restarting at {WORDS}.",
        f"{WORDS} に別経由で復旧した。",  # a way round, but which
    ],
)
def test_what_is_not_clearly_stated_is_silent(text: str) -> None:
    assert noted(text, silent(0), silent(700), silent(800)).ask(RULE) == []


def test_notes_that_tell_of_the_relapse_are_not_refuted() -> None:
    assert noted(CURED, silent(0), silent(700), silent(800), more=("その後に再発した。",)).ask(RULE) == []


def test_among_several_ends_the_sentence_must_name_the_one() -> None:
    other = [answered(at, server="203.0.113.5", port=80) for at in (10, 710)]
    assert noted(CURED, silent(0), silent(700), silent(800), *other).ask(RULE) == []
    named = f"{WORDS} に再起動して 8443 番が復旧した。"
    assert len(noted(named, silent(0), silent(700), silent(800), *other).found(RULE)) == 1


def test_of_a_way_round_only_its_own_port_counts() -> None:
    text = f"{WORDS} にポート 9443 経由に切り替えて解消した。"
    old = [silent(0), silent(700), silent(800)]
    assert noted(text, *old, answered(710, port=9443)).found(RULE) == []
    (found,) = noted(text, *old, silent(710, port=9443), silent(810, port=9443)).found(RULE)
    assert found.subject["port"] == "9443"
    assert noted(text, *old).found(RULE) == []


def test_a_time_whose_zone_is_only_assumed_says_nothing() -> None:
    def made(zone: str | None) -> Run:
        stamp = Stamp(wall_ns=T0 + CHANGE_S * SECOND, zone=zone)
        note = Note(statements=(NoteLine(4, CURED),), times=(NoteTime(4, WORDS, stamp),))
        run = Run(timezone=None).capture("a.pcap", silent(0), silent(700), silent(800))
        return run.add("notes.txt", note, kind="note")

    assert len(made("Z").found(RULE)) == 1
    assert made(None).ask(RULE) == []

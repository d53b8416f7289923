"""Hypotheses of the notes beside what the rules answered for the causes they name: for, against, open; never a guess."""

import pytest

from runs.analysis.facts.firewall import PfRule, PfRuleset
from runs.analysis.facts.notes import Note, NoteLine
from runs.analysis.hypotheses import CAUSES
from runs.analysis.messages import render
from runs.analysis.registry import rules
from runs.analysis.report import HypothesisRow
from tests.kit import Run, Talk, english


def suspected(run: Run, *sentences: str) -> tuple[HypothesisRow, ...]:
    lines = tuple(NoteLine(line, text) for line, text in enumerate(sentences, 3))
    return run.add("memo.md", Note(hypotheses=lines)).report().hypotheses


def silent() -> Run:
    return Run().capture("a.pcap", Talk().opens().request().acked().waits(30).fin())


def healthy() -> Run:
    return Run().capture("a.pcap", Talk().opens().request().acked().answer().closes())


@pytest.mark.parametrize("text", ["仮説: 上流のアプリがハングしている", "The backend is probably stuck."])
def test_a_cause_that_the_evidence_shows(text: str) -> None:
    (row,) = suspected(silent(), text)
    assert row.standing == "supported"
    assert (row.file, row.line, row.text) == ("memo.md", 3, text)
    assert "never answers" in english(row.pro[0].text)
    assert row.pro[0].citations
    assert not row.con


def test_a_cause_that_every_rule_excludes() -> None:
    (row,) = suspected(healthy(), "A zero window, maybe: the receiver does not read?")
    assert row.standing == "contradicted"
    assert row.con
    assert not row.pro


@pytest.mark.parametrize(
    "text", ["ファイアウォールが遮断している可能性", "Perhaps DNS.", "MAP-E のトンネルかもしれない", "リースが切れた？"]
)
def test_without_the_evidence_it_stays_open_and_says_what_is_missing(text: str) -> None:
    (row,) = suspected(silent(), text)
    assert row.standing == "open"
    assert row.missing
    assert row.collect
    assert not row.pro


def test_a_rule_that_fires_elsewhere_does_not_speak_for_the_port_that_is_named_or_against_it() -> None:
    run = Run().capture(
        "a.pcap",
        Talk(port=8443).opens().request().acked().waits(30).fin(),
        Talk(port=9443, client_port=52000).opens().request().acked().answer().closes(),
    )
    (row,) = suspected(run, "8443 の上流がハングしていると思われる")
    assert row.standing == "supported"
    assert all("8443" in render(s.text, "en") for s in row.pro)
    assert not row.con


def test_a_sentence_that_names_no_cause_is_no_row() -> None:
    assert suspected(silent(), "原因は不明？", "Is it ours or theirs?") == ()


def test_causes_name_rules_that_exist() -> None:
    assert {rule for cause in CAUSES for rule in (*cause.rules, *cause.denied_by)} <= rules().keys()


def test_a_filter_that_was_listed_and_blocks_nothing_speaks_against_it() -> None:
    rules = PfRuleset(rules=(PfRule(line=4, text="pass all", action="pass"),))
    run = healthy().add("pf.txt", rules)
    (row,) = suspected(run, "pf が遮断している？")
    assert row.standing == "contradicted"
    assert "none blocks" in english(row.con[0].text)

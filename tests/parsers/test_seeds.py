"""The project's own sample documents are read: only where they lie at hand ($SAMPLE_DOCUMENTS), since they are not ours to copy."""

import os
from pathlib import Path

import pytest

from runs.analysis import pipeline
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.notes import FileNote, Note, NoteTable
from runs.analysis.facts.stated_remarks import StatedRemark
from runs.analysis.source import Source

SEEDS = Path(os.environ.get("SAMPLE_DOCUMENTS", "")) / "seeds"
pytestmark = pytest.mark.skipif("SAMPLE_DOCUMENTS" not in os.environ, reason="the sample documents are not at hand")


def read(number: str) -> pipeline.FileResult:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    result, _ = pipeline.parse(Source(path, path.name))
    assert result.state in ("parsed", "partial")
    return result


def test_the_readme_lists_its_files() -> None:
    result = read("000")
    assert result.kind == "readme"
    assert sum(isinstance(fact, FileNote) for fact in result.located("seed")) == 15


def test_the_work_log_tells_what_worked_and_what_comes_next() -> None:
    result = read("001")
    facts = result.located("seed")
    (note,) = (fact for fact in facts if isinstance(fact, Note))
    assert result.kind == "note"
    assert all((note.succeeded, note.failed, note.learned, note.rollback))
    assert [action.priority for action in note.actions[:4]] == ["high", "high", "medium", "medium"]
    assert sum(isinstance(fact, NoteTable) for fact in facts) == 3
    assert any(time.relative_ns == 1_800 * 10**9 and time.stamp for time in note.times)


def test_the_slides_hold_packets_of_both_programs() -> None:
    result = read("002")
    facts = result.located("seed")
    captures = [fact for fact in facts if isinstance(fact, Capture)]
    assert result.kind == "note"
    assert [capture.frame_count for capture in captures] == [5, 6, 10, 6, 4, 9, 33]
    (resent,) = (fact for fact in facts if isinstance(fact, StatedRemark) and fact.name == "retransmission")
    assert resent.count == 6


def test_the_article_quotes_what_was_rejected() -> None:
    facts = read("003").located("seed")
    errors = [fact for fact in facts if isinstance(fact, IcmpError)]
    assert [(error.icmp_type, error.icmp_code, error.quoted_ttl, error.original_ttl) for error in errors] == [(3, 10, 62, 64)] * 3

"""`action_open`: the notes' next actions are the run's to-do."""

from runs.analysis.facts.notes import Note, NoteLine
from tests.kit import Run, english, places

RULE = "action_open"


def test_actions_of_all_notes_make_one_finding() -> None:
    run = (
        Run()
        .add("README.md", Note(actions=(NoteLine(9, "ICMPを含めて再取得"),)))
        .add("memo.md", Note(actions=(NoteLine(3, "ask the carrier"),)))
    )
    (found,) = run.found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("info", "info", "certain")
    assert places(found.statements) == {"README.md": ((), (9,)), "memo.md": ((), (3,))}
    assert [english(s.text) for s in found.statements] == ["ICMPを含めて再取得", "ask the carrier"]


def test_notes_without_actions_are_excluded_and_hypotheses_are_none() -> None:
    run = Run().add("memo.md", Note(hypotheses=(NoteLine(3, "perhaps the carrier"),)))
    assert run.found(RULE) == []
    assert run.excluded(RULE)[0].citations[0].file == "memo.md"


def test_not_evaluable_without_notes() -> None:
    assert "notes" in english(Run().add("a.txt").unknown(RULE)[0].missing[0])

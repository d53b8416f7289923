"""Notes: how many statements, hypotheses and next actions they hold."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.notes import Note, NoteLine
from runs.analysis.messages import Message, message
from runs.analysis.report import Statement

STATEMENTS = message("note.summary_statements", en="{n:count} {n:plural:statement|statements}.", ja="記述 {n:count} 件。")
HYPOTHESES = message("note.summary_hypotheses", en="{n:count} {n:plural:hypothesis|hypotheses}.", ja="仮説 {n:count} 件。")
ACTIONS = message("note.summary_actions", en="{n:count} next {n:plural:action|actions}.", ja="次アクション {n:count} 件。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for note in (f for f in facts if isinstance(f, Note)):
        parts: list[tuple[Message, tuple[NoteLine, ...]]] = [
            (STATEMENTS, note.statements),
            (HYPOTHESES, note.hypotheses),
            (ACTIONS, note.actions),
        ]
        for said, lines in parts:
            if lines:
                yield Statement(said(n=len(lines)), (Citation(file.path, lines=tuple(n.line for n in lines)),))

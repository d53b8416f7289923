"""Notes: how many statements, hypotheses and next actions they hold, and what their commands set up."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.notes import Note, NoteLine
from runs.analysis.messages import Message, message
from runs.analysis.report import Statement
from runs.analysis.summaries._command_lines import command_lines

STATEMENTS = message("note.summary_statements", en="{n:count} {n:plural:statement|statements}.", ja="記述 {n:count} 件。")
HYPOTHESES = message("note.summary_hypotheses", en="{n:count} {n:plural:hypothesis|hypotheses}.", ja="仮説 {n:count} 件。")
ACTIONS = message("note.summary_actions", en="{n:count} next {n:plural:action|actions}.", ja="次アクション {n:count} 件。")
SUCCEEDED = message("note.summary_succeeded", en="{n:count} things that worked.", ja="成功 {n:count} 件。")
FAILED = message("note.summary_failed", en="{n:count} that failed or stay open.", ja="失敗・未解決 {n:count} 件。")
FIRST = message("note.summary_first", en="Of high priority: {actions:list}.", ja="優先度高：{actions:list}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for note in (f for f in facts if isinstance(f, Note)):
        parts: list[tuple[Message, tuple[NoteLine, ...]]] = [
            (STATEMENTS, note.statements),
            (HYPOTHESES, note.hypotheses),
            (SUCCEEDED, note.succeeded),
            (FAILED, note.failed),
            (ACTIONS, note.actions),
        ]
        for said, lines in parts:
            if lines:
                yield Statement(said(n=len(lines)), (Citation(file.path, lines=tuple(n.line for n in lines)),))
        urgent = [n for n in note.actions if n.priority == "high"][:4]
        if urgent:
            names = [n.text.partition(" — ")[0][:80] for n in urgent]
            yield Statement(FIRST(actions=names), (Citation(file.path, lines=tuple(n.line for n in urgent)),))
    yield from command_lines(file, facts)

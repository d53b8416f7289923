"""READMEs: how many files the table lists, and how many of them are here; next actions; what commands set up."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.domain.paths import resolve
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.notes import FileNote, Note
from runs.analysis.messages import message
from runs.analysis.report import Statement
from runs.analysis.summaries._command_lines import command_lines

TABLE = message(
    "readme.summary_table",
    en="Index: {here:count} of {n:count} listed {n:plural:file is|files are} here.",
    ja="一覧：記載 {n:count} 件中 {here:count} 件が束にある。",
)
ACTIONS = message("readme.summary_actions", en="{n:count} next {n:plural:action|actions}.", ja="次アクション {n:count} 件。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    rows = [f for f in facts if isinstance(f, FileNote)]
    paths = [f.path for f in case.files]
    if rows:
        here = sum(1 for r in rows if resolve(r.path, file.path, paths) is not None)
        place = Citation(file.path, lines=tuple(r.line for r in rows))
        yield Statement(TABLE(n=len(rows), here=here), (place,))
    actions = [a for f in facts if isinstance(f, Note) for a in f.actions]
    if actions:
        yield Statement(ACTIONS(n=len(actions)), (Citation(file.path, lines=tuple(a.line for a in actions)),))
    yield from command_lines(file, facts)

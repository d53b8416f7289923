"""A next action in the notes, with no later evidence of it: the run's to-do.

Claim (`info`): the README or a note names what is to be done next; nothing in this run shows that it was. A later run may.

Refuted by: evidence of the action, in this run or in a later one.

Source: the notes themselves.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.notes import Note
from runs.analysis.messages import message, plain
from runs.analysis.registry import rule
from runs.analysis.report import Excluded, Found, Outcome, Statement

MOST = 20
TITLE = message("action_open", en="Next actions of the notes are open", ja="メモの次アクションが未完了")
OPEN = message(
    "action_open.title",
    en="{n:count} next {n:plural:action|actions} of the notes {n:plural:has|have} no later evidence.",
    ja="メモの次アクション {n:count} 件に、実施した証跡がない。",
)
REFUTE = message("action_open.refute", en="Evidence of the action.", ja="実施した証跡があれば完了とする。")
NONE = message("action_open.none", en="The notes name no next action.", ja="メモに次アクションの記載はない。")


@rule(title=TITLE, domain="notes", topics=["capture-practice"], needs=[Note], collect="$EDITOR NOTES.md")
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for all actions of the run's notes."""
    actions = [(n.file, a) for n in case.all(Note) for a in n.actions]
    if not actions:
        places = tuple(Citation(n.file) for n in case.all(Note)[:4])
        yield Excluded(statements=(Statement(NONE(), places),))
        return
    yield Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=OPEN(n=len(actions)),
        statements=tuple(statement(plain(a.text), Citation(file, lines=(a.line,))) for file, a in actions[:MOST]),
        subject={"what": "next actions"},
        refuted_by=REFUTE(),
    )

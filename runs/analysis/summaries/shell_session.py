"""Terminals with several commands: what each of them shows, in the words of its own kind."""

from collections.abc import Iterator, Sequence

from runs.analysis import registry
from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST_STATEMENTS = 8
COMMANDS = message(
    "shell_session.summary",
    en="{n:count} {n:plural:command|commands} on {hosts:list}: {commands:list}.",
    ja="{hosts:list} でのコマンド {n:count} 件：{commands:list}。",
)
COMMANDS_ONLY = message(
    "shell_session.summary_commands",
    en="{n:count} {n:plural:command|commands}: {commands:list}.",
    ja="コマンド {n:count} 件：{commands:list}。",
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    typed = [s for s in file.segments if s.command]
    hosts = list(dict.fromkeys(s.host for s in typed if s.host))[:4]
    if typed:
        commands = list(dict.fromkeys((s.command or "")[:60] for s in typed))[:6]
        place = (Citation(file.path, lines=tuple(s.lines[0] for s in typed[:20])),)
        yield Statement(
            COMMANDS(n=len(typed), hosts=hosts, commands=commands) if hosts else COMMANDS_ONLY(n=len(typed), commands=commands),
            place,
        )
    kinds = registry.summaries()
    told = 0
    for kind in dict.fromkeys(s.kind for s in file.segments):
        of_kind = {s.lines[0] for s in file.segments if s.kind == kind}
        if kind not in kinds or kind == "shell_session":
            continue
        for statement in kinds[kind].summary(file, [f for f in facts if f.segment in of_kind], case):
            if told >= MOST_STATEMENTS:
                return
            told += 1
            yield statement

"""What the summaries of all kinds of logs say."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.log import Log
from runs.analysis.messages import message
from runs.analysis.report import Statement

ENTRIES = message(
    "log.summary_entries",
    en="{n:count} {n:plural:entry|entries}, {errors:count} errors, {warnings:count} warnings.",
    ja="{n:count} 件、エラー {errors:count}、警告 {warnings:count}。",
)
MOST = message("log.summary_most", en="Most frequent ({n:count} ×): {text}", ja="最多（{n:count} 件）：{text}")
LATE = message(
    "log.summary_late",
    en="It begins at {start:time}, after the first failure at {failure:time}.",
    ja="{start:time} からの記録であり、最初の失敗 {failure:time} を含まない。",
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    clock = next((c for c in case.all(Clock) if c.file == file.path), None)
    failures = [
        a.at_ns for a in case.all(Attempt) if a.stopped_at not in (None, "close") and not a.superseded and a.at_ns is not None
    ]
    for log in (f for f in facts if isinstance(f, Log)):
        errors = sum(n for level, n in log.levels.items() if level in ("error", "critical"))
        said = ENTRIES(n=log.entries, errors=errors, warnings=log.levels.get("warning", 0))
        yield Statement(said, (Citation(file.path, lines=(log.first_line, log.last_line)),))
        wall = log.wall_window()
        if clock and wall and failures and (wall.has_date or clock.day_known):
            start = clock.utc_ns(wall.first_ns, wall.has_date)
            if start > min(failures):
                yield Statement(LATE(start=start, failure=min(failures)), (Citation(file.path, lines=(log.first_line,)),))
        top = max(log.templates, key=lambda t: t.count, default=None)
        if top is not None and top.count > 1:
            yield Statement(MOST(n=top.count, text=top.text[:120]), (Citation(file.path, lines=top.lines[:5]),))

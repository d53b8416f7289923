"""Access logs: how many requests, and how many of them failed."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.access import AccessLog
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.messages import message
from runs.analysis.report import Statement

REQUESTS = message(
    "nginx_access.summary",
    en="{n:count} {n:plural:request|requests}: {statuses:list}.",
    ja="要求 {n:count} 件：{statuses:list}。",
)
STATUS = message("nginx_access.summary_status", en="{n:count} × {status}", ja="{status} が {n:count} 件")
MOST_STATUSES = 6


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for log in (f for f in facts if isinstance(f, AccessLog)):
        frequent = sorted(log.statuses.items(), key=lambda s: (-s[1], s[0]))[:MOST_STATUSES]
        said = REQUESTS(n=log.requests, statuses=[STATUS(status=status, n=n) for status, n in frequent])
        failed = tuple(sorted(line for g in log.groups if g.status >= 400 for line in g.lines))
        yield Statement(said, (Citation(file.path, lines=failed[:20]),) if failed else ())

"""`conntrack -S`: packets that connection tracking could not place, or dropped."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.conntrack import ConntrackStatistics
from runs.analysis.messages import message
from runs.analysis.report import Statement

TROUBLED = message(
    "conntrack_statistics.summary_troubled",
    en="Connection tracking: {counters:list} ({n:count} {n:plural:processor|processors}).",
    ja="接続追跡：{counters:list}（CPU {n:count} 個の合計）。",
)
CLEAN = message(
    "conntrack_statistics.summary_clean",
    en="Connection tracking dropped nothing and found nothing invalid.",
    ja="接続追跡によるドロップ・不正パケットなし。",
)
_TELLING = ("invalid", "insert_failed", "drop", "early_drop", "error", "chaintoolong")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for one in [fact for fact in facts if isinstance(fact, ConntrackStatistics)][:4]:
        place = (Citation(file.path, lines=tuple(range(one.first_line, one.last_line + 1))[:20]),)
        shown = [f"{name} {one.counters[name]:,}" for name in _TELLING if one.counters.get(name)]
        yield Statement(TROUBLED(counters=shown, n=one.processors) if shown else CLEAN(), place)

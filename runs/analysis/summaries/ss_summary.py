"""`ss -s`: how many sockets there are, and in which states TCP's are."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.sockets import SocketTotals
from runs.analysis.messages import message
from runs.analysis.report import Statement

TOTAL = message("ss_summary.summary_total", en="{n:count} sockets.", ja="ソケット {n:count} 個。")
TCP = message("ss_summary.summary_tcp", en="TCP {n:count}: {states:list}.", ja="TCP {n:count} 個：{states:list}。")
OTHERS = message("ss_summary.summary_others", en="Others: {names:list}.", ja="ほか：{names:list}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for totals in [fact for fact in facts if isinstance(fact, SocketTotals)][:4]:
        if totals.total is not None:
            yield Statement(TOTAL(n=totals.total), (Citation(file.path, lines=(totals.total_line,)),))
        if totals.tcp is not None:
            states = [f"{name} {n:,}" for name, n in totals.tcp_states.items() if n]
            yield Statement(TCP(n=totals.tcp, states=states), (Citation(file.path, lines=(totals.tcp_line,)),))
        others = [row for row in totals.by_transport if row[0] in ("UDP", "RAW", "FRAG") and row[1]]
        if others:
            place = Citation(file.path, lines=tuple(row[4] for row in others))
            yield Statement(OTHERS(names=[f"{row[0]} {row[1]:,}" for row in others]), (place,))

"""What the summaries of neighbour tables say: who is known, who does not answer, and who answers for several addresses."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.network import Neighbours
from runs.analysis.messages import message
from runs.analysis.report import Statement

KNOWN = message(
    "neighbours.summary_known",
    en="{n:count} {n:plural:neighbour|neighbours} with a MAC address.",
    ja="MAC アドレスの判明した近隣 {n:count} 件。",
)
SILENT = message("neighbours.summary_silent", en="No answer from {addresses:list}.", ja="{addresses:list} は応答なし。")
ROUTERS = message("neighbours.summary_routers", en="Routers: {names:list}.", ja="ルーター：{names:list}。")
_UNANSWERED = ("INCOMPLETE", "FAILED")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    all_of_them = [n for table in facts if isinstance(table, Neighbours) for n in table.neighbours]
    known = [n for n in all_of_them if n.mac]
    silent = [n for n in all_of_them if n.state in _UNANSWERED]
    routers: dict[str, int] = defaultdict(int)
    for one in known:
        if one.router:
            routers.setdefault(f"{one.address} ({one.mac})", one.line)
    if silent:
        addresses = list(dict.fromkeys(f"{n.address} ({n.state})" for n in silent))[:8]
        yield Statement(SILENT(addresses=addresses), (Citation(file.path, lines=tuple(n.line for n in silent[:8])),))
    if known:
        yield Statement(KNOWN(n=len(known)), (Citation(file.path, lines=tuple(n.line for n in known[:20])),))
    if routers:
        yield Statement(ROUTERS(names=list(routers)[:4]), (Citation(file.path, lines=tuple(routers.values())[:4]),))

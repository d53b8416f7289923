"""What the summaries of routing tables say: how many routes, and where the default goes."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.network import RoutingTable
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 6
VIA = message(
    "routes.summary_via",
    en="{host}IPv{version}: {n:count} {n:plural:route|routes}, default via {via} ({device}).",
    ja="{host}IPv{version} 経路 {n:count} 件、デフォルトは {via} ({device})。",
)
DIRECT = message(
    "routes.summary_direct",
    en="{host}IPv{version}: {n:count} {n:plural:route|routes}, default straight out of {device}.",
    ja="{host}IPv{version} 経路 {n:count} 件、デフォルトは {device} 直結。",
)
NO_DEFAULT = message(
    "routes.summary_no_default",
    en="{host}IPv{version}: {n:count} {n:plural:route|routes}, no default route.",
    ja="{host}IPv{version} 経路 {n:count} 件、デフォルト経路なし。",
)
REJECTING = message("routes.summary_rejecting", en="{kind}: {prefixes:list}.", ja="{kind}：{prefixes:list}。")
PART = message(
    "routes.summary_part",
    en="{host}{n:count} {n:plural:route|routes} of IPv{version}, filtered by the command.",
    ja="{host}IPv{version} 経路 {n:count} 件（コマンドで絞り込み）。",
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    tables = [f for f in facts if isinstance(f, RoutingTable)]
    several = len({t.host for t in tables}) > 1
    for table in tables[:MOST]:
        host = f"{table.host}: " if several and table.host else ""
        default = next((r for r in table.routes if r.destination in ("0.0.0.0/0", "::/0") and r.kind == "unicast"), None)
        common = {"host": host, "version": table.version, "n": len(table.routes)}
        if default is not None:
            device = default.device or "?"
            said = VIA(**common, via=default.via, device=device) if default.via else DIRECT(**common, device=device)
            place = Citation(file.path, lines=(default.line,))
        else:
            said = PART(**common) if table.partial else NO_DEFAULT(**common)
            place = Citation(file.path, lines=tuple(r.line for r in table.routes[:20]) or (table.first_line,))
        yield Statement(said, (place,))
        refused = [r for r in table.routes if r.kind in ("unreachable", "blackhole", "prohibit")]
        if refused:
            words = REJECTING(kind=refused[0].kind, prefixes=[r.destination for r in refused[:5]])
            yield Statement(words, (Citation(file.path, lines=tuple(r.line for r in refused[:5])),))

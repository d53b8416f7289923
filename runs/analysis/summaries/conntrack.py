"""conntrack: how many connections, what is translated to which address and ports, and what got no answer."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.conntrack import ConntrackTable, TrackedConnection
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 4
COUNT = message(
    "conntrack.summary_count", en="{n:count} connections ({protocols:list}).", ja="接続 {n:count} 件（{protocols:list}）。"
)
EMPTY = message("conntrack.summary_empty", en="No connection is tracked.", ja="追跡中の接続なし。")
SOURCE = message(
    "conntrack.summary_source",
    en="{n:count} translated to source {address}, {protocol} {ports}.",
    ja="{n:count} 件が送信元 {address} に変換、{protocol} {ports}。",
)
TARGET = message("conntrack.summary_target", en="{n:count} redirected to {end}.", ja="{n:count} 件が {end} へ宛先変換。")
UNREPLIED = message("conntrack.summary_unreplied", en="{n:count} without any reply.", ja="応答なし {n:count} 件。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for table in [f for f in facts if isinstance(f, ConntrackTable)][:MOST]:
        yield from _one(file.path, table)


def _one(path: str, table: ConntrackTable) -> Iterator[Statement]:
    every = table.connections
    if not every:
        yield Statement(EMPTY(), (Citation(path, lines=(table.stated_line or table.first_line,)),))
        return
    protocols = [f"{name} {n}" for name, n in Counter(c.protocol for c in every).most_common(5)]
    yield Statement(COUNT(n=len(every), protocols=protocols), (Citation(path, lines=(table.first_line, table.last_line)),))
    sources: dict[tuple[str, str], list[TrackedConnection]] = defaultdict(list)
    targets: dict[str, list[TrackedConnection]] = defaultdict(list)
    for one in every:
        if (outer := one.translated_source) is not None:
            sources[outer.address, one.protocol].append(one)
        if (inner := one.translated_destination) is not None:
            targets[str(inner)].append(one)
    for (address, protocol), found in sorted(sources.items(), key=lambda item: -len(item[1]))[:MOST]:
        ports = sorted({end.port for c in found if (end := c.translated_source) is not None and end.port is not None})
        words = "" if not ports else f"{ports[0]}" if len(ports) == 1 else f"{ports[0]}–{ports[-1]}"
        said = SOURCE(
            n=len(found), address=address, protocol=protocol, ports=("id " if protocol.startswith("icmp") else "") + words
        )
        yield Statement(said, (Citation(path, lines=tuple(c.line for c in found[:10])),))
    for inside, found in sorted(targets.items(), key=lambda item: -len(item[1]))[:MOST]:
        yield Statement(TARGET(n=len(found), end=inside), (Citation(path, lines=tuple(c.line for c in found[:10])),))
    silent = [c for c in every if not c.replied]
    if silent:
        yield Statement(UNREPLIED(n=len(silent)), (Citation(path, lines=tuple(c.line for c in silent[:10])),))

"""firewalld: what each zone lets in, and what becomes of the rest."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.firewalld import FirewalldZone
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 4
ZONE = message(
    "firewalld.summary_zone",
    en="Zone {name} ({interfaces:list}) lets in {items:list}.",
    ja="ゾーン {name}（{interfaces:list}）は {items:list} を許可。",
)
CLOSED = message(
    "firewalld.summary_closed",
    en="Zone {name} ({interfaces:list}) lists nothing to let in.",
    ja="ゾーン {name}（{interfaces:list}）に許可の指定なし。",
)
REST = message("firewalld.summary_rest", en="The rest: {target}.", ja="それ以外は {target}。")
RICH = message(
    "firewalld.summary_rich",
    en="{n:count} rich {n:plural:rule|rules}: {rules:list}.",
    ja="リッチルール {n:count} 件：{rules:list}。",
)
FORWARDS = message("firewalld.summary_forwards", en="Port forwarding: {items:list}.", ja="ポート転送：{items:list}。")
_TARGETS = {"default": "reject", "%%REJECT%%": "reject", "DROP": "drop", "ACCEPT": "accept"}


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    zones = [fact for fact in facts if isinstance(fact, FirewalldZone)]
    bound = [zone for zone in zones if zone.is_active or zone.interfaces or zone.sources]
    for zone in (bound or zones)[:MOST]:
        ends = [name for name, _ in (*zone.interfaces, *zone.sources)] or ["-"]
        items = [*zone.services, *zone.ports, *zone.protocols]
        lines = tuple(dict.fromkeys([zone.line, *(line for _, line in items)]))
        said = (
            ZONE(name=zone.name, interfaces=ends, items=[name for name, _ in items[:8]])
            if items
            else CLOSED(name=zone.name, interfaces=ends)
        )
        yield Statement(said, (Citation(file.path, lines=lines),))
        if zone.target:
            yield Statement(REST(target=_TARGETS.get(zone.target, zone.target)), (Citation(file.path, lines=(zone.line,)),))
        for words, found in ((RICH, zone.rich_rules), (FORWARDS, zone.forward_ports)):
            if found:
                place = (Citation(file.path, lines=tuple(line for _, line in found[:3])),)
                shown = [text[:160] for text, _ in found[:3]]
                yield Statement(words(n=len(found), rules=shown) if words is RICH else words(items=shown), place)

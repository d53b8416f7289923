"""What the summaries of packet filters say: how many rules, which policies, what is blocked with which counters, what is translated."""

from collections.abc import Iterator, Sequence

from runs.analysis.facts.base import Citation
from runs.analysis.facts.firewall import IptablesRule
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 3
RULES = message(
    "filter.summary_rules",
    en="{n:count} {n:plural:rule|rules}; policies: {policies:list}.",
    ja="規則 {n:count} 件。既定動作：{policies:list}。",
)
RULES_ONLY = message("filter.summary_rules_only", en="{n:count} {n:plural:rule|rules}.", ja="規則 {n:count} 件。")
BLOCKS = message("filter.summary_blocks", en="{chain}: {target} {what}.", ja="{chain}：{what} を {target}。")
COUNTED = message(
    "filter.summary_counted",
    en="{chain}: {target} {what}, {n:count} {n:plural:packet|packets} so far.",
    ja="{chain}：{what} を {target}（これまで {n:count} パケット）。",
)
TRANSLATES = message("filter.summary_translates", en="{target} of {what} to {to}.", ja="{what} を {to} に {target}。")
MASQUERADES = message("filter.summary_masquerades", en="{target} of {what}.", ja="{what} を {target}。")
GREPPED = message(
    "filter.summary_grepped",
    en="Only part of the rules: what is missing here proves nothing.",
    ja="規則の一部のみ。ここに無いことは根拠にならない。",
)
_TRANSLATING = ("SNAT", "DNAT", "MASQUERADE", "REDIRECT")


def lines(path: str, rules: Sequence[IptablesRule], policies: Sequence[tuple[str, int]]) -> Iterator[Statement]:
    """`policies`: 'FORWARD DROP' with its line."""
    stated = tuple(line for _, line in policies if line)
    if policies:
        yield Statement(RULES(n=len(rules), policies=[words for words, _ in policies]), (Citation(path, lines=stated or (1,)),))
    elif rules:
        yield Statement(RULES_ONLY(n=len(rules)), (Citation(path, lines=tuple(r.line for r in rules[:20])),))
    blocking = [r for r in rules if r.target in ("DROP", "REJECT")]
    for rule in sorted(blocking, key=lambda r: -(r.packets or 0))[:MOST]:
        common = {"chain": rule.chain, "target": rule.target, "what": _what(rule)}
        said = COUNTED(**common, n=rule.packets) if rule.packets else BLOCKS(**common)
        yield Statement(said, (Citation(path, lines=(rule.line,)),))
    told: dict[tuple[str, str, str], list[IptablesRule]] = {}
    for rule in rules:
        if rule.target in _TRANSLATING:
            told.setdefault((rule.target, _what(rule, protocol=False), rule.to or ""), []).append(rule)
    for (target, what, to), found in list(told.items())[: MOST + 1]:
        protocols = "/".join(dict.fromkeys(rule.protocol for rule in found if rule.protocol))
        shown = f"{what} {protocols}".removeprefix("any ") if protocols else what
        said = TRANSLATES(target=target, what=shown, to=to) if to else MASQUERADES(target=target, what=shown)
        yield Statement(said, (Citation(path, lines=tuple(rule.line for rule in found[:5])),))


def _what(rule: IptablesRule, protocol: bool = True) -> str:
    """What a rule matches, in the field's own signs: 'eth1→eth0 tcp 10.7.0.0/16→any dpt 443'."""
    parts = []
    if rule.in_interface or rule.out_interface:
        parts.append(f"{rule.in_interface or '*'}→{rule.out_interface or '*'}")
    if rule.protocol and protocol:
        parts.append(rule.protocol)
    if rule.source or rule.destination:
        parts.append(f"{rule.source or 'any'}→{rule.destination or 'any'}")
    if rule.source_ports:
        parts.append(f"spt {rule.source_ports}")
    if rule.destination_ports:
        parts.append(f"dpt {rule.destination_ports}")
    if rule.states:
        parts.append(",".join(rule.states))
    return " ".join(parts) or "any"

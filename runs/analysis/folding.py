"""Very many findings of one rule as few: by the address that they are about, and the rest by the rule, with counts and the gravest as examples.

A scan, a host that is down or a capture of a million flows gives one finding for each end that is asked. A person reads the first ones;
what is left out of the list is counted, never dropped: what a folded finding causes hangs under the fold.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from runs.analysis.chains import once, weight
from runs.analysis.facts.base import Citation
from runs.analysis.messages import Message, message
from runs.analysis.report import Found, Statement, merge_citations

MOST_ALIKE = 100  # findings of one rule and outcome
MOST_OF_ADDRESS = 20
KEPT = 20  # the gravest, which stay findings of their own
MOST_EXAMPLES = 10
MOST_PLACES = 4  # files cited for an example
MOST_NUMBERS = 10  # frames or lines of one file
MOST_CAUSES = 10

OF_ADDRESS = message(
    "folding.of_address",
    en="{rule}: {n:count} findings about ports or ways of {address}.",
    ja="{rule}：{address} のポートや経路について {n:count} 件。",
)
OF_RULE = message(
    "folding.of_rule",
    en="{rule}: {n:count} more findings alike, about {addresses:count} {addresses:plural:address|addresses}.",
    ja="{rule}：同様の所見がほかに {n:count} 件（アドレス {addresses:count} 個）。",
)
LEFT_OUT = message(
    "folding.left_out",
    en="{n:count} more are not listed here.",
    ja="ほかに {n:count} 件（ここには列挙しない）。",
)

Joined = Mapping[str, tuple[str, Found]]


def fold(
    joined: Joined,
    causes: Mapping[str, Sequence[str]],
    titles: Mapping[str, Message],
    key_of: Callable[[str, Mapping[str, str]], str],
) -> tuple[dict[str, tuple[str, Found]], dict[str, list[str]]]:
    """Findings by fingerprint and their causes, folded where a rule has more than MOST_ALIKE of one outcome.

    `titles`: the rules' own; `key_of`: the fingerprint of a rule's subject.
    """
    by_kind: dict[tuple[str, str], list[str]] = {}
    for key, (rule, found) in joined.items():
        by_kind.setdefault((rule, found.outcome), []).append(key)
    into: dict[str, str] = {}
    folds: dict[str, tuple[str, Found]] = {}
    for (rule, outcome), keys in by_kind.items():
        if len(keys) > MOST_ALIKE:
            keys.sort(key=lambda key, rule=rule: weight(rule, joined[key][1]))  # type: ignore[misc]  # mypy knows no defaults of lambdas
            for subject, members in _groups(joined, keys, outcome):
                group = key_of(rule, subject)
                folds[group] = rule, _folded(titles[rule], subject, [joined[m][1] for m in members])
                into |= dict.fromkeys(members, group)
    if not folds:
        return dict(joined), {key: list(named) for key, named in causes.items()}
    kept = {key: one for key, one in joined.items() if key not in into} | folds
    named: dict[str, dict[str, None]] = {key: {} for key in kept}
    for key, own in causes.items():
        at = into.get(key, key)
        named[at] |= dict.fromkeys(into.get(c, c) for c in own if into.get(c, c) != at and len(named[at]) < MOST_CAUSES)
    return kept, {key: list(found) for key, found in named.items()}


def _groups(joined: Joined, keys: Sequence[str], outcome: str) -> Iterable[tuple[dict[str, str], list[str]]]:
    """Which findings become one, with the subject of that one: those of an address that has very many, then all but the gravest."""
    by_address: dict[str, list[str]] = {}
    for key in keys:
        by_address.setdefault(joined[key][1].subject.get("address", ""), []).append(key)
    many = {address: found for address, found in by_address.items() if address and len(found) > MOST_OF_ADDRESS}
    if len(many) > KEPT:
        many = {}
    for address, found in many.items():
        yield {"address": address, "what": "alike", "outcome": outcome}, found
    rest = [key for key in keys if joined[key][1].subject.get("address", "") not in many]
    if len(rest) + len(many) > MOST_ALIKE:
        yield {"what": "alike", "outcome": outcome}, rest[KEPT:]


def _folded(title: Message, subject: Mapping[str, str], found: Sequence[Found]) -> Found:
    lead, address = found[0], subject.get("address")
    addresses = {f.subject.get("address", "") for f in found} - {""}
    said = (
        OF_ADDRESS(rule=title(), n=len(found), address=address)
        if address
        else OF_RULE(rule=title(), n=len(found), addresses=len(addresses))
    )
    told = [Statement(f.title, _bounded(c for s in f.statements for c in s.citations)) for f in found[:MOST_EXAMPLES]]
    if len(found) > MOST_EXAMPLES:
        told.append(Statement(LEFT_OUT(n=len(found) - MOST_EXAMPLES)))
    return Found(
        outcome=lead.outcome,
        severity=lead.severity,
        confidence=lead.confidence,
        title=said,
        statements=tuple(told),
        subject=dict(subject),
        endpoints=tuple(once(e for f in found[:MOST_EXAMPLES] for e in f.endpoints)),
        refuted_by=lead.refuted_by,
        next_actions=lead.next_actions,
        topics=lead.topics,
    )


def _bounded(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    merged = merge_citations(citations)[:MOST_PLACES]
    return tuple(Citation(c.file, lines=c.lines[:MOST_NUMBERS], frames=c.frames[:MOST_NUMBERS]) for c in merged)

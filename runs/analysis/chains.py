"""From answers to findings in order: equal subjects joined, causes resolved, consequences placed under their cause."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from runs.analysis.report import SEVERITIES, Found

CONFIDENCES = ("certain", "firm", "tentative")
T = TypeVar("T")


def join(found: Sequence[Found]) -> Found:
    """Answers about the same subject as one: outcome, severity, confidence and title of the weightiest, all statements once.

    A further answer does not make a sure one doubtful, and a doubtful one does not borrow its sureness: where a sure answer and a
    tentative one of higher severity meet, the sure one leads, and the other one's sentences stand below it.
    """
    if len(found) == 1:
        return found[0]
    worst = min(found, key=_lead)
    found = sorted(found, key=lambda f: f is not worst)  # what proves the title comes first
    return msgspec.structs.replace(
        worst,
        statements=tuple(once(s for f in found for s in f.statements)),
        endpoints=tuple(once(e for f in found for e in f.endpoints)),
        next_actions=tuple(once(a for f in found for a in f.next_actions)),
        because=tuple(once(c for f in found for c in f.because)),
    )


def _lead(found: Found) -> tuple[bool, bool, int, int]:
    """Smaller leads: a fault before a remark, a sure answer before a tentative one, then the graver, then the surer."""
    sure = CONFIDENCES.index(found.confidence)
    return found.outcome != "fail", found.confidence == "tentative", SEVERITIES.index(found.severity), sure


def once(items: Iterable[T]) -> list[T]:
    """Each item once, in order; parameters are dictionaries, so items are told apart by their encoding."""
    return list({msgspec.json.encode(item): item for item in items}.values())


def resolve(joined: Mapping[str, tuple[str, Found]]) -> dict[str, list[str]]:
    """The findings that each finding names as its causes; what nobody found is no cause."""
    by_item: dict[tuple[str, str, str], list[str]] = {}
    by_rule: dict[str, list[str]] = {}
    for key, (rule, found) in joined.items():
        by_rule.setdefault(rule, []).append(key)
        for name, value in found.subject.items():
            by_item.setdefault((rule, name, value), []).append(key)
    causes: dict[str, list[str]] = {}
    for key, (_, found) in joined.items():
        named: dict[str, None] = {}
        for cause in found.because:
            places = [by_item.get((cause.rule, *item), []) for item in cause.subject.items()]
            nearest = min(places, key=len) if places else by_rule.get(cause.rule, [])
            named |= dict.fromkeys(k for k in nearest if k != key and cause.subject.items() <= joined[k][1].subject.items())
        causes[key] = list(named)
    return causes


def weight(rule: str, found: Found) -> tuple[bool, int, int, str, list[tuple[str, str]]]:
    """Smaller comes first: a fault before a remark, then the graver, then the surer."""
    return (
        found.outcome != "fail",
        SEVERITIES.index(found.severity),
        CONFIDENCES.index(found.confidence),
        rule,
        sorted(found.subject.items()),
    )


def chain_order(joined: Mapping[str, tuple[str, Found]], causes: Mapping[str, Sequence[str]]) -> list[str]:
    """Roots by weight, each followed by its consequences; a circle of causes does not hang it."""

    weights = {key: weight(*one) for key, one in joined.items()}
    consequences: dict[str, list[str]] = {}
    for key, named in causes.items():
        for cause in named:
            consequences.setdefault(cause, []).append(key)
    order: dict[str, None] = {}
    roots = sorted((k for k in joined if not causes[k]), key=weights.__getitem__)
    waiting = [*reversed(roots + sorted((k for k in joined if causes[k]), key=weights.__getitem__))]
    while waiting:
        key = waiting.pop()
        if key not in order:
            order[key] = None
            waiting += sorted(consequences.get(key, ()), key=weights.__getitem__, reverse=True)
    return list(order)

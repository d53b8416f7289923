"""pf rules: how many, how many block, which anchors are named, and what a grep of them is worth."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.firewall import PfRuleset
from runs.analysis.messages import message
from runs.analysis.report import Statement

RULES = message(
    "pf_rules.summary_rules",
    en="{n:count} {n:plural:rule|rules}, {blocking:count} of them blocking.",
    ja="規則 {n:count} 件、うち遮断 {blocking:count} 件。",
)
ANCHORS = message(
    "pf_rules.summary_anchors",
    en="Anchors named, their rules not listed: {names:list}.",
    ja="アンカー {names:list} は名前のみで規則の記載なし。",
)
FLAWED = message(
    "pf_rules.summary_flawed",
    en="The empty result here proves nothing (rg -E).",
    ja="ここの「該当なし」は根拠にならない（rg -E）。",
)
NOTHING = message("pf_rules.summary_nothing", en="No rule matched the grep.", ja="絞り込みに一致する規則なし。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    told: set[str] = set()
    for ruleset in (f for f in facts if isinstance(f, PfRuleset)):
        rules = ruleset.rules
        if rules:
            blocking = sum(1 for r in rules if r.action == "block")
            place = Citation(file.path, lines=tuple(r.line for r in rules))
            yield Statement(RULES(n=len(rules), blocking=blocking), (place,))
        anchors = [(r.anchor or r.text, r.line) for r in rules if r.action == "anchor"] + list(ruleset.listed)
        names = {name.removesuffix("/*") for name, _ in anchors}
        if names - told:
            told |= names
            place = Citation(file.path, lines=tuple(sorted({line for _, line in anchors})))
            yield Statement(ANCHORS(names=sorted(names)), (place,))
        if ruleset.no_match_line:
            said = FLAWED() if ruleset.grep_flawed else NOTHING()
            yield Statement(said, (Citation(file.path, lines=(ruleset.no_match_line,)),))

"""iptables: rules, policies, what is blocked and translated; a listing with counters stands for the same rules without."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.firewall import IptablesRuleset
from runs.analysis.report import Statement
from runs.analysis.summaries import _filter_lines as filters

MOST = 4


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    best: dict[tuple[str | None, int, frozenset[str]], IptablesRuleset] = {}
    for ruleset in (f for f in facts if isinstance(f, IptablesRuleset)):
        key = (ruleset.host, ruleset.version, frozenset(chain.table for chain in ruleset.chains))
        if key not in best or sum(r.packets is not None for r in ruleset.rules) > sum(
            r.packets is not None for r in best[key].rules
        ):
            best[key] = ruleset
    for ruleset in list(best.values())[:MOST]:
        used = {rule.chain for rule in ruleset.rules}
        shown = [
            c
            for c in ruleset.chains
            if c.policy and (c.table != "nat" or c.name in used) and (c.name in used or c.policy != "ACCEPT")
        ]
        shown = shown or [c for c in ruleset.chains if c.policy and c.table == "filter"]
        yield from filters.lines(file.path, ruleset.rules, [(f"{c.name} {c.policy}", c.line) for c in shown[:8]])
        if ruleset.grepped:
            yield Statement(filters.GREPPED(), (Citation(file.path, lines=(ruleset.first_line,)),))

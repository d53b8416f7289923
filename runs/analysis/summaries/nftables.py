"""nft: rules, the policies of its hooks, what is blocked and translated."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.nftables import NftRuleset
from runs.analysis.report import Statement
from runs.analysis.summaries import _filter_lines as filters

MOST = 4


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for ruleset in [f for f in facts if isinstance(f, NftRuleset)][:MOST]:
        policies = [(f"{c.hook} {c.policy}", c.policy_line) for c in ruleset.chains if c.hook and c.policy and c.kind == "filter"]
        yield from filters.lines(file.path, ruleset.rules, policies[:8])
        if ruleset.partial:
            yield Statement(filters.GREPPED(), (Citation(file.path, lines=(ruleset.first_line,)),))

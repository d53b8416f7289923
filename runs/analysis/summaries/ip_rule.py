"""`ip rule`: which packets are looked up in another table than main."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.policy_routing import RoutingPolicy
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 4
USUAL = ("local", "main", "default", "255", "254", "253")
OWN = message(
    "ip_rule.summary_own",
    en="IPv{version}: {n:count} {n:plural:rule|rules} of its own: {rules:list}.",
    ja="IPv{version} の独自規則 {n:count} 件：{rules:list}。",
)
PLAIN = message(
    "ip_rule.summary_plain", en="IPv{version}: the usual three tables alone.", ja="IPv{version}：既定の規則のみ（独自規則なし）。"
)
NO_MAIN = message(
    "ip_rule.summary_no_main", en="IPv{version}: table main is never asked.", ja="IPv{version}：main テーブルを参照する規則なし。"
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for policy in [fact for fact in facts if isinstance(fact, RoutingPolicy)][:MOST]:
        own = [rule for rule in policy.rules if rule.action != "lookup" or rule.table not in USUAL or rule.source or rule.mark]
        lines = tuple(rule.line for rule in own or policy.rules)
        place = (Citation(file.path, lines=lines[:20]),)
        if own:
            shown = [f"{rule.priority}: {rule.text}" for rule in own[:MOST]]
            yield Statement(OWN(version=policy.version, n=len(own), rules=shown), place)
        else:
            yield Statement(PLAIN(version=policy.version), place)
        if not any(rule.table in ("main", "254") for rule in policy.rules):
            yield Statement(NO_MAIN(version=policy.version), (Citation(file.path, lines=(policy.first_line,)),))

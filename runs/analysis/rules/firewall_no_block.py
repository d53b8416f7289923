"""The packet filter's rules that are given contain nothing that would block the conversations of the run.

Claim (`pass`): no listed rule blocks, or the packets themselves passed in both directions, so that no filter at that place dropped
them, seen or not. What the listing leaves out is named: `pfctl -sr` shows no anchor's rules, tables, states or `set skip`. A grep of
the rules is weaker than the rules. An anchor that could decide, is not given, and is not disproved by passing packets: not evaluable.
Rules of nft: only a whole ruleset in which nothing can block counts; what a rule that can would do, `firewall_would_block` says.

Refuted by: a rule in an anchor or table that is not listed; counters that show drops.

Source: pf.conf(5): the last matching rule decides unless `quick`; anchors are evaluated where they are called. nft(8).
"""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.filter_listings import harmless
from runs.analysis.domain.frames import cite
from runs.analysis.domain.wording import quoted, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.firewall import PfRule, PfRuleset
from runs.analysis.facts.nftables import NftRuleset
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Excluded, NotEvaluable, Outcome, Statement

TITLE = message("firewall_no_block", en="No packet-filter rule blocks it", ja="パケットフィルタに遮断規則なし")
NONE_BLOCKS = message(
    "firewall_no_block.none",
    en="{n:count} pf {n:plural:rule|rules} listed, none blocks.",
    ja="記載された pf 規則 {n:count} 件に遮断規則はない。",
)
PASSED = message(
    "firewall_no_block.passed",
    en="Packets of {id} pass in both directions, so the anchor {anchors:list}, whose rules are not in the bundle, does not drop them either.",
    ja="{id} のパケットは双方向に通っており、規則が束にないアンカー {anchors:list} も遮断していない。",
)
PASSED_PLAIN = message(
    "firewall_no_block.passed_plain",
    en="Packets of {id} pass in both directions.",
    ja="{id} のパケットは双方向に通っている。",
)
ANCHORS_UNKNOWN = message(
    "firewall_no_block.anchors_unknown",
    en="the rules of the anchor {anchors:list}; the {n:count} listed {n:plural:rule blocks|rules block} nothing",
    ja="アンカー {anchors:list} の規則（記載された {n:count} 件に遮断規則はない）",
)
BLOCKS_LISTED = message(
    "firewall_no_block.blocks_listed",
    en="which of the {n:count} blocking rules would match: no conversation is in the evidence",
    ja="遮断規則 {n:count} 件のどれが該当するか（会話の証跡がない）",
)
GREP_ONLY = message(
    "firewall_no_block.grep_only",
    en="the whole rule list: only a grep of it is there",
    ja="規則の全文（grep した結果しかない）",
)
NOT_UNDERSTOOD = message(
    "firewall_no_block.not_understood",
    en="{n:count} {n:plural:rule|rules} that could not be read whole",
    ja="読み切れない規則 {n:count} 件",
)
NFT_NONE = message(
    "firewall_no_block.nft_none",
    en="{n:count} nft {n:plural:rule|rules} listed, none blocks, and every chain's policy is to accept.",
    ja="記載された nft 規則 {n:count} 件に遮断規則はなく、どのチェインも既定は accept。",
)
NFT_PARTIAL = message(
    "firewall_no_block.nft_partial",
    en="the whole ruleset: only a part of the nft rules is there",
    ja="規則の全文（nft の規則の一部しかない）",
)
NFT_MAY_BLOCK = message(
    "firewall_no_block.nft_may_block",
    en="whether the packets meet one of the {n:count} nft rules and policies that can block",
    ja="遮断し得る nft の規則・既定 {n:count} 件に、パケットが該当するか",
)
SUSPECT = message(
    "firewall_no_block.suspect",
    en="what decides on {id}, whose SYN nothing answers ({n:count} such {n:plural:conversation|conversations}): counters, or the rules that "
    "are not listed",
    ja="SYN に応答のない {id}（同様の会話 {n:count} 件）を判定する材料（カウンタ、記載のない規則）",
)
COLLECT_NFT = "sudo nft -a list ruleset"
MOST_LINES = 50
COLLECT = "sudo pfctl -sr; sudo pfctl -sn; sudo pfctl -s Anchors; sudo pfctl -a 'ANCHOR' -sr; sudo pfctl -vvsr"


@rule(
    title=TITLE,
    domain="host",
    topics=["packet-filter"],
    needs=[(PfRuleset, NftRuleset)],
    uses=[Conversation],
    collect=COLLECT,
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for all rules of the run that were listed in one file."""
    by_file: dict[str, list[PfRuleset]] = {}
    for ruleset in case.all(PfRuleset):
        by_file.setdefault(ruleset.file, []).append(ruleset)
    tcp = [c for c in case.all(Conversation) if c.protocol == "tcp"]
    passing = [c for c in tcp if c.handshake_complete or all(c.payload_bytes)]
    yield from map(_nft, case.all(NftRuleset))
    for file, rulesets in by_file.items():
        blocking = [r for ruleset in rulesets for r in ruleset.rules if r.action == "block"]
        suspects = [c for c in tcp if _may_be_blocked(c, any(r.returns for r in blocking))]
        if suspects and _could_block(rulesets):
            place = cite(case, suspects[0], suspects[0].syn_frame, suspects[0].rst_frame)
            missing = SUSPECT(id=suspects[0].id, n=len(suspects))
            lines = _lines(file, blocking) if blocking else Citation(file)
            yield NotEvaluable(missing=(missing,), collect=COLLECT, citations=(place, lines))
        else:
            yield from _judge_file(case, file, rulesets, passing)


def _nft(ruleset: NftRuleset) -> Outcome:
    """A ruleset of nft blocks nothing where it is whole, every policy accepts and no rule does anything but let pass or translate."""
    stopping = [r for r in ruleset.rules if r.verdicts or not harmless(ruleset, r)]
    policies = [c for c in ruleset.chains if c.policy not in (None, "ACCEPT")]
    lines = {r.line for r in stopping[:MOST_LINES]} | {c.policy_line or c.line for c in policies[:MOST_LINES]}
    if ruleset.gaps or ruleset.partial:
        place = Citation(ruleset.file, lines=(ruleset.first_line,))
        return NotEvaluable(missing=(NFT_PARTIAL(),), collect=COLLECT_NFT, citations=(place,))
    if lines:
        missing = NFT_MAY_BLOCK(n=len(stopping) + len(policies))
        return NotEvaluable(
            missing=(missing,), collect=COLLECT_NFT, citations=(Citation(ruleset.file, lines=tuple(sorted(lines))),)
        )
    place = Citation(ruleset.file, lines=tuple(sorted({c.policy_line or c.line for c in ruleset.chains} or {ruleset.first_line})))
    return Excluded(statements=(statement(NFT_NONE(n=len(ruleset.rules)), place),))


def _may_be_blocked(c: Conversation, returns: bool) -> bool:
    """Whether a filter could have stopped it: its SYN has no answer, or the RST that a returning rule sends."""
    return bool(c.syn_frame) and not c.syn_ack_frame and (not c.rst_frame or returns)


def _could_block(rulesets: Sequence[PfRuleset]) -> bool:
    """Whether anything listed or left out could stop a packet."""
    whole = any(not r.grepped and r.rules for r in rulesets)
    return not whole or any(r.action in ("block", "anchor") or not r.understood for s in rulesets for r in s.rules)


def _judge_file(case: Case, file: str, rulesets: Sequence[PfRuleset], passing: Sequence[Conversation]) -> Iterator[Outcome]:
    whole = [r for r in rulesets if not r.grepped and r.rules]
    rules = [r for ruleset in (whole or rulesets) for r in ruleset.rules]
    if not rules:
        yield NotEvaluable(missing=(GREP_ONLY(),), collect="sudo pfctl -sr", citations=(Citation(file),))
        return
    place = Citation(file, lines=tuple(sorted({r.line for r in rules} | {n for s in rulesets for _, n in s.listed})))
    blocking = [r for r in rules if r.action == "block"]
    unread = [r for r in rules if not r.understood and r.action in ("block", "other")]
    anchors = sorted({r.anchor or r.text for r in rules if r.action == "anchor"})
    if blocking and not passing:
        yield NotEvaluable(missing=(BLOCKS_LISTED(n=len(blocking)),), collect=COLLECT, citations=(_lines(file, blocking),))
    elif unread and not passing:
        yield NotEvaluable(missing=(NOT_UNDERSTOOD(n=len(unread)),), collect=COLLECT, citations=(_lines(file, unread),))
    elif not blocking and not whole and not passing:
        yield NotEvaluable(missing=(GREP_ONLY(),), collect="sudo pfctl -sr", citations=(place,))
    elif not blocking and anchors and not passing:
        missing = ANCHORS_UNKNOWN(anchors=anchors, n=len(rules))
        yield NotEvaluable(missing=(missing,), collect=f"sudo pfctl -a {quoted(anchors[0])} -sr", citations=(place,))
    else:
        told: list[Statement] = []
        if not blocking:
            told.append(statement(NONE_BLOCKS(n=len(rules)), place))
        for c in passing[:3]:
            seen = cite(case, c, c.syn_frame, c.syn_ack_frame, c.handshake_ack_frame)
            said = PASSED(id=c.id, anchors=anchors) if anchors else PASSED_PLAIN(id=c.id)
            told.append(statement(said, seen, _anchor_lines(file, rules)))
        yield Excluded(statements=tuple(told))


def _lines(file: str, rules: Sequence[PfRule]) -> Citation:
    return Citation(file, lines=tuple(r.line for r in rules))


def _anchor_lines(file: str, rules: Sequence[PfRule]) -> Citation | None:
    anchors = [r for r in rules if r.action == "anchor"]
    return _lines(file, anchors) if anchors else None

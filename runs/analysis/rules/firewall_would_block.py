"""A rule that is in evidence would drop or reject packets of a conversation.

Claim: evaluated against the conversation's packets, this rule (quoted, with its line) or the chain's policy decides and does not accept.
*Would*, never *did*, unless its counter and the very ICMP error that it sends prove it. Where the listing leaves the decision open (interfaces,
chains or sets that are not given, translated destinations) nothing is claimed, but for one case: a REJECT that can be for the quoted packet,
whose error is the one that the capture shows, and whose counter has grown.

A second case, `tentative`: nothing of the host but its filter is given, it would drop or reject the SYNs that nobody answers if they were for
itself, and the counter of what decides shows that it dropped at least as many packets.

Chain: INPUT where the listing's host owns the destination, OUTPUT where it owns the source, FORWARD where its routes lead to both ends by
different interfaces (`tentative`: that the packets come by this host is inferred). Of nft: the base chains of the hooks on that path, by
priority; a drop in any of them decides, an accept only in its own chain.

Refuted by: an earlier rule that accepts; a listing of another time.

Source: iptables(8), iptables-extensions(8) (REJECT, conntrack), nft(8) (chains, sets, verdict maps).
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.filter_listings import Listing, concerns, counter_command, decide, in_force
from runs.analysis.domain.filter_paths import host_addresses, packets_of, translates_destination
from runs.analysis.domain.filter_rejects import by_ends, proved, quoted_packet, resets, rule_subject
from runs.analysis.domain.frames import error_places
from runs.analysis.domain.iptables_walk import Decision, Packet
from runs.analysis.domain.places import same_host
from runs.analysis.domain.wording import once, quoted, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.firewall import IptablesChain, IptablesRule, IptablesRuleset
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.network import Interfaces, RoutingTable
from runs.analysis.facts.nftables import NftRuleset
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Confidence, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement

MOST_CONVERSATIONS = 50
ONLY_SYN = 1  # Conversation.completeness
COLLECT = "sudo iptables-save -c; ip addr; ip route"
COLLECT_NFT = "sudo nft -a list ruleset; ip addr; ip route"

TITLE = message("firewall_would_block", en="A listed rule would block packets", ja="記載された規則がパケットを遮断する")
WOULD = message(
    "firewall_would_block.title",
    en="This rule of {host} would {action} packets from {source} to {destination}: {rule}",
    ja="{host} の次の規則は {source} から {destination} へのパケットを {action} する：{rule}",
)
PROVED = message(
    "firewall_would_block.title_proved",
    en="{host} rejects packets with the error that the capture shows: {rule}",
    ja="{host} の規則は、キャプチャに写ったものと同じエラーでパケットを拒否する：{rule}",
)
POLICY = message(
    "firewall_would_block.title_policy",
    en="No rule of {host} accepts packets from {source} to {destination}; the policy of chain {chain} is {action}.",
    ja="{host} に {source} から {destination} へのパケットを許可する規則はなく、チェイン {chain} の既定は {action}。",
)
QUOTED = message("firewall_would_block.quoted", en="The rule stands here.", ja="規則はここにある。")
COUNTED = message("firewall_would_block.counted", en="Its counter shows {n:count} packets.", ja="カウンタは {n:count} パケット。")
SAME_ERROR = message(
    "firewall_would_block.same_error",
    en="{sender} sends the same error ({error}) for packets of the conversation.",
    ja="{sender} は会話のパケットに対し同じエラー（{error}）を返している。",
)
IF_OWN = message(
    "firewall_would_block.if_own",
    en="This holds if {address} is an address of {host} itself, which the evidence leaves open; the counter fits.",
    ja="{address} が {host} 自身のアドレスである場合の判定（証跡からは確定できない）。カウンタの値は整合する。",
)
COUNTED_POLICY = message(
    "firewall_would_block.counted_policy",
    en="The policy's counter shows {n:count} packets.",
    ja="既定の動作のカウンタは {n:count} パケット。",
)
NO_STATE = message(
    "firewall_would_block.no_state",
    en="No rule before it accepts answers to established connections (RELATED,ESTABLISHED).",
    ja="これより前に確立済み接続の応答（RELATED,ESTABLISHED）を許可する規則はない。",
)
ACCEPTS = message(
    "firewall_would_block.accepts",
    en="{host} would accept packets from {source} to {destination}, by this rule.",
    ja="{host} は {source} から {destination} へのパケットをこの規則で許可する。",
)
OPEN = message(
    "firewall_would_block.open",
    en="addresses, routes and translations of {host}: the rules alone leave open which of them the packets meet",
    ja="{host} のアドレス・経路・アドレス変換（規則だけでは、どの規則に当たるか決まらない）",
)
NFT_OPEN = message(
    "firewall_would_block.nft_open",
    en="what decides on the packets in the rules of {host}: its addresses, routes and translations, the whole ruleset, or a match that the "
    "evidence leaves open",
    ja="{host} の規則のどれがパケットを判定するか（アドレス・経路・変換、規則の全体、または証跡から決まらない条件）",
)
REFUTE = message(
    "firewall_would_block.refute",
    en="An earlier rule that accepts, or a listing of another time.",
    ja="手前に許可規則があるか、別の時点の一覧であれば覆る。",
)
COUNTERS = message(
    "firewall_would_block.counters",
    en="Watch the rule's counter while repeating the attempt.",
    ja="試行を繰り返しながら規則のカウンタを見る。",
)


class Block(NamedTuple):
    """What would block a packet: a rule or a chain's policy; with the errors and counters that prove it."""

    by: IptablesRule | IptablesChain | None
    confidence: Confidence
    packet: Packet
    errors: list[IcmpError] = []
    counted: list[tuple[Listing, IptablesRule]] = []
    if_own: bool = False


@rule(
    title=TITLE,
    domain="host",
    topics=["packet-filter", "return-path"],
    needs=[(IptablesRuleset, NftRuleset), Conversation],
    uses=[IcmpError, Interfaces, RoutingTable],
    collect=COLLECT,
)
def judge(case: Case) -> Iterator[Outcome]:
    """For each listing of filter rules: the rules that would block, or that it accepts the packets."""
    conversations = [c for c in case.all(Conversation) if c.protocol in ("tcp", "udp")]
    known = by_ends(conversations)
    for ruleset in in_force(case):
        proofs = list(proved(case, ruleset, known))
        for rule_, errors, counted in proofs:
            yield _found(ruleset, Block(rule_, "firm", quoted_packet(errors[0], known), errors, counted))
        if not proofs:
            yield from _evaluated(case, ruleset, _telling(conversations, host_addresses(case, ruleset)))


def _telling(conversations: list[Conversation], own: set[str]) -> list[Conversation]:
    """The conversations to evaluate: of equal ones the first; the host's own and what nobody answers before the others."""
    kept: dict[tuple[str, str, Endpoint, bool], Conversation] = {}
    for c in conversations:
        kept.setdefault((c.protocol, c.originator.address, c.responder, bool(c.frames[1])), c)

    def order(c: Conversation) -> tuple[bool, bool]:
        return c.originator.address not in own and c.responder.address not in own, bool(c.frames[1])

    return sorted(kept.values(), key=order)[:MOST_CONVERSATIONS]


def _host(ruleset: Listing) -> str:
    return ruleset.host or ruleset.file


def _evaluated(case: Case, ruleset: Listing, conversations: list[Conversation]) -> Iterator[Outcome]:
    accepted: list[Statement] = []
    undecided = False
    for c in conversations:
        if not concerns(ruleset, c.responder.address):
            continue
        for chain, packet in packets_of(case, ruleset, c):
            decisions = decide(ruleset, chain, packet) if chain else []
            actions = {d.action for d in decisions}
            decision = decisions[-1] if decisions else None
            if decision is not None and actions <= {"DROP", "REJECT"}:
                if not _passed(c, packet, decision):
                    sure = len(decisions) == 1 and _is_sure(ruleset, chain, packet, decisions)
                    yield _found(ruleset, Block(decision.rule or decision.policy, "firm" if sure else "tentative", packet))
            elif decision is not None and actions == {"ACCEPT"}:
                said = ACCEPTS(host=_host(ruleset), source=packet.source, destination=packet.destination)
                accepted.append(statement(said, Citation(ruleset.file, lines=(decision.line,))))
            elif chain is None and (guess := _if_own(case, ruleset, c, packet)) is not None:
                yield _found(ruleset, guess)
            else:
                undecided = True
    if accepted:
        yield Excluded(statements=once(accepted))
    if undecided:
        place = Citation(ruleset.file, lines=(ruleset.first_line,))
        nft = isinstance(ruleset, NftRuleset)
        missing = (NFT_OPEN if nft else OPEN)(host=_host(ruleset))
        yield NotEvaluable(missing=(missing,), collect=COLLECT_NFT if nft else COLLECT, citations=(place,))


def _is_sure(ruleset: Listing, chain: str | None, packet: Packet, decisions: list[Decision]) -> bool:
    """Whether nothing of it is inferred: not the path, not the interface by which the packet comes in, not that a file is in force."""
    if chain is None or chain == "FORWARD" or (isinstance(ruleset, NftRuleset) and ruleset.script):
        return False
    return packet.in_interface in (None, "lo") or decide(ruleset, chain, packet._replace(in_interface=None)) == decisions


def _if_own(case: Case, ruleset: Listing, c: Conversation, packet: Packet) -> Block | None:
    """What decides if the host is the responder of SYNs that nobody answers, where nothing but its filter is known and the counter fits."""
    if packet.state != "NEW" or c.frames[1] or c.completeness != ONLY_SYN or host_addresses(case, ruleset):
        return None
    if any(same_host(t, ruleset) for t in case.all(RoutingTable)) or translates_destination(case, ruleset, packet):
        return None
    decisions = decide(ruleset, "INPUT", packet)
    by = decisions[0].rule or decisions[0].policy if len(decisions) == 1 and decisions[0].action in ("DROP", "REJECT") else None
    return Block(by, "tentative", packet, if_own=True) if by is not None and (by.packets or 0) >= c.frames[0] else None


def _passed(c: Conversation, packet: Packet, decision: Decision) -> bool:
    """Whether the capture shows that packets of this direction got through: what is answered has arrived, unless the filter answered."""
    if c.handshake_complete:
        return True
    answers = decision.rule is not None and resets(decision.rule)
    return packet.state == "NEW" and bool(c.syn_ack_frame or (c.frames[1] and not (answers and c.rst_frame)))


def _found(ruleset: Listing, block: Block) -> Found:
    host, packet, by = _host(ruleset), block.packet, block.by
    place = Citation(ruleset.file, lines=(by.line,)) if by else None
    told = [statement(QUOTED(), place)]
    for listing, counter in block.counted[:2]:
        told.append(statement(COUNTED(n=counter.packets), Citation(listing.file, lines=(counter.line,))))
    if block.if_own and by is not None:
        said = (COUNTED_POLICY if isinstance(by, IptablesChain) else COUNTED)(n=by.packets)
        told += [statement(said, place), statement(IF_OWN(address=packet.destination, host=host), place)]
    if block.errors:
        e = block.errors[0]
        places = error_places((x for x in block.errors if x.file == e.file), 10)
        error = f"{'ICMP' if e.version == 4 else 'ICMPv6'} type {e.icmp_type} code {e.icmp_code}"
        told.append(statement(SAME_ERROR(sender=e.sender, error=error), *places))
        if packet.state == "ESTABLISHED":
            told.append(statement(NO_STATE(), place))
    chain = by.chain if isinstance(by, IptablesRule) else by.name if by else "FORWARD"
    command = counter_command(ruleset, chain)
    is_new = packet.state == "NEW" and not block.errors
    blocked = {"blocks": str(Endpoint(packet.destination, packet.destination_port))} if is_new else {}
    named = {"host": host, "source": packet.source, "destination": packet.destination}
    if isinstance(by, IptablesRule):
        title = PROVED(host=host, rule=by.text) if block.errors else WOULD(action=by.target, rule=by.text, **named)
        subject = rule_subject(ruleset, by)
    else:
        policy = by.policy if by else None
        title = POLICY(chain=chain, action=policy or "?", **named)
        subject = {"host": ruleset.host or "filter", "rule": f"chain={chain} policy={policy}"}
    return Found(
        outcome="fail",
        severity="critical" if block.errors else "high",
        confidence=block.confidence,
        title=title,
        statements=tuple(told),
        subject=subject | blocked,
        endpoints=(RoleEndpoint("firewall", Endpoint(block.errors[0].sender if block.errors else host)),),
        refuted_by=REFUTE(),
        next_actions=(Action(COUNTERS(), f"watch -n1 {quoted(command)}"),),
    )

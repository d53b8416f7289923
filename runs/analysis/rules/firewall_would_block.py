"""A rule that is in evidence would drop or reject packets of a conversation.

Claim: evaluated against the conversation's packets, this rule (quoted, with its line) or the chain's policy decides and does not accept.
*Would*, never *did*, unless its counter and the very ICMP error that it sends prove it. Where the listing leaves the decision open (interfaces,
chains or sets that are not given, translated destinations) nothing is claimed, but for one case: a REJECT that can be for the quoted packet,
whose error is the one that the capture shows, and whose counter has grown.

A second case, `tentative`: nothing of the host but its filter is given, it would drop or reject the SYNs that nobody answers if they were for
itself, and the counter of what decides shows that it dropped at least as many packets.

Chain: INPUT where the listing's host owns the destination, OUTPUT where it owns the source, FORWARD where its routes lead to both ends by different
interfaces (`tentative`: that the packets come by this host is inferred).

Refuted by: an earlier rule that accepts; a listing of another time.

Source: iptables(8), iptables-extensions(8) (REJECT, conntrack).
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.filter_paths import host_addresses, packets_of, translates_destination
from runs.analysis.domain.frames import error_places
from runs.analysis.domain.iptables_walk import Decision, Packet, decide, matches
from runs.analysis.domain.places import same_host
from runs.analysis.domain.wording import once, quoted, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.firewall import IptablesChain, IptablesRule, IptablesRuleset
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.network import Interfaces, RoutingTable
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Confidence, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement

REJECTS_WITH = {
    "icmp-net-unreachable": (4, 3, 0), "icmp-host-unreachable": (4, 3, 1), "icmp-proto-unreachable": (4, 3, 2),
    "icmp-port-unreachable": (4, 3, 3), "icmp-net-prohibited": (4, 3, 9), "icmp-host-prohibited": (4, 3, 10),
    "icmp-admin-prohibited": (4, 3, 13), "icmp6-no-route": (6, 1, 0), "icmp6-adm-prohibited": (6, 1, 1),
    "icmp6-addr-unreachable": (6, 1, 3), "icmp6-port-unreachable": (6, 1, 4),
}  # fmt: skip
MOST_CONVERSATIONS = 50
ONLY_SYN = 1  # Conversation.completeness
COLLECT = "sudo iptables-save -c; ip addr; ip route"

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
    counted: list[tuple[IptablesRuleset, IptablesRule]] = []
    if_own: bool = False


@rule(
    title=TITLE,
    domain="host",
    topics=["packet-filter", "return-path"],
    needs=[IptablesRuleset, Conversation],
    uses=[IcmpError, Interfaces, RoutingTable],
    collect=COLLECT,
)
def judge(case: Case) -> Iterator[Outcome]:
    """For each listing of filter rules: the rules that would block, or that it accepts the packets."""
    conversations = [c for c in case.all(Conversation) if c.protocol in ("tcp", "udp")][:MOST_CONVERSATIONS]
    for ruleset in case.all(IptablesRuleset):
        if ruleset.grepped or ruleset.prescribed or not any(r.table == "filter" for r in ruleset.rules):
            continue
        proved = list(_proved(case, ruleset, conversations))
        yield from proved
        if not proved:
            yield from _evaluated(case, ruleset, conversations)


def _host(ruleset: IptablesRuleset) -> str:
    return ruleset.host or ruleset.file


def _proved(case: Case, ruleset: IptablesRuleset, conversations: list[Conversation]) -> Iterator[Found]:
    """REJECT rules that can have sent an error of the capture, and whose counter, here or in another listing of the host, has grown."""
    listings = [r for r in case.all(IptablesRuleset) if r is ruleset or (same_host(r, ruleset) and not r.prescribed)]
    own = host_addresses(case, ruleset)
    for rule_ in ruleset.rules:
        kind = REJECTS_WITH.get(rule_.reject_with or "") if rule_.target == "REJECT" and rule_.table == "filter" else None
        errors = [e for e in case.all(IcmpError) if kind and (e.version, e.icmp_type, e.icmp_code) == kind]
        seen = [e for e in errors if (not own or e.sender in own) and _can_reject(ruleset, rule_, _quoted(e, conversations))]
        counted = [(r, n) for r in listings for n in r.rules if _same_rule(n, rule_) and n.packets] if seen else []
        if counted:
            packet = _quoted(seen[0], conversations)
            yield _found(ruleset, Block(rule_, "firm", packet, seen, counted))


def _quoted(e: IcmpError, conversations: list[Conversation]) -> Packet:
    """The packet that an error quotes; one from a conversation's originator, unanswered so far, is new."""
    ends = (e.quoted_source, e.quoted_destination)
    known = next((c for c in conversations if (c.originator, c.responder) in (ends, ends[::-1])), None)
    new = known is None or (known.originator == e.quoted_source and not known.frames[1])
    return Packet(
        e.quoted_protocol, e.quoted_source.address, e.quoted_destination.address, e.quoted_source.port, e.quoted_destination.port,
        "NEW" if new else "ESTABLISHED",
    )  # fmt: skip


def _can_reject(ruleset: IptablesRuleset, rule_: IptablesRule, packet: Packet) -> bool:
    """Whether the rule may be for the packet and no rule before it in its chain surely accepts or passes established answers."""
    if matches(rule_, packet) is False:
        return False
    for other in ruleset.rules:
        if other is rule_:
            return True
        if (other.table, other.chain, other.target) == (rule_.table, rule_.chain, "ACCEPT"):
            answers = packet.state == "ESTABLISHED" and "ESTABLISHED" in other.states and matches(other, packet) is not False
            if answers or matches(other, packet):
                return False
    return True


def _same_rule(a: IptablesRule, b: IptablesRule) -> bool:
    return (a.chain, a.target, a.in_interface, a.out_interface, a.protocol, a.reject_with, a.destination_ports) == (
        b.chain, b.target, b.in_interface, b.out_interface, b.protocol, b.reject_with, b.destination_ports,
    )  # fmt: skip


def _evaluated(case: Case, ruleset: IptablesRuleset, conversations: list[Conversation]) -> Iterator[Outcome]:
    accepted: list[Statement] = []
    undecided = False
    for c in conversations:
        if (":" in c.responder.address) != (ruleset.version == 6):
            continue
        for chain, packet in packets_of(case, ruleset, c):
            decisions = decide(ruleset, chain, packet) if chain else []
            actions = {d.action for d in decisions}
            decision = decisions[-1] if decisions else None
            if decision is not None and actions <= {"DROP", "REJECT"}:
                if not _passed(c, packet, decision):
                    sure = len(decisions) == 1 and chain != "FORWARD"
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
        yield NotEvaluable(missing=(OPEN(host=_host(ruleset)),), collect=COLLECT, citations=(place,))


def _if_own(case: Case, ruleset: IptablesRuleset, c: Conversation, packet: Packet) -> Block | None:
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
    resets = decision.rule is not None and decision.rule.reject_with == "tcp-reset"
    return packet.state == "NEW" and bool(c.syn_ack_frame or (c.frames[1] and not (resets and c.rst_frame)))


def _found(ruleset: IptablesRuleset, block: Block) -> Found:
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
    command = f"{'ip6tables' if ruleset.version == 6 else 'iptables'} -L {quoted(chain)} -v -n --line-numbers"
    is_new = packet.state == "NEW" and not block.errors
    blocked = {"blocks": str(Endpoint(packet.destination, packet.destination_port))} if is_new else {}
    named = {"host": host, "source": packet.source, "destination": packet.destination}
    if isinstance(by, IptablesRule):
        title = PROVED(host=host, rule=by.text) if block.errors else WOULD(action=by.target, rule=by.text, **named)
        normal = " ".join(f"{k}={v}" for k, v in _words(by).items() if v)
    else:
        policy = by.policy if by else None
        title, normal = POLICY(chain=chain, action=policy or "?", **named), f"chain={chain} policy={policy}"
    return Found(
        outcome="fail",
        severity="critical" if block.errors else "high",
        confidence=block.confidence,
        title=title,
        statements=tuple(told),
        subject={"host": ruleset.host or "filter", "rule": normal} | blocked,
        endpoints=(RoleEndpoint("firewall", Endpoint(block.errors[0].sender if block.errors else host)),),
        refuted_by=REFUTE(),
        next_actions=(Action(COUNTERS(), f"watch -n1 {quoted(command)}"),),
    )


def _words(r: IptablesRule) -> dict[str, str | None]:
    return {
        "chain": r.chain, "in": r.in_interface, "out": r.out_interface, "protocol": r.protocol, "source": r.source,
        "destination": r.destination, "ports": r.destination_ports, "target": r.target, "with": r.reject_with,
    }  # fmt: skip

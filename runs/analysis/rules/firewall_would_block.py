"""A rule that is in evidence would drop or reject packets of a conversation.

Claim: evaluated against the conversation's packets, this rule (quoted, with its line) decides and does not accept. *Would*, never *did*,
unless its counter or the very ICMP error that it sends proves it. Where the listing leaves the decision open (interfaces, chains or sets that
are not given) nothing is claimed, but for one case: a REJECT whose error is the one that the capture shows, and whose counter has grown.

Chain: INPUT where the listing's host owns the destination, OUTPUT where it owns the source, else FORWARD. Interfaces come from the host's own routes.

Refuted by: an earlier rule that accepts; a listing of another time.

Source: iptables(8), iptables-extensions(8) (REJECT, conntrack).
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.iptables_walk import Decision, Packet, decide
from runs.analysis.domain.places import same_host
from runs.analysis.domain.routing import lookup, parsed
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.firewall import IptablesRule, IptablesRuleset
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.network import Interfaces, Route, RoutingTable
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement

REJECTS_WITH = {
    "icmp-net-unreachable": (4, 3, 0), "icmp-host-unreachable": (4, 3, 1), "icmp-proto-unreachable": (4, 3, 2),
    "icmp-port-unreachable": (4, 3, 3), "icmp-net-prohibited": (4, 3, 9), "icmp-host-prohibited": (4, 3, 10),
    "icmp-admin-prohibited": (4, 3, 13), "icmp6-no-route": (6, 1, 0), "icmp6-adm-prohibited": (6, 1, 1),
    "icmp6-addr-unreachable": (6, 1, 3), "icmp6-port-unreachable": (6, 1, 4),
}  # fmt: skip
MOST_CONVERSATIONS = 50

TITLE = message("firewall_would_block", en="A listed rule would block packets", ja="記載された規則がパケットを遮断する")
WOULD = message(
    "firewall_would_block.title",
    en="This rule of {host} would {action} packets from {source} to {destination}: {rule}",
    ja="{host} の次の規則は {source} から {destination} へのパケットを {action} する：{rule}",
)
PROVED = message(
    "firewall_would_block.title_proved",
    en="{host} rejects what it forwards with the error that the capture shows: {rule}",
    ja="{host} の規則は、キャプチャに写ったものと同じエラーで転送を拒否する：{rule}",
)
QUOTED = message("firewall_would_block.quoted", en="The rule stands here.", ja="規則はここにある。")
COUNTED = message("firewall_would_block.counted", en="Its counter shows {n:count} packets.", ja="カウンタは {n:count} パケット。")
SAME_ERROR = message(
    "firewall_would_block.same_error",
    en="{sender} sends the same error ({error}) for packets of the conversation.",
    ja="{sender} は会話のパケットに対し同じエラー（{error}）を返している。",
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
    en="which interfaces of {host} the packets pass: the listing alone leaves it open",
    ja="パケットが {host} のどのインタフェースを通るか（一覧だけでは決まらない）",
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


class Asked(NamedTuple):
    """A packet of a conversation, put to one listing."""

    packet: Packet
    decisions: list[Decision]


@rule(
    title=TITLE,
    domain="host",
    topics=["packet-filter", "return-path"],
    needs=[IptablesRuleset, Conversation],
    uses=[IcmpError, Interfaces, RoutingTable],
    collect="sudo iptables-save -c; ip -br addr; ip route",
)
def judge(case: Case) -> Iterator[Outcome]:
    """For each listing of filter rules: the rules that would block, or that it accepts the packets."""
    conversations = [c for c in case.all(Conversation) if c.protocol in ("tcp", "udp")][:MOST_CONVERSATIONS]
    for ruleset in case.all(IptablesRuleset):
        if ruleset.grepped or not any(r.table == "filter" for r in ruleset.rules):
            continue
        proved = list(_proved(case, ruleset))
        yield from proved
        if not proved:
            yield from _evaluated(case, ruleset, conversations)


def _host(ruleset: IptablesRuleset) -> str:
    return ruleset.host or ruleset.file


def _proved(case: Case, ruleset: IptablesRuleset) -> Iterator[Found]:
    """REJECT rules whose error is in the capture and whose counter, here or in another listing of the host, has grown."""
    listings = [r for r in case.all(IptablesRuleset) if r is ruleset or same_host(r, ruleset)]
    for rule_ in ruleset.rules:
        error = REJECTS_WITH.get(rule_.reject_with or "") if rule_.target == "REJECT" else None
        seen = [e for e in case.all(IcmpError) if (e.version, e.icmp_type, e.icmp_code) == error] if error else []
        if not seen or any(_states_before(ruleset, rule_)):
            continue
        counted = [(r, n) for r in listings for n in r.rules if _same_rule(n, rule_) and n.packets]
        if counted:
            yield _found(ruleset, rule_, seen, counted, None)


def _states_before(ruleset: IptablesRuleset, rule_: IptablesRule) -> Iterator[bool]:
    """Rules before it in its chain that let answers of established connections pass."""
    for other in ruleset.rules:
        if other is rule_:
            return
        if (other.table, other.chain, other.target) == (rule_.table, rule_.chain, "ACCEPT") and "ESTABLISHED" in other.states:
            yield True


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
        for asked in _asked(case, ruleset, c):
            actions = {d.action for d in asked.decisions}
            decision = asked.decisions[0]
            if actions <= {"DROP", "REJECT"} and not _passed(c, asked.packet) and decision.rule is not None:
                yield _found(ruleset, decision.rule, [], [], asked.packet)
            elif actions == {"ACCEPT"} and len(asked.decisions) == 1:
                said = ACCEPTS(host=_host(ruleset), source=asked.packet.source, destination=asked.packet.destination)
                accepted.append(statement(said, Citation(ruleset.file, lines=(decision.line,))))
            elif len(actions) > 1:
                undecided = True
    if accepted:
        yield Excluded(statements=once(accepted))
    elif undecided:
        yield NotEvaluable(missing=(OPEN(host=_host(ruleset)),), citations=(Citation(ruleset.file, lines=(ruleset.first_line,)),))


def _passed(c: Conversation, packet: Packet) -> bool:
    """Whether the capture shows that packets of this direction got through: what is answered has arrived."""
    return c.handshake_complete or (packet.state == "NEW" and bool(c.syn_ack_frame or c.rst_frame))


def _asked(case: Case, ruleset: IptablesRuleset, c: Conversation) -> Iterator[Asked]:
    """The first packet of each direction, put to the chain that it would pass on the listing's host."""
    own = {a.address for i in case.all(Interfaces) if same_host(i, ruleset) for n in i.interfaces for a in n.addresses}
    routes = [r for t in case.all(RoutingTable) if same_host(t, ruleset) and not t.partial for r in t.routes]
    there = (c.originator, c.responder, "NEW")
    back = (c.responder, c.originator, "ESTABLISHED")
    for source, destination, state in (there, back):
        chain = "INPUT" if destination.address in own else "OUTPUT" if source.address in own else "FORWARD"
        packet = Packet(
            c.protocol, source.address, destination.address, source.port, destination.port, state,
            _device(routes, source) if chain != "OUTPUT" else None, _device(routes, destination) if chain != "INPUT" else None,
        )  # fmt: skip
        yield Asked(packet, decide(ruleset, chain, packet))


def _device(routes: list[Route], end: Endpoint) -> str | None:
    address = parsed(end.address)
    route = lookup(routes, address) if address is not None else None
    return route.device if route else None


def _found(
    ruleset: IptablesRuleset,
    rule_: IptablesRule,
    errors: list[IcmpError],
    counted: list[tuple[IptablesRuleset, IptablesRule]],
    packet: Packet | None,
) -> Found:
    host = _host(ruleset)
    told = [statement(QUOTED(), Citation(ruleset.file, lines=(rule_.line,)))]
    for listing, counter in counted[:2]:
        told.append(statement(COUNTED(n=counter.packets), Citation(listing.file, lines=(counter.line,))))
    if errors:
        e = errors[0]
        frames = tuple(x.frame for x in errors if x.file == e.file)[:10]
        error = f"{'ICMP' if e.version == 4 else 'ICMPv6'} type {e.icmp_type} code {e.icmp_code}"
        told.append(statement(SAME_ERROR(sender=e.sender, error=error), Citation(e.file, frames=frames)))
        told.append(statement(NO_STATE(), Citation(ruleset.file, lines=(rule_.line,))))
    title = PROVED(host=host, rule=rule_.text) if packet is None else WOULD(
        host=host, action=rule_.target, source=packet.source, destination=packet.destination, rule=rule_.text
    )  # fmt: skip
    normal = " ".join(f"{k}={v}" for k, v in _words(rule_).items() if v)
    return Found(
        outcome="fail",
        severity="critical" if errors else "high",
        confidence="firm",
        title=title,
        statements=tuple(told),
        subject={"host": host if ruleset.host else "filter", "rule": normal},
        endpoints=(RoleEndpoint("firewall", Endpoint(errors[0].sender if errors else host)),),
        refuted_by=REFUTE(),
        next_actions=(Action(COUNTERS(), f"watch -n1 'iptables -L {rule_.chain} -v -n --line-numbers'"),),
    )


def _words(r: IptablesRule) -> dict[str, str | None]:
    return {
        "chain": r.chain, "in": r.in_interface, "out": r.out_interface, "protocol": r.protocol, "source": r.source,
        "destination": r.destination, "ports": r.destination_ports, "target": r.target, "with": r.reject_with,
    }  # fmt: skip

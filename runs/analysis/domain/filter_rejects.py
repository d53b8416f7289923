"""Rules that reject and the ICMP errors that they send. Source: iptables-extensions(8) (REJECT), nft(8) (section 'Reject statement')."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.filter_listings import Listing, concerns, decide, filter_rules, in_force, is_whole, matches
from runs.analysis.domain.filter_paths import host_addresses, packets_of
from runs.analysis.domain.iptables_walk import Packet
from runs.analysis.domain.places import same_host
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.firewall import IptablesRule, IptablesRuleset
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.network import Interfaces, RoutingTable
from runs.analysis.facts.nftables import NftRule, NftRuleset
from runs.analysis.report import Cause

_IPTABLES = {
    "icmp-net-unreachable": (4, 3, 0), "icmp-host-unreachable": (4, 3, 1), "icmp-proto-unreachable": (4, 3, 2),
    "icmp-port-unreachable": (4, 3, 3), "icmp-net-prohibited": (4, 3, 9), "icmp-host-prohibited": (4, 3, 10),
    "icmp-admin-prohibited": (4, 3, 13), "icmp6-no-route": (6, 1, 0), "icmp6-adm-prohibited": (6, 1, 1),
    "icmp6-addr-unreachable": (6, 1, 3), "icmp6-port-unreachable": (6, 1, 4),
}  # fmt: skip
_NFT = {
    "net-unreachable": 0, "host-unreachable": 1, "prot-unreachable": 2, "port-unreachable": 3, "net-prohibited": 9,
    "host-prohibited": 10, "admin-prohibited": 13,
}  # fmt: skip
_NFT6 = {"no-route": 0, "admin-prohibited": 1, "addr-unreachable": 3, "port-unreachable": 4, "policy-fail": 5, "reject-route": 6}
_NFT_BOTH = {"no-route": (0, 0), "host-unreachable": (1, 3), "port-unreachable": (3, 4), "admin-prohibited": (13, 1)}


def error_of(rule: IptablesRule, version: int) -> tuple[int, int, int] | None:
    """Version, type and code of the error that a rule sends; None where it sends none, or a reset."""
    if rule.target != "REJECT":
        return None
    if not isinstance(rule, NftRule):
        kind = _IPTABLES.get(rule.reject_with or "")
        return kind if kind and kind[0] == version else None
    if rule.family not in (None, version):
        return None
    words = (rule.reject_with or "icmpx port-unreachable").replace(" type ", " ").split()
    both = _NFT_BOTH.get(words[-1]) if words[0] == "icmpx" else None
    if both is not None:
        return (4, 3, both[0]) if version == 4 else (6, 1, both[1])
    if words[0] == "icmp" and version == 4 and words[-1] in _NFT:
        return 4, 3, _NFT[words[-1]]
    return (6, 1, _NFT6[words[-1]]) if words[0] == "icmpv6" and version == 6 and words[-1] in _NFT6 else None


def resets(rule: IptablesRule) -> bool:
    """Whether a rule answers with a reset."""
    return rule.target == "REJECT" and rule.reject_with in ("tcp-reset", "tcp reset")


BLOCKS = "firewall_would_block"
MOST_CAUSES = 4
FILTERS = (IptablesRuleset, NftRuleset, Interfaces, RoutingTable)  # what a rule reads that asks for these causes
ByEnds = Mapping[tuple[Endpoint, Endpoint], Conversation]
Proof = tuple[IptablesRule, list[IcmpError], list[tuple[Listing, IptablesRule]]]


def proved(case: Case, ruleset: Listing, conversations: ByEnds) -> Iterator[Proof]:
    """Rules that can have sent errors of the capture and whose counters, here or in another listing of the host, have grown; with those."""
    listings = [r for r in in_force(case) if r is ruleset or same_host(r, ruleset)]
    own = host_addresses(case, ruleset)
    rules = filter_rules(ruleset) if is_whole(ruleset) else []
    for rule in rules:
        errors = [e for e in case.all(IcmpError) if error_of(rule, e.version) == (e.version, e.icmp_type, e.icmp_code)]
        seen = [
            e for e in errors if (not own or e.sender in own) and _can_reject(ruleset, rules, rule, quoted_packet(e, conversations))
        ]
        counted = [(r, n) for r in listings for n in filter_rules(r) if _same_rule(n, rule) and n.packets] if seen else []
        if counted:
            yield rule, seen, counted


def by_ends(conversations: Iterable[Conversation]) -> ByEnds:
    """Conversations by originator and responder; the first of equal ends."""
    found: dict[tuple[Endpoint, Endpoint], Conversation] = {}
    for c in conversations:
        found.setdefault((c.originator, c.responder), c)
    return found


def quoted_packet(e: IcmpError, conversations: ByEnds) -> Packet:
    """The packet that an error quotes; one from a conversation's originator, unanswered so far, is new."""
    ends = (e.quoted_source, e.quoted_destination)
    known = conversations.get(ends) or conversations.get(ends[::-1])
    new = known is None or (known.originator == e.quoted_source and not known.frames[1])
    return Packet(
        e.quoted_protocol, e.quoted_source.address, e.quoted_destination.address, e.quoted_source.port, e.quoted_destination.port,
        "NEW" if new else "ESTABLISHED",
    )  # fmt: skip


def _can_reject(ruleset: Listing, rules: Sequence[IptablesRule], rule: IptablesRule, packet: Packet) -> bool:
    """Whether the rule may be for the packet and no rule before it in its chain surely accepts or passes established answers."""
    if matches(ruleset, rule, packet) is False:
        return False
    for other in rules:
        if other is rule:
            return True
        if (other.table, other.chain, other.target) == (rule.table, rule.chain, "ACCEPT"):
            match = matches(ruleset, other, packet)
            answers = packet.state == "ESTABLISHED" and "ESTABLISHED" in other.states and match is not False
            if answers or match:
                return False
    return True


def _same_rule(a: IptablesRule, b: IptablesRule) -> bool:
    return (a.chain, a.target, a.in_interface, a.out_interface, a.protocol, a.reject_with, a.destination_ports) == (
        b.chain, b.target, b.in_interface, b.out_interface, b.protocol, b.reject_with, b.destination_ports,
    )  # fmt: skip


def rule_subject(ruleset: Listing, rule: IptablesRule) -> dict[str, str]:
    """What tells the finding about a rule from others, without its counters and its place in the list."""
    words = {
        "chain": rule.chain, "in": rule.in_interface, "out": rule.out_interface, "protocol": rule.protocol, "source": rule.source,
        "destination": rule.destination, "ports": rule.destination_ports, "target": rule.target, "with": rule.reject_with,
    }  # fmt: skip
    return {"host": ruleset.host or "filter", "rule": " ".join(f"{k}={v}" for k, v in words.items() if v)}


def causes_of_error(case: Case, e: IcmpError, c: Conversation | None) -> tuple[Cause, ...]:
    """The rules that send such an error for the quoted packet: surely for it on a host that is known, or by their counters."""
    packet = quoted_packet(e, by_ends([c] if c is not None else []))
    to_responder = {"blocks": str(e.quoted_destination)} if packet.state == "NEW" else {}
    found = []
    for ruleset in in_force(case):
        own = host_addresses(case, ruleset)
        rules = filter_rules(ruleset) if is_whole(ruleset) else []
        for rule in rules if e.sender in own or not own else ():
            if error_of(rule, e.version) == (e.version, e.icmp_type, e.icmp_code) and _can_reject(ruleset, rules, rule, packet):
                if _has_counted(case, ruleset, rule):
                    found.append(Cause(BLOCKS, rule_subject(ruleset, rule)))
                elif own and matches(ruleset, rule, packet):
                    found.append(Cause(BLOCKS, rule_subject(ruleset, rule) | to_responder))
    return tuple(found[:MOST_CAUSES])


def causes_of_reset(case: Case, c: Conversation) -> tuple[Cause, ...]:
    """The rules that surely answer the first packet of a conversation with a reset."""
    found = []
    for ruleset in in_force(case):
        for chain, packet in packets_of(case, ruleset, c) if concerns(ruleset, c.responder.address) else ():
            decisions = decide(ruleset, chain, packet) if chain and packet.state == "NEW" else []
            rule = decisions[0].rule if len(decisions) == 1 else None
            if rule is not None and resets(rule):
                found.append(Cause(BLOCKS, rule_subject(ruleset, rule) | {"blocks": str(c.responder)}))
    return tuple(found[:MOST_CAUSES])


def _has_counted(case: Case, ruleset: Listing, rule: IptablesRule) -> bool:
    listings = [r for r in in_force(case) if r is ruleset or same_host(r, ruleset)]
    return any(n.packets and _same_rule(n, rule) for r in listings for n in filter_rules(r))

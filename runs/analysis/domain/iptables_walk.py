"""What a listing of iptables would do with a packet: chains in order, jumps, states, policies; what is not known stays open.

The answer is every outcome that is possible, each with the rule that would decide. One outcome alone is certain.
"""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from runs.analysis.facts.firewall import IptablesChain, IptablesRule, IptablesRuleset

TERMINAL = ("ACCEPT", "DROP", "REJECT")
PASSING = (
    "LOG",
    "NFLOG",
    "MARK",
    "CONNMARK",
    "TCPMSS",
    "CT",
    "TRACE",
    "NOTRACK",
    "TOS",
    "DSCP",
    "CLASSIFY",
    "SET",
    "ULOG",
    "AUDIT",
)
MAX_JUMPS = 64


class Packet(NamedTuple):
    """A packet as the filter sees it. None: not known."""

    protocol: str
    source: str
    destination: str
    source_port: int | None
    destination_port: int | None
    state: str  # 'NEW', 'ESTABLISHED'
    in_interface: str | None = None
    out_interface: str | None = None


class Decision(NamedTuple):
    """What would happen, and by which rule or policy."""

    action: str  # 'ACCEPT', 'DROP', 'REJECT', 'unknown'
    rule: IptablesRule | None
    policy: IptablesChain | None = None

    @property
    def line(self) -> int:
        return self.rule.line if self.rule else self.policy.line if self.policy else 0


def decide(ruleset: IptablesRuleset, chain: str, packet: Packet, table: str = "filter") -> list[Decision]:
    """All decisions that are possible for a packet that enters a built-in chain."""
    found, open_end = _walk(ruleset, table, chain, packet, 0)
    if open_end:
        policy = next((c for c in ruleset.chains if c.table == table and c.name == chain), None)
        found.append(Decision((policy.policy if policy else None) or "unknown", None, policy))
    return found


def _walk(ruleset: IptablesRuleset, table: str, chain: str, packet: Packet, depth: int) -> tuple[list[Decision], bool]:
    """Decisions in a chain, and whether the packet may fall off its end."""
    found: list[Decision] = []
    for rule in ruleset.rules:
        if rule.table != table or rule.chain != chain:
            continue
        match = matches(rule, packet)
        if match is False:
            continue
        target = rule.target or ""
        if target in TERMINAL:
            found.append(Decision(target, rule))
            open_end = match is None
        elif target == "RETURN":
            return found, True
        elif target in PASSING or not target:
            open_end = True
        elif depth < MAX_JUMPS and any(c.table == table and c.name == target for c in ruleset.chains):
            inner, open_end = _walk(ruleset, table, target, packet, depth + 1)
            found += inner
            open_end = open_end or match is None
        else:
            found.append(Decision("unknown", rule))
            open_end = match is None
        if not open_end:
            return found, False
    return found, True


def matches(rule: IptablesRule, packet: Packet) -> bool | None:
    """Whether a rule is for a packet; None where that is not known."""
    answers = list(_conditions(rule, packet))
    if False in answers:
        return False
    return None if None in answers or not rule.understood else True


def _conditions(rule: IptablesRule, packet: Packet) -> Iterator[bool | None]:
    yield _protocol(rule.protocol, packet.protocol)
    yield _address(rule.source, packet.source)
    yield _address(rule.destination, packet.destination)
    yield _interface(rule.in_interface, packet.in_interface)
    yield _interface(rule.out_interface, packet.out_interface)
    yield _ports(rule.source_ports, packet.source_port)
    yield _ports(rule.destination_ports, packet.destination_port)
    if rule.states:
        yield packet.state in rule.states


def _protocol(wanted: str | None, protocol: str) -> bool:
    if wanted in (None, "all", "0", "ip"):
        return True
    negated, name = wanted.startswith("!"), wanted.removeprefix("!").strip()
    return ({"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "ipv6-icmp": "icmpv6"}.get(name, name) == protocol) != negated


def _address(wanted: str | None, address: str) -> bool | None:
    if wanted in (None, "0.0.0.0/0", "::/0", "anywhere"):
        return True
    negated, text = wanted.startswith("!"), wanted.removeprefix("!").strip()
    try:
        inside = any(ip_address(address) in ip_network(part, strict=False) for part in text.split(","))
    except ValueError:
        return None
    return inside != negated


def _interface(wanted: str | None, interface: str | None) -> bool | None:
    if wanted in (None, "*", "any"):
        return True
    if interface is None:
        return None
    negated, name = wanted.startswith("!"), wanted.removeprefix("!").strip()
    same = interface.startswith(name[:-1]) if name.endswith("+") else interface == name
    return same != negated


def _ports(wanted: str | None, port: int | None) -> bool | None:
    if wanted is None:
        return True
    if port is None:
        return None
    negated, text = wanted.startswith("!"), wanted.removeprefix("!").strip()
    for part in text.split(","):
        first, _, last = part.partition(":")
        try:
            if int(first or 0) <= port <= int(last or (65_535 if ":" in part else first)):
                return not negated
        except ValueError:
            return None
    return negated

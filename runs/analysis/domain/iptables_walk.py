"""What a listing of iptables would do with a packet: chains in order, jumps, states, policies; what is not known stays open.

The answer is every outcome that is possible, each with the rule that would decide. One outcome alone is certain.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Generic, NamedTuple, TypeVar

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
    "CHECKSUM",
    "CONNSECMARK",
    "ECN",
    "HL",
    "HMARK",
    "IDLETIMER",
    "LED",
    "RATEEST",
    "SECMARK",
    "TEE",
    "TTL",
)
MAX_JUMPS = 64
MOST_OF_AN_ACTION = 8
Rule = TypeVar("Rule", bound=IptablesRule)
VIRTUAL_STATES = ("DNAT", "SNAT")  # of conntrack's translation, beside the connection's own state
_GOTO = re.compile(r" -g | --goto |\[goto\]")


class Packet(NamedTuple):
    """A packet as the filter sees it. None: not known; an interface that is not known is another one than 'lo'."""

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
    by_chain: dict[str, list[IptablesRule]] = {c.name: [] for c in ruleset.chains if c.table == table}
    for rule in ruleset.rules:
        if rule.table == table:
            by_chain.setdefault(rule.chain, []).append(rule)
    policy = next((c for c in ruleset.chains if c.table == table and c.name == chain), None)
    return walk(by_chain, chain, policy, lambda rule: matches(rule, packet), is_goto)


def walk(
    by_chain: Mapping[str, Sequence[Rule]],
    chain: str,
    policy: IptablesChain | None,
    match: Callable[[Rule], bool | None],
    goes: Callable[[Rule], bool],
) -> list[Decision]:
    """All decisions that are possible in a chain and those that it leads to; `goes`: whether a rule's jump is a goto."""
    found, open_end = _Walk(by_chain, match, goes).chain(chain, 0)
    if open_end:
        found = (*found, Decision((policy.policy if policy else None) or "unknown", None, policy))
    return list(found)


class _Decisions:
    """Decisions in their order, each once, and of each action the first few: that is all that a sentence can name."""

    def __init__(self) -> None:
        self._by_line: dict[tuple[int, str], Decision] = {}
        self._actions: Counter[str] = Counter()

    def add(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            key = (decision.line, decision.action)
            if key not in self._by_line and self._actions[decision.action] < MOST_OF_AN_ACTION:
                self._by_line[key] = decision
                self._actions[decision.action] += 1

    def kept(self) -> tuple[Decision, ...]:
        return tuple(self._by_line.values())


class _Walk(Generic[Rule]):
    """One packet's way; a chain is walked once, however many jumps lead to it."""

    def __init__(
        self, by_chain: Mapping[str, Sequence[Rule]], match: Callable[[Rule], bool | None], goes: Callable[[Rule], bool]
    ) -> None:
        self.by_chain, self.match, self.goes = by_chain, match, goes
        self.known: dict[str, tuple[tuple[Decision, ...], bool]] = {}
        self.entered: set[str] = set()

    def chain(self, name: str, depth: int) -> tuple[tuple[Decision, ...], bool]:
        """Decisions in a chain, and whether the packet may come back from it."""
        if name not in self.known:
            self.entered.add(name)
            self.known[name] = self._walked(name, depth)
            self.entered.discard(name)
        return self.known[name]

    def _walked(self, name: str, depth: int) -> tuple[tuple[Decision, ...], bool]:
        found = _Decisions()
        may_return = False
        for rule in self.by_chain.get(name, ()):
            match = self.match(rule)
            target = rule.target or ""
            if match is False or not target or target in PASSING:
                continue
            goes_on = False
            if target == "RETURN":
                may_return = True
            elif target in self.by_chain and target not in self.entered and depth < MAX_JUMPS:
                inner, comes_back = self.chain(target, depth + 1)
                found.add(inner)
                if self.goes(rule):
                    may_return = may_return or comes_back
                else:
                    goes_on = comes_back
            else:
                found.add((Decision(target if target in TERMINAL else "unknown", rule),))
            if match and not goes_on:
                return found.kept(), may_return
        return found.kept(), True


def is_goto(rule: IptablesRule) -> bool:
    """A goto does not come back to its own chain but to the one that called that."""
    return _GOTO.search(f" {rule.text} ") is not None


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
        open_state = not rule.understood or any(s in VIRTUAL_STATES for s in rule.states)
        yield True if packet.state in rule.states else None if open_state else False


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
    negated, name = wanted.startswith("!"), wanted.removeprefix("!").strip()
    if interface is None:
        return negated if name == "lo" else None
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

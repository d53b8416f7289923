"""What a ruleset of nft would do with a packet: base chains by hook and priority, jumps, verdict maps, sets as far as given.

A drop ends the packet's way; an accept only that of one base chain, and the next one of the hook is asked. Source: nft(8), section 'Chains'.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import msgspec

from runs.analysis.domain.iptables_walk import Decision, Packet, walk
from runs.analysis.facts.firewall import IptablesChain
from runs.analysis.facts.nftables import NftChain, NftRule, NftRuleset

HOOKS = {
    "INPUT": ("prerouting", "input"),
    "FORWARD": ("prerouting", "forward", "postrouting"),
    "OUTPUT": ("output", "postrouting"),
}
BLOCKING = ("DROP", "REJECT")
_PRIORITIES = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
_PRIORITY = re.compile(r"(?P<name>[a-z]*)\s*(?P<offset>(?:[+-]\s*)?\d*)$")
_RANGE = re.compile(r"(?P<first>[0-9A-Fa-f.:]+)-(?P<last>[0-9A-Fa-f.:]+)$")
_BESIDE = ("bridge", "netdev", "arp")  # families whose chains IP packets may meet, too
Sets = Mapping[str, tuple[str, ...]]


def decide(ruleset: NftRuleset, path: str, packet: Packet) -> list[Decision]:
    """All decisions that are possible for a packet that is for the host, through it or from it ('INPUT', 'FORWARD', 'OUTPUT')."""
    sets = given_sets(ruleset)
    open_before: list[Decision] = []
    last: list[Decision] = []
    for base in _base_chains(ruleset, path, packet):
        last = _in_chain(ruleset, base, packet, sets)
        if all(d.action in BLOCKING for d in last):
            return [d for d in open_before if d.action in BLOCKING] + last
        if any(d.action != "ACCEPT" for d in last):
            open_before += last
    if not open_before and last and _beside(ruleset):
        open_before = [Decision("unknown", None)]
    return open_before or last


def given_sets(ruleset: NftRuleset) -> Sets:
    """The members of the sets that are given whole: '@' with the table, and name."""
    return {name: members for name, members, _ in ruleset.sets if members and name not in ruleset.open_sets}


def _base_chains(ruleset: NftRuleset, path: str, packet: Packet) -> Iterator[NftChain]:
    """The base chains of filters and of routing that the packet passes, in their order; nat chains decide nothing."""
    families = ("inet", "ip6" if ":" in packet.source else "ip")
    chains = {(c.table, c.name): c for c in ruleset.chains if c.hook and c.kind != "nat" and c.table.split()[0] in families}
    for hook in HOOKS[path]:
        yield from sorted((c for c in chains.values() if c.hook == hook), key=_priority)


def _priority(chain: NftChain) -> int:
    match = _PRIORITY.match(chain.priority or "")
    if match is None:
        return 0
    offset = match["offset"].replace(" ", "")
    return _PRIORITIES.get(match["name"], 0) + (int(offset) if offset.strip("+-") else 0)


def _in_chain(ruleset: NftRuleset, base: NftChain, packet: Packet, sets: Sets) -> list[Decision]:
    by_chain: dict[str, list[NftRule]] = {c.name: [] for c in ruleset.chains if c.table == base.table}
    for rule in ruleset.rules:
        if rule.table == base.table and rule.target != "CONTINUE":
            by_chain.setdefault(rule.chain, []).extend(by_verdict(rule))
    policy = IptablesChain(table=base.table, name=base.name, policy=base.policy or "ACCEPT", line=base.policy_line or base.line)
    return walk(by_chain, base.name, policy, lambda rule: matches(rule, packet, sets), lambda rule: rule.goto)


def by_verdict(rule: NftRule) -> Iterator[NftRule]:
    """A verdict map as one rule for each of its keys."""
    if not rule.verdicts:
        yield rule
    for key, verdict in rule.verdicts:
        named: dict[str, Any] = {str(rule.verdict_key): (key,) if rule.verdict_key == "states" else key}
        goto, target = verdict.startswith("goto "), verdict.removeprefix("goto ")
        if target != "CONTINUE":
            yield msgspec.structs.replace(rule, verdicts=(), target=target, goto=goto, **named)


def _beside(ruleset: NftRuleset) -> bool:
    """Whether chains of other families or of the interface itself may block something."""
    beside = {(c.table, c.name) for c in ruleset.chains if c.table.split()[0] in _BESIDE or c.hook in ("ingress", "egress")}
    blocking = {(r.table, r.chain) for r in ruleset.rules if r.target in BLOCKING or r.verdicts}
    tables = {table for table, _ in beside}
    return any(table in tables for table, _ in blocking) or any(c.policy == "DROP" for c in ruleset.chains if c.table in tables)


def matches(rule: NftRule, packet: Packet, sets: Sets) -> bool | None:
    """Whether a rule is for a packet; None where that is not known."""
    answers = list(_conditions(rule, packet, sets))
    if False in answers:
        return False
    return None if None in answers or not rule.understood else True


def _conditions(rule: NftRule, packet: Packet, sets: Sets) -> Iterator[bool | None]:
    def ask(wanted: str | None, same: Callable[[str], bool | None]) -> bool | None:
        return _one_of(wanted, rule.table, sets, same)

    if rule.family is not None:
        yield (":" in packet.source) == (rule.family == 6)
    yield ask(rule.protocol, lambda name: name == packet.protocol if name.isalnum() and not name.isdigit() else None)
    yield ask(rule.source, lambda value: _address(value, packet.source))
    yield ask(rule.destination, lambda value: _address(value, packet.destination))
    yield ask(rule.in_interface, lambda name: _interface(name, packet.in_interface))
    yield ask(rule.out_interface, lambda name: _interface(name, packet.out_interface))
    yield ask(rule.source_ports, lambda value: _port(value, packet.source_port))
    yield ask(rule.destination_ports, lambda value: _port(value, packet.destination_port))
    if rule.states:
        yield packet.state in rule.states or (None if any(s.startswith(("@", "$")) for s in rule.states) else False)
    if rule.not_states:
        yield packet.state not in rule.not_states


def _one_of(wanted: str | None, table: str, sets: Sets, same: Callable[[str], bool | None]) -> bool | None:
    """Whether one of the members is the packet's; members of sets that are not given are not known."""
    if wanted is None:
        return True
    negated, text = wanted.startswith("! "), wanted.removeprefix("! ")
    answers: list[bool | None] = []
    for member in text.split(","):
        if member.startswith("@"):
            given = sets.get(f"{table} {member[1:]}")
            answers += [None] if given is None else [same(m) for m in given]
        else:
            answers.append(same(member))
    if True in answers:
        return not negated
    return None if None in answers else negated


def _address(wanted: str, address: str) -> bool | None:
    try:
        own = ip_address(address)
        if (match := _RANGE.match(wanted)) is None:
            return own in ip_network(wanted, strict=False)
        first, last = ip_address(match["first"]), ip_address(match["last"])
        return own.version == first.version == last.version and int(first) <= int(own) <= int(last)
    except ValueError:
        return None


def _interface(name: str, interface: str | None) -> bool | None:
    if name.startswith("$"):
        return None
    if interface is None:
        return False if name == "lo" else None
    return interface.startswith(name[:-1]) if name.endswith("*") else interface == name


def _port(wanted: str, port: int | None) -> bool | None:
    first, _, last = wanted.replace("-", ":").partition(":")
    if port is None or not first.isdigit() or not (last or "0").isdigit():
        return None
    return int(first) <= port <= int(last or first)

"""Configuration as statements that can be compared: what is set, in words that do not depend on the syntax it was listed in.

Left out is what differs from listing to listing without meaning: counters, handles, ages, the order where order has none, and what
a kernel adds by itself. Rules of a packet filter keep their order: it decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from ipaddress import ip_address
from typing import NamedTuple

from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.commanded import ConfigurationCommands
from runs.analysis.facts.firewall import IptablesRule, IptablesRuleset, PfRuleset
from runs.analysis.facts.network import Interfaces, Route, RoutingTable, Tunnel
from runs.analysis.facts.nftables import NftRuleset
from runs.analysis.facts.router import RouterConfig
from runs.analysis.facts.small import SoftwareVersion

CONFIGURATION = (RoutingTable, Interfaces, Tunnel, IptablesRuleset, PfRuleset, NftRuleset, RouterConfig, SoftwareVersion)
ORDERED = ("iptables ", "ip6tables ", "nft ", "pf")
MOST_ORDERED = 2_000  # rules of a chain whose order is compared
OVER_IPV6 = ("ipip6", "ip6ip6", "ip6gre")
NOISE_FLAGS = {"dynamic", "mngtmpaddr", "noprefixroute", "secondary", "tentative", "stable-privacy"}
MODES = {
    "ip/ipv6": "ipip6", "ip4ip6": "ipip6", "ipip6": "ipip6", "ipv6/ipv6": "ip6ip6", "ip6ip6": "ip6ip6", "ipip": "ipip", "ip/ip": "ipip",
    "gre/ip": "gre", "gre": "gre", "gre/ipv6": "ip6gre", "ip6gre": "ip6gre", "sit": "sit", "ipv6/ip": "sit",
}  # fmt: skip


class ConfigStatement(NamedTuple):
    """One thing that is set. Statements with equal area and key speak of the same thing; their values say how it is set."""

    area: str  # 'routes IPv6', 'tunnels', 'iptables nat POSTROUTING' …
    key: str
    value: str
    place: Citation


@dataclass(frozen=True)
class Drift:
    """What differs in one area."""

    area: str
    only_left: list[ConfigStatement]
    only_right: list[ConfigStatement]
    changed: list[tuple[ConfigStatement, ConfigStatement]]
    same_count: int

    @property
    def count(self) -> int:
        """How many statements differ."""
        return len(self.only_left) + len(self.only_right) + len(self.changed)


@dataclass(frozen=True)
class Drifts:
    """The areas that both sides list, and those that only one does: these are not comparable."""

    areas: list[Drift]
    only_left_lists: list[str]
    only_right_lists: list[str]


def statements(facts: Iterable[Fact]) -> list[ConfigStatement]:
    """All that the facts say is set on hosts; of several listings of one thing each distinct statement once."""
    found = dict[tuple[str, str, str], ConfigStatement]()
    for fact in facts:
        for one in _of(fact):
            found.setdefault(one[:3], one)
    return list(found.values())


def areas_of(facts: Iterable[Fact]) -> set[str]:
    """The areas that listings cover, also those without an entry."""
    covered: set[str] = set()
    for fact in facts:
        if isinstance(fact, RoutingTable):
            covered.add(f"routes IPv{fact.version}")
        elif isinstance(fact, IptablesRuleset) and fact.form != "vyos":
            covered |= {
                f"{_program(fact)} {chain.table} {chain.name}" for chain in fact.chains
            }  # a chain may have lost all its rules
        elif isinstance(fact, NftRuleset):
            covered |= {f"nft {chain.table} {chain.name}" for chain in fact.chains}
        elif isinstance(fact, Interfaces):
            covered |= {"interfaces", "addresses"}
        covered |= {one.area for one in _of(fact)}
    return covered


def compare(left: Sequence[Fact], right: Sequence[Fact]) -> Drifts:
    """The differences, by area. A listing that shows a part only is held against one of the same command, or against nothing."""
    left, right = _whole(left, right), _whole(right, left)
    ours, theirs = statements(left), statements(right)
    left_areas, right_areas = areas_of(left), areas_of(right)
    made = []
    for area in sorted(left_areas & right_areas):
        drift = _compare([s for s in ours if s.area == area], [s for s in theirs if s.area == area], area)
        made.append(drift)
    return Drifts(made, sorted(left_areas - right_areas), sorted(right_areas - left_areas))


def _whole(facts: Sequence[Fact], others: Sequence[Fact]) -> list[Fact]:
    """The facts without listings that show a part, unless the other side was cut by the same command."""
    known = {(type(f), getattr(f, "command", None)) for f in others if _is_partial(f)}
    return [f for f in facts if not _is_partial(f) or (type(f), getattr(f, "command", None)) in known]


def _is_partial(fact: Fact) -> bool:
    return bool(getattr(fact, "partial", False) or getattr(fact, "grepped", False))


def _compare(left: list[ConfigStatement], right: list[ConfigStatement], area: str) -> Drift:
    known = {(s.key, s.value) for s in right}
    own = {(s.key, s.value) for s in left}
    only_left = [s for s in left if (s.key, s.value) not in known]
    only_right = [s for s in right if (s.key, s.value) not in own]
    by_key: dict[str, list[ConfigStatement]] = {}
    for statement in only_right:
        by_key.setdefault(statement.key, []).append(statement)
    changed: list[tuple[ConfigStatement, ConfigStatement]] = []
    for statement in list(only_left):
        if by_key.get(statement.key):
            other = by_key[statement.key].pop(0)
            changed.append((statement, other))
            only_left.remove(statement)
            only_right.remove(other)
    if area.startswith(ORDERED):
        changed += _moved([s for s in left if (s.key, s.value) in known], [s for s in right if (s.key, s.value) in own])
    return Drift(area, only_left, only_right, changed, len(own & known))


def _moved(left: list[ConfigStatement], right: list[ConfigStatement]) -> Iterator[tuple[ConfigStatement, ConfigStatement]]:
    """Rules that both sides have, at another place among them: the first match decides."""
    order = [(s.key, s.value) for s in left], [(s.key, s.value) for s in right]
    if order[0] == order[1] or max(map(len, order)) > MOST_ORDERED:
        return
    stayed = {at for a, _, n in SequenceMatcher(None, *order, autojunk=False).get_matching_blocks() for at in range(a, a + n)}
    for at, one in enumerate(left):
        if at not in stayed and order[0][at] in order[1]:
            there = order[1].index(order[0][at])
            yield one._replace(value=f"#{at + 1}"), right[there]._replace(value=f"#{there + 1}")


def _of(fact: Fact) -> Iterator[ConfigStatement]:
    if isinstance(fact, RoutingTable):
        for route in fact.routes:
            yield from _route(fact.file, route, fact.version)
    elif isinstance(fact, Interfaces):
        yield from _interfaces(fact)
    elif isinstance(fact, Tunnel):
        for name, value in tunnel_words(fact.mode, fact.local, fact.remote, fact.device, fact.encapsulation_limit):
            yield ConfigStatement("tunnels", f"{fact.name} {name}", value, Citation(fact.file, lines=(fact.line,)))
    elif isinstance(fact, IptablesRuleset) and fact.form != "vyos":
        program = _program(fact)
        for chain in fact.chains:
            if chain.policy:
                place = Citation(fact.file, lines=(chain.line,))
                yield ConfigStatement(f"{program} {chain.table}", f"policy of {chain.name}", chain.policy, place)
        yield from _filter_rules(fact.file, fact.rules, program)
    elif isinstance(fact, NftRuleset):
        for base in fact.chains:
            if base.policy:
                place = Citation(fact.file, lines=(base.policy_line or base.line,))
                yield ConfigStatement("nft policies", f"{base.table} {base.name}", base.policy, place)
        yield from _filter_rules(fact.file, fact.rules, "nft")
    elif isinstance(fact, PfRuleset):
        for rule in fact.rules:
            yield ConfigStatement("pf", _words(rule.text), "", Citation(fact.file, lines=(rule.line,)))
    elif isinstance(fact, RouterConfig) and not fact.prescribed:
        for setting in fact.settings:
            place = Citation(fact.file, lines=(setting.line,))
            yield ConfigStatement(f"{fact.language} {setting.words[0]}", " ".join(setting.words[:-1]), setting.words[-1], place)
    elif isinstance(fact, SoftwareVersion):
        yield ConfigStatement("versions", fact.name, fact.version, Citation(fact.file, lines=(fact.line,)))


def _program(ruleset: IptablesRuleset) -> str:
    return "ip6tables" if ruleset.version == 6 else "iptables"


def _route(file: str, route: Route, version: int) -> Iterator[ConfigStatement]:
    if route.kind in ("local", "broadcast", "multicast", "anycast") or route.destination.startswith(("ff00::", "fe80::")):
        return
    parts = [
        route.kind if route.kind != "unicast" else "",
        f"via {route.via}" if route.via else "",
        f"dev {route.device}" if route.device else "",
    ]
    yield ConfigStatement(
        f"routes IPv{version}", route.destination, " ".join(p for p in parts if p), Citation(file, lines=(route.line,))
    )


def _interfaces(fact: Interfaces) -> Iterator[ConfigStatement]:
    for one in fact.interfaces:
        place = Citation(fact.file, lines=(one.line,))
        if one.state:
            yield ConfigStatement("interfaces", f"{one.name} state", one.state, place)
        if one.mtu:
            yield ConfigStatement("interfaces", f"{one.name} mtu", str(one.mtu), place)
        for address in one.addresses:
            if address.scope == "link" or address.address.startswith("fe80"):
                continue
            flags = sorted(set(address.flags) - NOISE_FLAGS)
            shown = f"{address.address}/{address.prefix_length}"
            yield ConfigStatement("addresses", f"{one.name} {shown}", " ".join(flags), Citation(fact.file, lines=(address.line,)))


def _filter_rules(file: str, rules: Iterable[IptablesRule], program: str) -> Iterator[ConfigStatement]:
    for rule in rules:
        place = Citation(file, lines=(rule.line,))
        yield ConfigStatement(f"{program} {rule.table} {rule.chain}", rule_words(rule), "", place)


def rule_words(rule: IptablesRule) -> str:
    """A rule without its counters, whatever listing it stands in."""
    parts = [
        ("proto", rule.protocol), ("from", rule.source), ("to", rule.destination), ("in", rule.in_interface), ("out", rule.out_interface),
        ("sports", rule.source_ports), ("dports", rule.destination_ports), ("states", ",".join(sorted(rule.states)) or None),
        ("target", rule.target), ("with", rule.reject_with), ("translate", rule.to),
    ]  # fmt: skip
    said = " ".join(f"{name} {value}" for name, value in parts if value)
    return said if rule.understood else f"{said} [{_words(rule.text)}]"


def tunnel_words(
    mode: str | None, local: str | None, remote: str | None, device: str | None, limit: str | None
) -> list[tuple[str, str]]:
    """What a tunnel is set to, in words that `ip tunnel` and a router's configuration share."""
    found = [
        ("mode", MODES.get(mode or "", mode)), ("local", _address(local)), ("remote", _address(remote)), ("device", device),
        ("encapsulation limit", limit),
    ]  # fmt: skip
    return [(name, value) for name, value in found if value]


@dataclass(frozen=True)
class TunnelSetting:
    """A tunnel as one syntax sets it."""

    name: str
    syntax: str  # 'ip tunnel show', 'ip tunnel add', 'vyos'
    values: dict[str, str]
    place: Citation

    def value(self, name: str) -> str | None:
        """What it is set to; without an encapsulation limit the one of RFC 2473 section 6.6 and Linux holds, 4."""
        default = "4" if name == "encapsulation limit" and self.values.get("mode") in OVER_IPV6 else None
        return self.values.get(name, default)


def tunnel_settings(facts: Iterable[Fact]) -> list[TunnelSetting]:
    """Every setting of a tunnel in the evidence, in force, commanded or configured."""
    found: list[TunnelSetting] = []
    for fact in facts:
        if isinstance(fact, Tunnel):
            values = dict(tunnel_words(fact.mode, fact.local, fact.remote, fact.device, fact.encapsulation_limit))
            found.append(TunnelSetting(fact.name, "ip tunnel show", values, Citation(fact.file, lines=(fact.line,))))
        elif isinstance(fact, ConfigurationCommands) and fact.purpose != "rollback":
            for t in fact.tunnels:
                if not t.deletes:
                    values = dict(tunnel_words(t.mode, t.local, t.remote, t.device, t.encapsulation_limit))
                    found.append(TunnelSetting(t.name, "ip tunnel add", values, Citation(fact.file, lines=(t.line,))))
        elif isinstance(fact, RouterConfig):
            for c in fact.tunnels:
                values = dict(tunnel_words(c.encapsulation, c.local, c.remote, c.device, c.encapsulation_limit))
                found.append(TunnelSetting(c.name, fact.language, values, Citation(fact.file, lines=(c.line,))))
    return sorted(found, key=lambda one: (one.syntax, one.name))


def _address(text: str | None) -> str | None:
    if not text or text in ("any", "::", "0.0.0.0", "..."):  # noqa: S104  # a tunnel without an end of its own, no binding
        return None
    try:
        return str(ip_address(text.partition("/")[0]))
    except ValueError:
        return text


def _words(text: str) -> str:
    return " ".join(text.split())

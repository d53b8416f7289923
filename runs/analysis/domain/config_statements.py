"""What a host is set to, as statements that can be compared: routes, addresses, tunnels, packet filters, NAT, router settings, versions.

Noise is left out: counters, handles, lifetimes, interface numbers, temporary addresses, interfaces that containers come and go with. Where order
has a meaning (rules of a chain) it is kept; elsewhere a statement is told by what it is about.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from runs.analysis.domain.places import inside
from runs.analysis.domain.tunnel_settings import FIELDS, tunnel_settings
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.firewall import IptablesRuleset, PfRuleset
from runs.analysis.facts.network import Interfaces, RoutingTable, Tunnel
from runs.analysis.facts.nftables import NftRuleset
from runs.analysis.facts.router import RouterConfig
from runs.analysis.facts.small import SoftwareVersion

MOST_STATEMENTS = 20_000  # of one listing
_COUNTERS = re.compile(r"\[\d+:\d+\]|\bcounter packets \d+ bytes \d+|\s*# handle \d+|^\s*\d+[KMGT]?\s+\d+[KMGT]?\s+(?=\S)")
_FLEETING = re.compile(r"veth[0-9a-z]+|br-[0-9a-f]{12}|cali[0-9a-f]+|tap[0-9a-f-]+|lxc[0-9a-z]+")
_NO_COMMAND = re.compile(r"^\s*(?:sudo|doas)\s+")
_SPACE = re.compile(r"\s+")


class ConfigStatement(NamedTuple):
    """One setting: what it is about, and what it says."""

    subject: str  # 'default', 'eth1 192.0.2.1', 'filter/FORWARD', 'mape remote'
    value: str  # normalised; statements of one subject with one value are the same
    place: Citation


@dataclass
class Listing:
    """The statements of one listing. `kind` in stable words: 'routes 4', 'addresses', 'tunnels', 'iptables 4 save', 'settings vyos'."""

    kind: str
    host: str
    command: str  # without sudo, in single spaces; '' where unknown
    is_partial: bool
    is_ordered: bool
    place: Citation
    statements: list[ConfigStatement] = field(default_factory=list)


def listings(facts: Iterable[Fact]) -> list[Listing]:
    """The listings among some facts, in their order; tunnels and versions of one file are one listing each."""
    facts = list(facts)
    found: list[Listing] = []
    for fact in facts:
        if isinstance(fact, RoutingTable):
            found.append(_listing(fact, f"routes {fact.version}", _routes(fact), fact.first_line, fact.partial))
        elif isinstance(fact, Interfaces):
            found.append(_listing(fact, "addresses", _addresses(fact), fact.first_line))
        elif isinstance(fact, IptablesRuleset):
            kind = f"iptables {fact.version} {fact.form}"
            found.append(_listing(fact, kind, _iptables(fact), fact.first_line, fact.grepped, is_ordered=True))
        elif isinstance(fact, NftRuleset):
            found.append(_listing(fact, "nft", _nft(fact), fact.first_line, fact.partial, is_ordered=True))
        elif isinstance(fact, PfRuleset):
            found.append(_listing(fact, "pf", _pf(fact), fact.first_line, fact.grepped, is_ordered=True))
        elif isinstance(fact, RouterConfig):
            found.append(_listing(fact, f"settings {fact.language}", _settings(fact), fact.first_line, fact.partial))
    for kind, make, wanted in (("tunnels", _tunnels, Tunnel), ("versions", _versions, SoftwareVersion)):
        by_place: dict[tuple[str, int, str | None], list[Fact]] = {}
        for fact in facts:
            if isinstance(fact, wanted):
                by_place.setdefault((fact.file, fact.segment, fact.host), []).append(fact)
        found += [_listing(own[0], kind, make(own), own[0].line) for own in by_place.values()]  # type: ignore[attr-defined]
    return found


def _listing(
    fact: Fact, kind: str, statements: Iterator[ConfigStatement], line: int, is_partial: bool = False, *, is_ordered: bool = False
) -> Listing:
    command = _SPACE.sub(" ", _NO_COMMAND.sub("", getattr(fact, "command", None) or "")).strip()
    host = "/".join(part for part in (fact.host or "", inside(fact)) if part)
    kept = [statement for statement, _ in zip(statements, range(MOST_STATEMENTS), strict=False)]
    return Listing(kind, host, command, is_partial, is_ordered, Citation(fact.file, lines=(max(1, line),)), kept)


def _routes(table: RoutingTable) -> Iterator[ConfigStatement]:
    for route in table.routes:
        if route.device and _FLEETING.fullmatch(route.device):
            continue
        kind = "" if route.kind == "unicast" else route.kind
        words = (kind, f"via {route.via}" if route.via else "", f"dev {route.device}" if route.device else "")
        subject = "default" if route.destination in ("0.0.0.0/0", "::/0") else route.destination
        yield ConfigStatement(subject, " ".join(w for w in words if w), Citation(table.file, lines=(route.line,)))


def _addresses(listing: Interfaces) -> Iterator[ConfigStatement]:
    for interface in listing.interfaces:
        if _FLEETING.fullmatch(interface.name):
            continue
        place = Citation(listing.file, lines=(interface.line,))
        if interface.flags:
            yield ConfigStatement(f"{interface.name} state", "up" if "UP" in interface.flags else "down", place)
        if interface.mtu is not None:
            yield ConfigStatement(f"{interface.name} mtu", str(interface.mtu), place)
        if interface.mac and interface.kind != "loopback":
            yield ConfigStatement(f"{interface.name} mac", interface.mac.lower(), place)
        if interface.peer:
            yield ConfigStatement(f"{interface.name} peer", interface.peer, place)
        for address in interface.addresses:
            if "temporary" not in address.flags:
                spot = Citation(listing.file, lines=(address.line,))
                yield ConfigStatement(f"{interface.name} address", f"{address.address}/{address.prefix_length}", spot)


def _tunnels(facts: Iterable[Fact]) -> Iterator[ConfigStatement]:
    for tunnel in tunnel_settings(facts):
        for name in FIELDS:
            value = tunnel.value(name)
            if value is not None:
                yield ConfigStatement(f"{tunnel.name} {name}", value, tunnel.place(name))


def _iptables(ruleset: IptablesRuleset) -> Iterator[ConfigStatement]:
    for chain in ruleset.chains:
        if chain.policy:
            subject = f"{chain.table}/{chain.name} policy"
            yield ConfigStatement(subject, chain.policy, Citation(ruleset.file, lines=(chain.line,)))
    for rule in ruleset.rules:
        yield ConfigStatement(f"{rule.table}/{rule.chain}", _plain(rule.text), Citation(ruleset.file, lines=(rule.line,)))


def _nft(ruleset: NftRuleset) -> Iterator[ConfigStatement]:
    for chain in ruleset.chains:
        if chain.policy:
            place = Citation(ruleset.file, lines=(chain.policy_line or chain.line,))
            yield ConfigStatement(f"{chain.table}/{chain.name} policy", chain.policy, place)
    for rule in ruleset.rules:
        yield ConfigStatement(f"{rule.table}/{rule.chain}", _plain(rule.text), Citation(ruleset.file, lines=(rule.line,)))
    for name, elements, line in ruleset.sets:
        yield ConfigStatement(f"set {name}", " ".join(sorted(elements)), Citation(ruleset.file, lines=(line,)))


def _pf(ruleset: PfRuleset) -> Iterator[ConfigStatement]:
    for rule in ruleset.rules:
        yield ConfigStatement("rules", _plain(rule.text), Citation(ruleset.file, lines=(rule.line,)))


def _settings(config: RouterConfig) -> Iterator[ConfigStatement]:
    for setting in config.settings:
        words = setting.words
        subject, value = (" ".join(words[:-1]), words[-1]) if len(words) > 1 else (words[0] if words else "", "")
        yield ConfigStatement(subject, value, Citation(config.file, lines=(setting.line,)))


def _versions(facts: Iterable[Fact]) -> Iterator[ConfigStatement]:
    for fact in facts:
        if isinstance(fact, SoftwareVersion):
            yield ConfigStatement(fact.name, fact.version, Citation(fact.file, lines=(fact.line,)))


def _plain(text: str) -> str:
    """A rule without counters, handles and layout."""
    return _SPACE.sub(" ", _COUNTERS.sub(" ", text)).strip()

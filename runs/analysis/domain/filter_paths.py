"""Which chain of a host's filter the packets of a conversation pass, as far as its addresses, routes and translations tell."""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.filter_listings import TRANSLATES_DESTINATION, TRANSLATES_SOURCE, Listing, translating
from runs.analysis.domain.iptables_walk import Packet
from runs.analysis.domain.places import same_host
from runs.analysis.domain.routing import lookup, parsed
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.firewall import IptablesRuleset
from runs.analysis.facts.network import Interfaces, Route, RoutingTable
from runs.analysis.facts.nftables import NftRuleset


def host_addresses(case: Case, ruleset: Listing) -> set[str]:
    """The addresses that the evidence gives to the host of a listing."""
    return {a.address for i in case.all(Interfaces) if same_host(i, ruleset) for n in i.interfaces for a in n.addresses}


def packets_of(case: Case, ruleset: Listing, c: Conversation) -> Iterator[tuple[str | None, Packet]]:
    """The first packet of each direction with the chain that it passes on the listing's host; None: that is not known.

    A host forwards only what comes in by one interface and leaves by another, as its own routes have it; where its own rules translate
    destinations, what enters is not what the filter sees; where they translate sources, what bears its own address may be another's.
    """
    own = host_addresses(case, ruleset)
    lends = any(r.target in TRANSLATES_SOURCE for listing in _listings(case, ruleset) for r in listing.rules)
    routes = [r for t in case.all(RoutingTable) if same_host(t, ruleset) and not t.partial for r in t.routes]
    for source, destination, state in ((c.originator, c.responder, "NEW"), (c.responder, c.originator, "ESTABLISHED")):
        here, there = source.address in own, destination.address in own
        into, out = _device(routes, source), _device(routes, destination)
        chain = "INPUT" if there else "OUTPUT" if here else "FORWARD" if into and out and into != out else None
        if here and there:
            into = out = "lo"
        packet = Packet(
            c.protocol, source.address, destination.address, source.port, destination.port, state,
            into if chain != "OUTPUT" else None, out if chain != "INPUT" else None,
        )  # fmt: skip
        translated = chain in ("INPUT", "FORWARD") and translates_destination(case, ruleset, packet)
        translated = translated or (c.originator.address in own and c.responder.address not in own and lends)
        yield (None if translated or not own else chain), packet


def translates_destination(case: Case, ruleset: Listing, packet: Packet) -> bool:
    """Whether a rule of the host may translate where the packet goes, before the filter sees it."""
    return any(translating(r, packet, TRANSLATES_DESTINATION) for r in _listings(case, ruleset))


def _listings(case: Case, ruleset: Listing) -> list[Listing]:
    """All that the evidence has of the host's rules."""
    listings: list[Listing] = [*(r for r in case.all(IptablesRuleset) if not r.prescribed), *case.all(NftRuleset)]
    return [r for r in listings if r is ruleset or same_host(r, ruleset)]


def _device(routes: list[Route], end: Endpoint) -> str | None:
    address = parsed(end.address)
    route = lookup(routes, address) if address is not None else None
    return route.device if route else None

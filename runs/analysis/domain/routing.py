"""Routing tables asked for an address: the longest prefix that holds it decides."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

from runs.analysis.domain.places import same_place
from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Route, RoutingTable

Address = IPv4Address | IPv6Address
_NAMED_TABLE = re.compile(r"\b(?:table|vrf)\s+(?!(?:main|254|all)\b)\S")
UNUSABLE = ("unreachable", "blackhole", "prohibit", "throw")


def parsed(text: str) -> Address | None:
    """An address as a number, its zone left out; None for a name."""
    try:
        return ip_address(text.partition("%")[0].partition("/")[0])
    except ValueError:
        return None


def lookup(routes: Iterable[Route], address: Address) -> Route | None:
    """The route that decides for an address: longest prefix, then the lowest metric; None where no prefix holds it."""
    best: tuple[int, int] | None = None
    chosen = None
    for route in routes:
        try:
            network = ip_network(route.destination, strict=False)
        except ValueError:
            continue
        if network.version != address.version or address not in network:
            continue
        rank = (network.prefixlen, -(route.metric or 0))
        if best is None or rank > best:
            best, chosen = rank, route
    return chosen


def leads_on(route: Route | None) -> bool:
    """Whether a packet would be sent."""
    return route is not None and route.kind not in UNUSABLE


class Way(NamedTuple):
    """What the listings of a host say of an address: the table, and its route; a route of None: the whole table has none for it."""

    table: RoutingTable
    route: Route | None


def way(tables: Iterable[RoutingTable], by: Fact, address: Address) -> Way | None:
    """The way to an address from where a fact was taken; None where its tables leave it open.

    A route in any table of the place is a way (`ip rule` may choose that table). That there is none is said only by a whole main table with
    routes in it: an empty listing may be a command that failed.
    """
    own = [t for t in tables if t.version == address.version and same_place(t, by)]
    routes = [(t, lookup(t.routes, address)) for t in own]
    for table, route in routes:
        if leads_on(route):
            return Way(table, route)
    for table, route in routes:
        if (
            not table.partial
            and table.routes
            and not _NAMED_TABLE.search(table.command or "")
            and (not route or route.kind != "throw")
        ):
            return Way(table, route)
    return None

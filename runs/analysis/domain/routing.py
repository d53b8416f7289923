"""Routing tables asked for an address: the longest prefix that holds it decides."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from runs.analysis.facts.network import Route

Address = IPv4Address | IPv6Address
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

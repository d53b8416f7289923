"""`show ip route` and `show ipv6 route` of FRR, Quagga and VyOS.

    Codes: K - kernel route, C - connected, S - static, R - RIP,
    S>* 0.0.0.0/0 [1/0] via 192.0.2.254, eth3, weight 1, 01:02:03
      *                  via 192.0.2.253, eth4, weight 1, 01:02:03
    C>* 192.0.2.0/24 is directly connected, eth3, 01:02:03
    S>* 10.98.0.0/16 [1/0] unreachable (blackhole), weight 1, 00:00:09

Yields a RoutingTable for each command and IP version: the selected routes alone. Refuses `ip route`.
"""

import re
from ipaddress import ip_network

from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Route, RoutingTable
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("frr_route.title", en="a routing table (show ip route)", ja="経路表 (show ip route)")
MAX_ROUTES = 100_000
_CODES = {
    "K": "kernel",
    "C": "connected",
    "L": "local",
    "S": "static",
    "R": "rip",
    "O": "ospf",
    "B": "bgp",
    "I": "isis",
    "D": "dhcp",
    "E": "eigrp",
}
_ROUTE = re.compile(
    r"(?P<code>[A-Z])(?P<marks>[>*!= rqot]{0,5}) (?P<prefix>[0-9A-Fa-f.:]+/\d{1,3}) (?:\[\d{1,3}/(?P<metric>\d{1,10})\] )?"
    r"(?:via (?P<via>[0-9A-Fa-f.:]+)(?: \([^)]*\))?(?:, (?P<device>[\w.@-]+))?|is directly connected, (?P<direct>[\w.@-]+)"
    r"|(?P<refused>unreachable|blackhole)(?P<how>[^,]*))"
)
_NEXT = re.compile(r"\s+\*\s+via (?P<via>[0-9A-Fa-f.:]+)(?:, (?P<device>[\w.@-]+))?")
_SURE = re.compile(
    r"Codes: K - kernel(?: route)?, C - connected|[A-Z][>*]{1,2}\*? [0-9A-Fa-f.:]+/\d{1,3} (?:\[\d+/\d+\] (?:via|unreach)|is directly connected)"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the legend or a selected route."""
    return recognise(head, TITLE, _SURE)


def parse(source: Source) -> Parsed:
    """A table for each command and IP version."""
    tables: list[Fact] = []
    commands: list[Fact] = []
    count = 0
    for section in typed_sections(source, commands):
        routes = _routes(section, MAX_ROUTES - count)
        count += len(routes)
        for version in (4, 6):
            own = tuple(r for r in routes if (":" in r.destination) == (version == 6))
            if own and len(tables) < 1000:
                tables.append(
                    RoutingTable(
                        host=section.host,
                        version=version,
                        routes=own,
                        command=section.command,
                        first_line=first_full_line(section),
                        last_line=own[-1].line,
                        partial=bool(section.command and is_filtered(section.command)),
                    )
                )
    return Parsed(facts=[*tables, *commands], counts={"routes": count})


def _routes(section: Section, room: int) -> list[Route]:
    found: list[Route] = []
    selected = False
    for line in section.lines:
        text = line.text[:500]
        if (match := _ROUTE.match(text)) is not None and len(found) < room:
            selected = ">" in match["marks"]
            if selected:
                found.append(_route(match, line.number))
        elif selected and found and (more := _NEXT.match(text)) is not None and len(found) < room:
            last = found[-1]
            found.append(
                Route(
                    line=line.number, destination=last.destination, via=more["via"], device=more["device"], protocol=last.protocol
                )
            )
    return found


def _route(match: re.Match[str], line: int) -> Route:
    try:
        destination = str(ip_network(match["prefix"], strict=False))
    except ValueError:
        destination = match["prefix"][:60]
    blackhole = "blackhole" in f"{match['refused']}{match['how']}"
    return Route(
        line=line,
        destination=destination,
        via=match["via"],
        device=match["device"] or match["direct"],
        protocol=_CODES.get(match["code"]),
        metric=int(match["metric"]) if match["metric"] else None,
        kind="unicast" if not match["refused"] else "blackhole" if blackhole else "unreachable",
    )

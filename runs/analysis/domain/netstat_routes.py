"""Routing tables as `route -n` and `netstat -rn` print them: Linux, macOS and BSD, IPv4 and IPv6."""

import re
from ipaddress import IPv4Network, ip_network

from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line
from runs.analysis.facts.network import Route, RoutingTable

MAX_ROUTES = 100_000
_ANY = "0.0.0.0"  # noqa: S104  # no socket is bound here
_DIRECT = (_ANY, "*", "::", "-")
_MAC = re.compile(r"(?:[0-9a-f]{1,2}[:.]){5}[0-9a-f]{1,2}")
LINUX_HEAD = re.compile(r"Destination\s+Gateway\s+Genmask\s+Flags")
LINUX6_HEAD = re.compile(r"Destination\s+Next Hop\s+Flag")
BSD_HEAD = re.compile(r"Destination\s+Gateway\s+Flags\s+.*(?:Netif|Interface|Iface)")
ROUTES_TITLE = re.compile(r"Kernel (?:IP|IPv6) routing table|Routing tables?\s*$|Internet6?:\s*$")
_ADDRESS = r"[0-9A-Fa-f.:%\w/-]+"
_LINUX = re.compile(
    r"(?P<destination>[\d.]+|default|[\w.-]+)\s+(?P<gateway>[\w.*-]+)\s+(?P<mask>[\d.]+)\s+(?P<flags>[A-Z!]+)\s+(?P<rest>.*?)\s*(?P<device>[\w.@:-]+)\s*$"
)
_LINUX6 = re.compile(
    r"(?P<destination>\[?[0-9A-Fa-f:.]+\]?/\d{1,3})\s+(?P<gateway>[0-9A-Fa-f:.]+|\[::\])\s+(?P<flags>[A-Z!]\S*)\s+(?P<metric>-?\d+)\s+.*?\s(?P<device>[\w.@:-]+)\s*$"
)
_BSD = re.compile(
    rf"(?P<destination>default|{_ADDRESS})\s+(?P<gateway>link#\d+|{_ADDRESS})\s+(?P<flags>[A-Za-z0-9]+)\s+(?:\d+\s+\d+\s+)?(?:\d+\s+)?(?P<device>[a-z][\w.]*)(?:\s+(?:!|\d+))?\s*$"
)


def read_routes(section: Section) -> list[RoutingTable]:
    """A table for each IP version in the section."""
    found: dict[int, list[Route]] = {4: [], 6: []}
    form: re.Pattern[str] | None = None
    with_metric = False
    for line in section.lines:
        text = line.text[:1000].strip()
        if LINUX_HEAD.match(text):
            form, with_metric = _LINUX, "Metric" in text
        elif LINUX6_HEAD.match(text):
            form = _LINUX6
        elif BSD_HEAD.match(text):
            form = _BSD
        elif form is not None and (match := form.match(text)) is not None:
            route = _route(match, line.number, with_metric)
            if route is not None and len(found[4]) + len(found[6]) < MAX_ROUTES:
                found[6 if ":" in route.destination else 4].append(route)
    return [
        RoutingTable(
            host=section.host,
            version=version,
            routes=tuple(routes),
            command=section.command,
            first_line=first_full_line(section),
            last_line=routes[-1].line,
            partial=bool(section.command and is_filtered(section.command)),
        )
        for version, routes in found.items()
        if routes
    ]


def _route(match: re.Match[str], line: int, with_metric: bool) -> Route | None:
    part = match.groupdict()
    gateway = part["gateway"].strip("[]")
    destination = _prefix(re.sub(r"[\[\]]", "", part["destination"]), part.get("mask"), ":" in gateway)
    if destination is None:
        return None
    direct = gateway.startswith("link#") or gateway in _DIRECT or _MAC.fullmatch(gateway) is not None
    metric = part.get("metric") or ((part.get("rest") or "").split(" ")[0] if with_metric else "")
    rejects = "!" in part["flags"] or ("R" in part["flags"] and part["device"].startswith("lo"))
    return Route(
        line=line,
        destination=destination,
        via=None if direct else gateway.partition("%")[0],
        device=part["device"],
        metric=int(metric[:9]) if metric.isdigit() else None,
        kind="unreachable" if rejects else "unicast",
    )


def _prefix(text: str, mask: str | None, six: bool) -> str | None:
    """A destination as a prefix; BSD leaves out zero octets and the mask of a host."""
    if text in ("default", _ANY) and mask in (None, _ANY):
        return "::/0" if six else "0.0.0.0/0"
    text = re.sub(r"%[\w.]+", "", text)
    try:
        if mask:
            return str(IPv4Network(f"{text}/{mask}", strict=False))
        address, _, length = text.partition("/")
        if ":" not in address:
            octets = address.split(".")
            length = length or str(8 * len(octets))
            address = ".".join([*octets, "0", "0", "0"][:4])
        return str(ip_network(f"{address}/{length}" if length else address, strict=False))
    except ValueError:
        return None

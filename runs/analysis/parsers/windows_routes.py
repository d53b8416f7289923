"""`route print` and `netstat -r` of Windows, in English and Japanese: both families, persistent routes apart.

    IPv4 Route Table
    Active Routes:
    Network Destination        Netmask          Gateway       Interface  Metric
              0.0.0.0          0.0.0.0      192.0.2.254        192.0.2.7     25
            192.0.2.0    255.255.255.0         On-link         192.0.2.7    281
    IPv6 Route Table
     If Metric Network Destination      Gateway
     12    281 fe80::/64                On-link

Yields a RoutingTable for each family. The device is the interface's address (IPv4) or number (IPv6), as printed. Persistent routes are
left out: those that hold stand among the active ones. Refuses the tables of other systems.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_network

from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Route, RoutingTable
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("windows_routes.title", en="a routing table (route print)", ja="経路表 (route print)")
MAX_ROUTES = 100_000
_FOUR = re.compile(
    r"\s+(?P<destination>[\d.]{7,15})\s+(?P<mask>[\d.]{7,15})\s+(?P<gateway>[\d.]{7,15}|On-link|リンク上)\s+(?P<device>[\d.]{7,15})\s+(?P<metric>\d{1,9})\s*$"
)
_SIX = re.compile(
    r"\s*(?P<device>\d{1,5})\s+(?P<metric>\d{1,9})\s+(?P<destination>[0-9A-Fa-f:.]{2,45}/\d{1,3})(?:\s+(?P<gateway>[0-9A-Fa-f:.]{2,45}|On-link|リンク上))?\s*$"
)
_GATEWAY = re.compile(r"\s{20,}(?P<gateway>[0-9A-Fa-f:.]{2,45}|On-link|リンク上)\s*$")
_PERSISTENT = re.compile(r"(?:Persistent Routes|固定ルート):")
_TABLE = re.compile(r"IPv[46] (?:Route Table|ルート テーブル)")
_SURE = re.compile(
    rf"{_TABLE.pattern}|Network Destination\s+Netmask\s+Gateway\s+Interface\s+Metric|\s*If Metric Network Destination\s+Gateway"
    r"|ネットワーク宛先\s+ネットマスク\s+ゲートウェイ"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the tables' titles or heads."""
    return recognise(head, TITLE, _SURE)


def parse(source: Source) -> Parsed:
    """The tables of each command."""
    return parse_sections(source, _tables, "tables")


def _tables(section: Section) -> Iterator[Fact]:
    found: dict[int, list[Route]] = {4: [], 6: []}
    is_active = True
    pending: re.Match[str] | None = None
    number = 0
    for line in section.lines:
        text = line.text[:500]
        if _TABLE.match(text):
            is_active = True
        elif _PERSISTENT.match(text):
            is_active = False
        elif not is_active or len(found[4]) + len(found[6]) >= MAX_ROUTES:
            continue
        elif pending is not None and (more := _GATEWAY.match(text)) is not None:
            _add(found, pending, number, more["gateway"])
            pending = None
        elif (match := _FOUR.match(text) or _SIX.match(text)) is not None:
            pending, number = (match, line.number) if match["gateway"] is None else (None, line.number)
            if pending is None:
                _add(found, match, number, match["gateway"])
    for version, routes in found.items():
        if routes:
            yield RoutingTable(
                host=section.host,
                version=version,
                routes=tuple(routes),
                command=section.command,
                first_line=section.command_line or min(first_full_line(section), routes[0].line),
                last_line=routes[-1].line,
                partial=bool(section.command and is_filtered(section.command)),
            )


def _add(found: dict[int, list[Route]], match: re.Match[str], line: int, gateway: str) -> None:
    part = match.groupdict()
    try:
        network = ip_network(f"{part['destination']}/{part['mask']}" if part.get("mask") else part["destination"], strict=False)
    except ValueError:
        return
    direct = gateway in ("On-link", "リンク上")
    route = Route(
        line=line, destination=str(network), via=None if direct else gateway, device=part["device"], metric=int(part["metric"])
    )
    found[network.version].append(route)

"""State of a host's network as its own tools show it: routes, addresses, neighbours, tunnels."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a routing table."""

    line: int
    destination: str  # prefix; '0.0.0.0/0' and '::/0' for 'default'
    via: str | None = None
    device: str | None = None
    source: str | None = None
    protocol: str | None = None  # 'kernel', 'ra', 'static', 'dhcp'
    metric: int | None = None
    kind: str = "unicast"  # 'unreachable', 'blackhole', 'prohibit', 'local' …


class RoutingTable(Fact, frozen=True, kw_only=True):
    """One listing of routes of one family."""

    evidence_name: ClassVar[Message] = message("evidence.routing_table", en="a routing table (ip route)", ja="経路表 (ip route)")

    version: int  # 4, 6
    routes: tuple[Route, ...]
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
    partial: bool = False  # filtered by its command: a missing route proves nothing


class InterfaceAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address of an interface."""

    line: int
    address: str
    prefix_length: int
    scope: str | None = None
    flags: tuple[str, ...] = ()  # 'tentative', 'dadfailed', 'deprecated', 'nodad', 'dynamic' …


class Interface(msgspec.Struct, frozen=True, kw_only=True):
    """An interface with what the listing says of it."""

    line: int
    name: str
    index: int | None = None
    link: str | None = None  # what it sits on: 'eth1' of 'mape@eth1'
    flags: tuple[str, ...] = ()
    state: str | None = None  # 'UP', 'DOWN', 'UNKNOWN', 'LOWERLAYERDOWN'
    mtu: int | None = None
    kind: str | None = None  # 'ether', 'loopback', 'tunnel6', 'ppp'
    mac: str | None = None
    local: str | None = None  # of a tunnel
    peer: str | None = None
    addresses: tuple[InterfaceAddress, ...] = ()


class Interfaces(Fact, frozen=True, kw_only=True):
    """One listing of interfaces and their addresses."""

    evidence_name: ClassVar[Message] = message(
        "evidence.interfaces", en="interfaces and addresses (ip addr)", ja="インタフェースとアドレス (ip addr)"
    )

    interfaces: tuple[Interface, ...]
    command: str | None = None
    first_line: int = 1
    last_line: int = 1


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """A neighbour: ARP or ND."""

    line: int
    address: str
    device: str | None = None
    mac: str | None = None
    state: str | None = None  # 'REACHABLE', 'STALE', 'INCOMPLETE', 'FAILED' …
    router: bool = False


class Neighbours(Fact, frozen=True, kw_only=True):
    """One listing of neighbours."""

    evidence_name: ClassVar[Message] = message(
        "evidence.neighbours", en="the neighbour table (ip neigh)", ja="近隣テーブル (ip neigh)"
    )

    neighbours: tuple[Neighbour, ...]
    command: str | None = None
    first_line: int = 1
    last_line: int = 1


class Tunnel(Fact, frozen=True, kw_only=True):
    """A tunnel interface as `ip tunnel show` prints it."""

    evidence_name: ClassVar[Message] = message(
        "evidence.tunnel", en="the tunnel's settings (ip tunnel show)", ja="トンネルの設定 (ip tunnel show)"
    )

    name: str
    mode: str  # 'ip/ipv6', 'ipv6/ipv6', 'gre/ip'
    remote: str | None
    local: str | None
    device: str | None = None
    encapsulation_limit: str | None = None  # 'none' or a number
    hop_limit: str | None = None
    line: int = 0

"""Conditions read from the columns: of frames whose columns tell what libpcap would read from their bytes (Frames.regular)."""

from collections.abc import Callable

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.by_bytes import (
    ARP,
    FAMILY_OF,
    IP,
    IP6,
    LARGEST_LENGTH,
    PROTOCOLS_WITH_PORTS,
    RARP,
    SNAP_ORGANISATIONS,
)
from runs.analysis.domain.filters.chunk import Chunk
from runs.analysis.domain.filters.frames import TAGS
from runs.analysis.domain.filters.vocabulary import IP_PROTOCOLS, LINK_PROTOCOLS

ETHERTYPES = {"ip": IP, "ip6": IP6, "arp": ARP, "rarp": RARP}


def by_columns(node: tree.Condition, chunk: Chunk) -> Array | None:
    """A mask over the chunk; None where only the bytes tell. Frames with fewer tags than the node's `vlans` are left to the bytes."""
    match node:
        case tree.Protocol(name, vlans):
            if name in LINK_PROTOCOLS:
                return _ethertype(chunk, LINK_PROTOCOLS[name], vlans)
            return _carries(chunk, IP_PROTOCOLS[name], FAMILY_OF.get(name), vlans)
        case tree.IpProtocol(number, family, vlans):
            return _carries(chunk, number, family, vlans)
        case tree.EtherProtocol(number, vlans):
            return _ethertype(chunk, number, vlans)
        case tree.Network():
            return _network(chunk, node)
        case tree.Port():
            return _port(chunk, node)
        case tree.Cast(layer="ip6"):
            return _network(chunk, tree.Network("ff00::/8", "dst", "ip6", node.vlans))
        case tree.Cast(layer="ip", kind="multicast"):
            return _network(chunk, tree.Network("224.0.0.0/3", "dst", "ip", node.vlans))
        case tree.Cast(layer="ip"):
            ends = [_network(chunk, tree.Network(f"{a}/32", "dst", "ip", node.vlans)) for a in ("0.0.0.0", "255.255.255.255")]  # noqa: S104
            return ends[0] | ends[1]
        case tree.Vlan() if not chunk.has("vlan_count"):
            return np.zeros(len(chunk), bool)
    return None


def directed(direction: tree.Direction, source: Callable[[], Array], destination: Callable[[], Array]) -> Array:
    """`src`, `dst`, either or both."""
    if direction == "src":
        return source()
    if direction == "dst":
        return destination()
    return source() | destination() if direction == "either" else source() & destination()


def _tagged(chunk: Chunk, vlans: int, mask: Array) -> Array:
    """The frames of the mask that have as many tags as `vlan` words stand before."""
    if not chunk.has("vlan_count"):
        return mask if vlans == 0 else np.zeros(len(chunk), bool)
    return np.asarray(mask & (chunk.column("vlan_count") == vlans))


def _ethertype(chunk: Chunk, number: int, vlans: int) -> Array | None:
    if number <= LARGEST_LENGTH or number in SNAP_ORGANISATIONS or number in TAGS:
        return None
    return _tagged(chunk, vlans, chunk.column("ethertype") == number)


def _carries(chunk: Chunk, number: int, family: str | None, vlans: int) -> Array:
    ethertype = chunk.column("ethertype")
    found = chunk.outer("protocol") == number
    if family is not None:
        found &= ethertype == ETHERTYPES[family]
    elif number == 0:  # the column's 'none' too
        found &= (ethertype == IP) | (ethertype == IP6)
    return _tagged(chunk, vlans, found)


def _network(chunk: Chunk, node: tree.Network) -> Array:
    def within(name: str) -> Callable[[], Array]:
        return lambda: chunk.networks.holds(node.network, chunk.outer(name))

    found = directed(node.direction, within("source"), within("destination"))
    if node.family in ETHERTYPES:
        found &= chunk.column("ethertype") == ETHERTYPES[node.family]
    return _tagged(chunk, node.vlans, found)


def _port(chunk: Chunk, node: tree.Port) -> Array:
    def between(name: str) -> Callable[[], Array]:
        def test() -> Array:
            port = chunk.column(name)
            return port == node.first if node.first == node.last else (port >= node.first) & (port <= node.last)

        return test

    found = directed(node.direction, between("source_port"), between("destination_port"))
    protocol, wanted = chunk.outer("protocol"), np.zeros(len(chunk), bool)
    for number in PROTOCOLS_WITH_PORTS[node.protocol]:
        wanted |= protocol == number
    found &= wanted
    if chunk.has("fragment"):
        found &= chunk.column("fragment") == 0
    return _tagged(chunk, node.vlans, found)

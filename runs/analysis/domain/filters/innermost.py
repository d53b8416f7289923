"""`inner ( … )`: the same words read on the innermost headers, through tunnels, VLAN tags, PPPoE and extension headers.

Here TCP's bytes are those of IPv4 and IPv6 alike, and a protocol is what stands behind all extension headers.
"""

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.by_bytes import ARP, FAMILY_OF, IP, IP6, PROTOCOLS_WITH_PORTS
from runs.analysis.domain.filters.by_columns import directed
from runs.analysis.domain.filters.chunk import Chunk, Rows
from runs.analysis.domain.filters.frames import TAGS
from runs.analysis.domain.filters.vocabulary import IP_PROTOCOLS, LINK_PROTOCOLS
from runs.analysis.packets.headers import ETHERNET_IN_GRE, VXLAN_HEADERS

VERSIONS = {"ip": 4, "ip6": 6}
MAX_STEPS = 48
IN_IPV4, IN_IPV6, IN_GRE, FRAGMENT_HEADER, AUTHENTICATION, IN_UDP = 4, 41, 47, 44, 51, 17
IN_ETHERNET, IN_TAG, NOT_IP = 301, 302, 300  # no IP protocols: what Ethernet in GRE or VXLAN needs
FOLLOWED = (IN_IPV4, IN_IPV6, IN_GRE, FRAGMENT_HEADER, AUTHENTICATION, 0, 43, 60, 135, IN_UDP, IN_ETHERNET, IN_TAG)
TYPE_AT = {IN_GRE: 2, IN_TAG: 2, IN_ETHERNET: 12}  # where these headers name what follows, by ethertype


def innermost(node: tree.Condition, chunk: Chunk) -> Array | None:
    """A mask over the chunk; None for words that speak of the link layer."""
    version, found = chunk.column("ip_version"), np.zeros(0, bool)
    match node:
        case tree.Protocol(name) if name in VERSIONS:
            found = version == VERSIONS[name]
        case tree.Protocol(name) if name in LINK_PROTOCOLS:
            found = (chunk.column("ethertype") == LINK_PROTOCOLS[name]) & (version == 0)
        case tree.Protocol(name):
            return _carries(chunk, IP_PROTOCOLS[name], FAMILY_OF.get(name))
        case tree.IpProtocol(number, family):
            return _carries(chunk, number, family)
        case tree.EtherProtocol(number) if number in (IP, IP6):
            found = version == (4 if number == IP else 6)
        case tree.EtherProtocol(number):
            found = chunk.column("ethertype") == number
        case tree.Network(network, direction, family):
            found = directed(
                direction,
                lambda: chunk.networks.holds(network, chunk.column("source")),
                lambda: chunk.networks.holds(network, chunk.column("destination")),
            )
            if family in ("arp", "rarp"):
                found = found & (chunk.column("ethertype") == LINK_PROTOCOLS[family])
            elif family:
                found = found & (version != 0)
        case tree.Port():
            return _port(chunk, node)
        case tree.Cast(layer="ip" | "ip6"):
            return _cast(chunk, node)
        case tree.Vlan(id, vlans):
            found = chunk.column("vlan_count") > vlans
            if id is not None:
                known = ("vlan", "inner_vlan")
                found = found & (chunk.column(known[vlans]) == id) if vlans < 2 else np.zeros(len(chunk), bool)
        case _:
            return None
    return found


def _carries(chunk: Chunk, number: int, family: str | None) -> Array:
    found = (chunk.column("protocol") == number) & (chunk.column("ip_version") != 0)
    return np.asarray(found & (chunk.column("ip_version") == VERSIONS[family])) if family else found


def _port(chunk: Chunk, node: tree.Port) -> Array:
    def between(name: str) -> Array:
        return (chunk.column(name) >= node.first) & (chunk.column(name) <= node.last)

    found = directed(node.direction, lambda: between("source_port"), lambda: between("destination_port"))
    found = found & np.isin(chunk.column("protocol"), PROTOCOLS_WITH_PORTS[node.protocol])
    return np.asarray(found & (chunk.column("transport_offset") != 0))


def _cast(chunk: Chunk, node: tree.Cast) -> Array:
    ipv4 = {"multicast": ["224.0.0.0/3"], "broadcast": ["0.0.0.0/32", "255.255.255.255/32"]}
    networks = ["ff00::/8"] if node.layer == "ip6" else ipv4[node.kind]
    found = np.zeros(len(chunk), bool)
    for network in networks:
        found |= chunk.networks.holds(network, chunk.column("destination"))
    return np.asarray(found & (chunk.column("ethertype") != ARP))


def network_at(chunk: Chunk, rows: Rows) -> tuple[Rows, Array]:
    """Where the innermost IP header of the frames begins, as far as the bytes go."""
    at = np.asarray(chunk.column("network_offset")[rows], np.int64)
    found = at.copy()
    next_header = np.where(chunk.column("ethertype")[rows] == IP, IN_IPV4, IN_IPV6)
    is_tunnel = chunk.column("outer_ip_version")[rows] != 0
    left = np.flatnonzero(is_tunnel)
    captured = np.asarray(chunk.column("captured_length")[rows], np.int64)
    transport = np.asarray(chunk.column("transport_offset")[rows], np.int64)
    for _ in range(MAX_STEPS):
        kind = next_header[left]
        places = {IN_IPV4: 9, IN_IPV6: 6, **TYPE_AT}
        next_at = at[left] + np.select([kind == number for number in places], list(places.values()), 0)
        goes_on = np.isin(kind, FOLLOWED) & (next_at + 2 <= captured[left])
        goes_on &= (kind != IN_UDP) | (at[left] < transport[left])  # the innermost UDP is no tunnel's
        left, kind, next_at = left[goes_on], kind[goes_on], next_at[goes_on]
        if not len(left):
            break
        is_header = (kind == IN_IPV4) | (kind == IN_IPV6)
        found[left[is_header]] = at[left[is_header]]
        at, next_header = _step(chunk, rows, left, kind, next_at, at, next_header)
    return rows, found


def _step(chunk: Chunk, rows: Rows, left: Array, kind: Array, next_at: Array, at: Array, next_header: Array) -> tuple[Array, Array]:
    """One header further in each of the frames."""
    frames, here = rows[left], at[left]
    first = chunk.load(frames, here, 1)[1].astype(np.int64)
    second = chunk.load(frames, here + 1, 1)[1].astype(np.int64)
    following = chunk.load(frames, next_at, 1)[1].astype(np.int64)
    named = following << 8 | chunk.load(frames, next_at + 1, 1)[1].astype(np.int64)
    gre_length = 4 + 4 * (first >> 7) + 4 * (first >> 5 & 1) + 4 * (first >> 4 & 1)
    length = np.select(
        [
            kind == IN_IPV4, kind == IN_IPV6, kind == IN_GRE, kind == FRAGMENT_HEADER, kind == AUTHENTICATION, kind == IN_UDP,
            kind == IN_ETHERNET, kind == IN_TAG,
        ],
        [4 * (first & 15), 40, gre_length, 8, 4 * (second + 2), VXLAN_HEADERS, 14, 4],
        8 * (second + 1),
    )  # fmt: skip
    inside = np.select(
        [named == IP, named == IP6, np.isin(named, TAGS), named == ETHERNET_IN_GRE], [IN_IPV4, IN_IPV6, IN_TAG, IN_ETHERNET], NOT_IP
    )
    at[left] = here + length
    next_header[left] = np.select([np.isin(kind, list(TYPE_AT)), kind == IN_UDP], [inside, IN_ETHERNET], following)
    return at, next_header

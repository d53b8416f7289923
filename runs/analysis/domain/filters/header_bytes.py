"""`tcp[13]`, `ip[2:2]`, `ether[0]` …: which frames have such a header, and the numbers in it."""

from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.by_bytes import FAMILY_OF, IP6, ByBytes
from runs.analysis.domain.filters.by_columns import by_columns
from runs.analysis.domain.filters.chunk import Rows
from runs.analysis.domain.filters.innermost import innermost, network_at
from runs.analysis.domain.filters.values import WORD, Numbers
from runs.analysis.domain.filters.vocabulary import IP_PROTOCOLS, LINK_PROTOCOLS
from runs.analysis.packets.schema import IS_LATER_FRAGMENT

_PORTS = {(0, 2): "source_port", (2, 2): "destination_port"}
_ICMP = {(0, 1): "icmp_type", (1, 1): "icmp_code"}
KNOWN = {
    "tcp": {**_PORTS, (4, 4): "sequence", (8, 4): "acknowledgment", (13, 1): "tcp_flags", (14, 2): "window"},
    "udp": _PORTS,
    "sctp": _PORTS,
    "icmp": _ICMP,
    "icmp6": _ICMP,
    "ip": {(9, 1): "protocol"},
}
"""Columns that hold header bytes, by (offset, size)."""


BEHIND_IPV4 = frozenset(IP_PROTOCOLS) - {"icmp6"}


def known_column(node: tree.Bytes) -> str | None:
    """The column that holds these bytes."""
    return KNOWN.get(node.protocol, {}).get((node.at.value, node.size)) if isinstance(node.at, tree.Number) else None


class HeaderBytes(NamedTuple):
    """How header bytes are read: of the outermost headers (by columns where these are regular), or of the innermost."""

    frames: ByBytes
    is_regular: bool
    is_inner: bool

    def guard(self, node: tree.Bytes, rows: Rows) -> Rows:
        """The frames that have the header, as libpcap asks before it compares: for `tcp[…]` IPv4 and no later fragment."""
        if node.protocol == "ether":
            return rows
        if self.is_inner and node.protocol in ("ip", "ip6", *IP_PROTOCOLS):
            return rows[self._inner_mask(node.protocol)[rows]]
        if self.is_regular and self._has_all_tags(node, rows):
            return rows[self._regular_mask(node)[rows]]
        if node.protocol in LINK_PROTOCOLS:
            return self.frames.linked(rows, LINK_PROTOCOLS[node.protocol], node.vlans)[0]
        number = IP_PROTOCOLS[node.protocol]
        if node.protocol == "icmp6":
            rows = self.frames.linked(rows, IP6, node.vlans)[0]
            return self.frames.at(rows, node.vlans, 6, 1, lambda protocol: protocol == number)[0]
        rows = self.frames.carries(rows, number, "ip", node.vlans)[0]
        return self.frames.first_fragments(rows, node.vlans)[0]

    def read(self, node: tree.Bytes, rows: Rows, at: Numbers) -> Array:
        """The numbers in frames that passed the guard; 0 in those that die."""
        chunk = self.frames.chunk
        known = known_column(node)
        if known and (self.is_inner or (self.is_regular and self._has_all_tags(node, rows))):
            tells = chunk.outer if known == "protocol" and not self.is_inner else chunk.column
            return np.asarray(tells(known)[rows], np.uint64)
        alive, begins = self._begins(node, rows)
        alive, numbers = chunk.load(alive, self._places(node, rows, alive, begins, at), node.size)
        found = np.zeros(len(rows), np.uint64)
        found[np.searchsorted(rows, alive)] = numbers
        return found

    def _places(self, node: tree.Bytes, rows: Rows, alive: Rows, begins: Array, at: Numbers) -> Array:
        """Where the bytes stand. A sum of what is fixed, and one of what is computed, wraps at 32 bits as in libpcap's program."""
        network = begins
        if node.protocol in BEHIND_IPV4 and not self.is_inner:
            network = self.frames.network_at(alive, node.vlans)
        if isinstance(at, int):
            return np.asarray((begins - network) + (network + at & WORD))
        index = np.asarray(at if len(alive) == len(rows) else at[np.isin(rows, alive)], np.int64)
        return np.asarray(network + (begins - network + index & WORD))

    def _begins(self, node: tree.Bytes, rows: Rows) -> tuple[Rows, Array]:
        """Where the header begins."""
        chunk = self.frames.chunk
        if node.protocol == "ether":
            return rows, np.zeros(len(rows), np.int64)
        if self.is_inner and node.protocol not in LINK_PROTOCOLS:
            begins = np.asarray(chunk.column("transport_offset")[rows], np.int64)
            if (begins > 0).all():
                return rows, begins
            return self._behind_inner_ipv4(rows)
        if self.is_inner and node.protocol in ("ip", "ip6"):
            return network_at(chunk, rows)
        if self.is_inner:
            return rows, np.asarray(chunk.column("network_offset")[rows], np.int64)
        if node.protocol in LINK_PROTOCOLS:
            return rows, self.frames.network_at(rows, node.vlans)
        if node.protocol == "icmp6":
            return rows, self.frames.network_at(rows, node.vlans) + 40
        return self.frames.behind_ipv4(rows, node.vlans)

    def _behind_inner_ipv4(self, rows: Rows) -> tuple[Rows, Array]:
        rows, network = network_at(self.frames.chunk, rows)
        alive, first = self.frames.chunk.load(rows, network, 1)
        return alive, network[np.isin(rows, alive)] + 4 * (first & np.uint64(15)).astype(np.int64)

    def _has_all_tags(self, node: tree.Bytes, rows: Rows) -> bool:
        """Whether no frame has fewer VLAN tags than `vlan` words stand before: the columns tell of none of these."""
        if node.vlans == 0 or not self.frames.frames.has_bytes:
            return True
        return bool((self.frames.chunk.column("vlan_count")[rows] >= node.vlans).all())

    def _regular_mask(self, node: tree.Bytes) -> Array:
        chunk = self.frames.chunk
        family = FAMILY_OF.get(node.protocol, "ip")
        condition: tree.Condition = tree.Protocol(node.protocol, node.vlans)
        if node.protocol in IP_PROTOCOLS:
            condition = tree.IpProtocol(IP_PROTOCOLS[node.protocol], family, node.vlans)
        mask = by_columns(condition, chunk)
        if mask is None:
            rows = np.arange(len(chunk))
            mask = np.zeros(len(chunk), bool)
            mask[self.frames.test(condition, rows)[0]] = True
        if node.protocol in IP_PROTOCOLS and chunk.has("fragment"):
            mask = mask & ((chunk.column("fragment") == 0) | (chunk.column("outer_ip_version") != 0))
        return mask

    def _inner_mask(self, protocol: str) -> Array:
        chunk = self.frames.chunk
        mask = innermost(tree.Protocol(protocol, 0), chunk)
        assert mask is not None
        if protocol in ("tcp", "udp", "sctp", "icmp", "icmp6"):
            return np.asarray(mask & (chunk.column("transport_offset") != 0))
        if protocol in IP_PROTOCOLS:
            return np.asarray(mask & (chunk.column("ip_version") == 4) & (chunk.column("flags") & IS_LATER_FRAGMENT == 0))
        return mask

"""Conditions read from the frames' bytes, step by step as libpcap's compiled program reads them (gencode.c's order of loads).

Each takes indexes of frames and gives (those it holds for, the others that are still alive). A frame whose captured bytes end where
a step looks is killed: libpcap's program ends there and says no, whatever stands around the condition.
"""

from collections.abc import Callable
from ipaddress import ip_network
from typing import assert_never

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.chunk import Chunk, Rows
from runs.analysis.domain.filters.frames import TAGS, Frames
from runs.analysis.domain.filters.links import LINKS, PPP_TYPES, Link, families
from runs.analysis.domain.filters.vocabulary import IP_PROTOCOLS, LINK_PROTOCOLS
from runs.analysis.packets.link import ETHERNET, LINUX_SLL, LINUX_SLL2, PPP, PPP_ETHER, PPP_HDLC
from runs.analysis.packets.schema import SCTP, TCP, UDP

Split = tuple[Rows, Rows]
Test = Callable[[Rows], Split]

IP, IP6, ARP, RARP, AARP, ATALK = 0x0800, 0x86DD, 0x0806, 0x8035, 0x80F3, 0x809B
LARGEST_LENGTH = 1_500  # an ethertype not above it is the length of an 802.3 frame
SNAP_ORGANISATIONS = {AARP: 0x000000, ATALK: 0x080007}
TWICE_SAPS = (0x06, 0xF0, 0xFE)  # IP, NetBIOS, OSI: both service access points are compared
FAMILY_OF = {"icmp": "ip", "igmp": "ip", "igrp": "ip", "vrrp": "ip", "carp": "ip", "icmp6": "ip6"}
PROTOCOLS_WITH_PORTS = {"tcp": (TCP,), "udp": (UDP,), "sctp": (SCTP,), None: (TCP, UDP, SCTP)}
NONE: Rows = np.empty(0, np.int64)


class ByBytes:
    """The conditions on one chunk, as the bytes tell them."""

    def __init__(self, frames: Frames, chunk: Chunk) -> None:
        self.frames, self.chunk = frames, chunk

    def test(self, node: tree.Condition, rows: Rows) -> Split:
        """The frames for which a condition holds, and the others."""
        match node:
            case tree.Protocol(name, vlans):
                if name in LINK_PROTOCOLS:
                    return self.linked(rows, LINK_PROTOCOLS[name], vlans)
                return self.carries(rows, IP_PROTOCOLS[name], FAMILY_OF.get(name), vlans)
            case tree.IpProtocol(number, family, vlans):
                return self.carries(rows, number, family, vlans)
            case tree.EtherProtocol(number, vlans):
                return self.linked(rows, number, vlans)
            case tree.Network():
                return self.network(rows, node)
            case tree.Port():
                return self.port(rows, node)
            case tree.EtherHost():
                return self.ether_host(rows, node.address, node.direction)
            case tree.Cast():
                return self.cast(rows, node)
            case tree.Vlan(id, vlans):
                return self.vlan(rows, id, vlans)
        assert_never(node)

    # ---- steps ------------------------------------------------------------------------------------------------------
    def load(self, rows: Rows, at: Array | int, size: int, holds: Callable[[Array], Array]) -> Split:
        """Compare the number at a place."""
        rows, found = self.chunk.load(rows, at, size)
        hit = holds(found)
        return rows[hit], rows[~hit]

    def by_link(self, rows: Rows, test: Callable[[Rows, int], Split]) -> Split:
        """Apply a test that depends on the link type to the frames of each."""
        if len(self.frames.linktypes) == 1:
            return test(rows, int(self.frames.linktypes[0]))
        linktype = self.frames.linktype(self.chunk)[rows]
        splits = [test(rows[linktype == number], number) for number in np.unique(linktype).tolist()]
        return joined(*(hits for hits, _ in splits)), joined(*(others for _, others in splits))

    def linked(self, rows: Rows, number: int, vlans: int) -> Split:
        """Whether the network layer is of a protocol, `vlans` tags further in."""
        return self.by_link(rows, lambda some, linktype: self._linked(some, linktype, number, vlans))

    def _linked(self, rows: Rows, linktype: int, number: int, vlans: int) -> Split:
        link = LINKS.get(linktype)
        if link is None:
            same = (self.chunk.column("ethertype")[rows] == number) & (self.chunk.column("vlan_count")[rows] == vlans)
            return rows[same], rows[~same]
        if link.kind == "only":
            return (rows, NONE) if link.only == number else (NONE, rows)
        if link.kind == "version":
            version = {IP: 4, IP6: 6}.get(number)
            return (NONE, rows) if version is None else self.load(rows, 0, 1, lambda byte: byte >> np.uint64(4) == version)
        if link.kind == "family":
            wanted = families(linktype, number, self.frames.is_big)
            return self.load(rows, 0, 4, lambda family: np.isin(family, wanted)) if wanted else (NONE, rows)
        if linktype in (PPP, PPP_HDLC, PPP_ETHER):
            return self.load(rows, link.type, 2, lambda kind: kind == PPP_TYPES.get(number, number))
        return self._ethertype(rows, link, number, vlans)

    def _ethertype(self, rows: Rows, link: Link, number: int, vlans: int) -> Split:
        """An ethertype; a number that is none is an LLC service access point of an 802.3 frame."""
        at = link.type if vlans == 0 else link.payload + 4 * vlans - 2
        after = link.payload + 4 * vlans
        if number > LARGEST_LENGTH and number not in SNAP_ORGANISATIONS:
            return self.load(rows, at, 2, lambda ethertype: ethertype == number)
        hits, others = NONE, rows
        if number in SNAP_ORGANISATIONS:
            hits, others = self.load(rows, at, 2, lambda ethertype: ethertype == number)
        is_802_3, above = self.load(others, at, 2, lambda ethertype: ethertype <= LARGEST_LENGTH)
        if number in TWICE_SAPS:
            found, rest = self.load(is_802_3, after, 2, lambda saps: saps == number << 8 | number)
        elif number in SNAP_ORGANISATIONS:
            organisation = SNAP_ORGANISATIONS[number]
            low = (organisation & 0xFFFF) << 16 | number
            found, rest = self.load(is_802_3, after + 4, 4, lambda word: word == low)
            found, more = self.load(found, after, 4, lambda word: word == (0xAAAA0300 | organisation >> 16))
            rest = joined(rest, more)
        else:
            found, rest = self.load(is_802_3, after, 1, lambda sap: sap == number)
        return joined(hits, found), joined(above, rest)

    def network_at(self, rows: Rows, vlans: int) -> Array:
        """Where the network header begins in each frame (i8)."""
        linktype = self.frames.linktype(self.chunk)[rows]
        found = np.asarray(self.chunk.column("network_offset")[rows], np.int64)
        for number in np.unique(linktype).tolist():
            link = LINKS.get(number)
            if link is not None:
                found[linktype == number] = link.payload + (4 * vlans if link.kind == "ethertype" else 0)
        return found

    def at(self, rows: Rows, vlans: int, offset: int, size: int, holds: Callable[[Array], Array]) -> Split:
        """Compare the number at an offset of the network header."""
        return self.load(rows, self.network_at(rows, vlans) + offset, size, holds)

    def directed(self, rows: Rows, direction: tree.Direction, source: Test, destination: Test) -> Split:
        """`src`, `dst`, either or both."""
        if direction == "src":
            return source(rows)
        if direction == "dst":
            return destination(rows)
        hits, others = source(rows)
        if direction == "either":
            more, rest = destination(others)
            return joined(hits, more), rest
        hits, rest = destination(hits)
        return hits, joined(others, rest)

    # ---- network layer ----------------------------------------------------------------------------------------------
    def carries(self, rows: Rows, number: int, family: str | None, vlans: int) -> Split:
        """An IP protocol; behind IPv6 one fragment header is looked through."""
        hits, others = NONE, rows
        if family != "ip6":
            linked, others = self.linked(rows, IP, vlans)
            hits, rest = self.at(linked, vlans, 9, 1, lambda protocol: protocol == number)
            others = joined(others, rest)
        if family != "ip":
            linked, others = self.linked(others, IP6, vlans)
            found, rest = self.at(linked, vlans, 6, 1, lambda protocol: protocol == number)
            fragments, no = self.at(rest, vlans, 6, 1, lambda protocol: protocol == 44)
            behind, rest = self.at(fragments, vlans, 40, 1, lambda protocol: protocol == number)
            hits, others = joined(hits, found, behind), joined(others, no, rest)
        return hits, others

    def network(self, rows: Rows, node: tree.Network) -> Split:
        """Addresses of IPv4, and with no protocol named those of ARP and RARP; or of IPv6."""
        wanted = ip_network(node.network)
        words = np.frombuffer(wanted.network_address.packed, ">u4").tolist()
        masks = np.frombuffer(wanted.netmask.packed, ">u4").tolist()
        places = {"ip": (IP, 12, 16), "arp": (ARP, 14, 24), "rarp": (RARP, 14, 24)}
        families_asked = (
            [(IP6, 8, 24)] if wanted.version == 6 else [at for name, at in places.items() if node.family in (None, name)]
        )
        hits, others = NONE, rows
        for ethertype, source, destination in families_asked:
            linked, others = self.linked(others, ethertype, node.vlans)

            def within(some: Rows, at: int) -> Split:
                rest = [NONE]
                for place, (word, mask) in enumerate(zip(words, masks, strict=True)):
                    if mask:
                        some, no = self.at(some, node.vlans, at + 4 * place, 4, lambda n, w=word, m=mask: n & np.uint64(m) == w)  # type: ignore[misc]
                        rest.append(no)
                return some, joined(*rest)

            found, rest = self.directed(
                linked,
                node.direction,
                lambda some, at=source: within(some, at),  # type: ignore[misc]
                lambda some, at=destination: within(some, at),  # type: ignore[misc]
            )
            hits, others = joined(hits, found), joined(others, rest)
        return hits, others

    # ---- transport layer --------------------------------------------------------------------------------------------
    def port(self, rows: Rows, node: tree.Port) -> Split:
        """Ports of IPv4 packets that are no later fragments, and right behind an IPv6 header."""
        numbers = PROTOCOLS_WITH_PORTS[node.protocol]

        def atoms(begin: Callable[[Rows], Array]) -> tuple[Test, Test]:
            def port_at(some: Rows, offset: int) -> Split:
                return self.load(some, begin(some) + offset, 2, lambda port: (port >= node.first) & (port <= node.last))

            return lambda some: port_at(some, 0), lambda some: port_at(some, 2)

        linked, others = self.linked(rows, IP6, node.vlans)
        with_ports, no = self.at(linked, node.vlans, 6, 1, lambda protocol: np.isin(protocol, numbers))
        hits, rest = self.directed(with_ports, node.direction, *atoms(lambda some: self.network_at(some, node.vlans) + 40))
        linked, others = self.linked(others, IP, node.vlans)
        others = joined(others, no, rest)
        with_ports, no = self.at(linked, node.vlans, 9, 1, lambda protocol: np.isin(protocol, numbers))
        first, later = self.first_fragments(with_ports, node.vlans)
        first, behind = self.behind_ipv4(first, node.vlans)
        begins = np.zeros(len(self.chunk), np.int64)
        begins[first] = behind
        found, rest = self.directed(first, node.direction, *atoms(lambda some: begins[some]))
        return joined(hits, found), joined(others, no, later, rest)

    def first_fragments(self, rows: Rows, vlans: int) -> Split:
        """IPv4 packets that are whole or first fragments."""
        return self.at(rows, vlans, 6, 2, lambda word: word & np.uint64(0x1FFF) == 0)

    def behind_ipv4(self, rows: Rows, vlans: int) -> tuple[Rows, Array]:
        """Where the IPv4 header ends, by its length field alone."""
        rows, first = self.chunk.load(rows, self.network_at(rows, vlans), 1)
        return rows, self.network_at(rows, vlans) + 4 * (first & np.uint64(15)).astype(np.int64)

    # ---- link layer -------------------------------------------------------------------------------------------------
    def ether_host(self, rows: Rows, address: bytes, direction: tree.Direction) -> Split:
        """Hardware addresses, of Ethernet alone."""
        high, low = int.from_bytes(address[:2], "big"), int.from_bytes(address[2:], "big")

        def same(some: Rows, at: int) -> Split:
            some, others = self.load(some, at + 2, 4, lambda word: word == low)
            some, more = self.load(some, at, 2, lambda half: half == high)
            return some, joined(others, more)

        def test(some: Rows, linktype: int) -> Split:
            if linktype != ETHERNET:
                return NONE, some
            return self.directed(some, direction, lambda rows: same(rows, 6), lambda rows: same(rows, 0))

        return self.by_link(rows, test)

    def cast(self, rows: Rows, node: tree.Cast) -> Split:
        """Broadcast and multicast of a layer. `ip broadcast` knows no netmask: all ones and all zeros."""
        if node.layer == "ip6":
            linked, others = self.linked(rows, IP6, node.vlans)
            hits, rest = self.at(linked, node.vlans, 24, 1, lambda byte: byte == 0xFF)
        elif node.layer == "ip":
            linked, others = self.linked(rows, IP, node.vlans)
            if node.kind == "multicast":
                hits, rest = self.at(linked, node.vlans, 16, 1, lambda byte: byte >= 224)
            else:
                hits, rest = self.at(linked, node.vlans, 16, 4, lambda word: (word == 0) | (word == 0xFFFFFFFF))
        else:
            return self.by_link(rows, lambda some, linktype: self._link_cast(some, linktype, node.kind))
        return hits, joined(others, rest)

    def _link_cast(self, rows: Rows, linktype: int, kind: str) -> Split:
        if linktype in (LINUX_SLL, LINUX_SLL2):  # the packet type that Linux noted: libpcap has no word for it
            at, size = (0, 2) if linktype == LINUX_SLL else (10, 1)
            return self.load(rows, at, size, lambda number: number == (1 if kind == "broadcast" else 2))
        if linktype != ETHERNET:
            return NONE, rows
        if kind == "broadcast":
            return self.ether_host(rows, b"\xff" * 6, "dst")
        return self.load(rows, 0, 1, lambda byte: byte & np.uint64(1) == 1)

    def vlan(self, rows: Rows, id: int | None, vlans: int) -> Split:
        """A VLAN tag behind `vlans` others, of this id."""

        def test(some: Rows, linktype: int) -> Split:
            link = LINKS.get(linktype)
            if link is None or link.kind != "ethertype":
                return NONE, some
            at = link.type if vlans == 0 else link.payload + 4 * vlans - 2
            tagged, others = self.load(some, at, 2, lambda ethertype: np.isin(ethertype, TAGS[:3]))
            if id is None:
                return tagged, others
            hits, rest = self.load(tagged, link.payload + 4 * vlans, 2, lambda tag: tag & np.uint64(0xFFF) == id)
            return hits, joined(others, rest)

        return self.by_link(rows, test)


def joined(*parts: Rows) -> Rows:
    """Several sets of frames as one, in file order."""
    some = [part for part in parts if len(part)]
    if len(some) < 2:
        return some[0] if some else NONE
    return np.sort(np.concatenate(some))

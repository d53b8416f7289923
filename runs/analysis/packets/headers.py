"""Header columns: one pass over the frames of a batch, from the link layer to the transport header; tunnels are opened."""

from typing import Any

from runs.analysis.packets.addresses import AddressBook, code_v4, code_v6
from runs.analysis.packets.jit import kernel
from runs.analysis.packets.link import link_of, raw_link, typed_link
from runs.analysis.packets.schema import (
    GRE,
    HAS_EXTENSION_HEADERS,
    ICMP,
    ICMPV6,
    IN_TUNNEL,
    IPIP,
    IPV6,
    IS_CUT,
    IS_FRAGMENT,
    IS_LATER_FRAGMENT,
    IS_MALFORMED,
    SCTP,
    TCP,
    UDP,
)  # fmt: skip
from runs.analysis.packets.store import Columns
from runs.analysis.packets.transport import transport_of
from runs.analysis.packets.words import Bytes, be16

MAX_EXTENSION_HEADERS = 32
MAX_TUNNELS = 4
ETHERNET_IN_GRE = 0x6558
VXLAN_PORT, VXLAN_OLD_PORT, VXLAN_HEADERS = 4789, 8472, 16  # UDP's header and its own

Network = tuple[int, int, int, int]
"""(IP protocol, index of what follows, its length on the wire, flags); protocol -1: nothing can follow."""


@kernel
def ipv4(data: Bytes, at: int, end: int, wire_end: int, row: int, columns: Columns, book: AddressBook) -> Network:
    """Read an IPv4 header (RFC 791) into the row's innermost columns."""
    if at + 20 > end:
        return -1, 0, 0, IS_CUT
    columns.ip_version[row] = 4
    columns.protocol[row] = data[at + 9]
    columns.ttl[row] = data[at + 8]
    columns.ip_id[row] = be16(data, at + 4)
    columns.source[row] = code_v4(book, data, at + 12)
    columns.destination[row] = code_v4(book, data, at + 16)
    header, total, fragment = (int(data[at]) & 15) * 4, be16(data, at + 2), be16(data, at + 6)
    columns.fragment[row] = (fragment & 0x1FFF) * 8
    if total == 0 or at + total > wire_end:  # 0: left to the network card (TSO)
        total = wire_end - at
    flags = 0
    if fragment & 0x3FFF:
        flags = IS_FRAGMENT | (IS_LATER_FRAGMENT if fragment & 0x1FFF else 0)
    if header < 20 or total < header or int(data[at]) >> 4 != 4:
        return -1, 0, 0, flags | IS_MALFORMED
    return int(data[at + 9]), at + header, total - header, flags


@kernel
def ipv6(data: Bytes, at: int, end: int, wire_end: int, row: int, columns: Columns, book: AddressBook) -> Network:
    """Read an IPv6 header and its extension headers (RFC 8200) into the row's innermost columns."""
    if at + 40 > end:
        return -1, 0, 0, IS_CUT
    columns.ip_version[row] = 6
    columns.ttl[row] = data[at + 7]
    columns.ip_id[row] = 0
    columns.fragment[row] = 0
    columns.source[row] = code_v6(book, data, at + 8)
    columns.destination[row] = code_v6(book, data, at + 24)
    protocol, length = int(data[at + 6]), be16(data, at + 4)
    columns.protocol[row] = protocol
    if int(data[at]) >> 4 != 6:
        return -1, 0, 0, IS_MALFORMED
    payload_end = at + 40 + length
    if length == 0 or payload_end > wire_end:  # 0: a jumbogram, or left to the network card
        payload_end = wire_end
    at += 40
    flags, steps = 0, 0
    while protocol == 0 or protocol == 43 or protocol == 44 or protocol == 51 or protocol == 60 or protocol == 135:
        flags |= HAS_EXTENSION_HEADERS
        steps += 1
        if at + 8 > end:
            return -1, 0, 0, flags | IS_CUT
        if steps > MAX_EXTENSION_HEADERS or at + 8 > payload_end:
            return -1, 0, 0, flags | IS_MALFORMED
        header = 8 if protocol == 44 else (int(data[at + 1]) + 2) * 4 if protocol == 51 else (int(data[at + 1]) + 1) * 8
        if protocol == 44:
            offset = be16(data, at + 2)
            columns.ip_id[row] = be16(data, at + 6)
            columns.fragment[row] = offset & 0xFFF8
            if offset & 0xFFF9:
                flags |= IS_FRAGMENT | (IS_LATER_FRAGMENT if offset & 0xFFF8 else 0)
        protocol = int(data[at])
        columns.protocol[row] = protocol
        at += header
        if flags & IS_LATER_FRAGMENT:
            break
    return protocol, at, max(0, payload_end - at), flags


@kernel
def gre(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """What a GRE header carries (RFC 2784, RFC 2890), also in an Ethernet frame: (ethertype, index of it); ethertype 0: not IP."""
    if at + 4 > end:
        return 0, at
    flags, ethertype = be16(data, at), be16(data, at + 2)
    if flags & 0x4007:  # routing, or a version that is not 0
        return 0, at
    length = 4 + (4 if flags & 0x8000 else 0) + (4 if flags & 0x2000 else 0) + (4 if flags & 0x1000 else 0)
    if ethertype == ETHERNET_IN_GRE:
        return ethernet(data, at + length, end)
    return (ethertype if ethertype == 0x0800 or ethertype == 0x86DD else 0), at + length


@kernel
def ethernet(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """What an Ethernet frame in a tunnel carries, behind its VLAN tags: (ethertype, index of it); ethertype 0: not IP."""
    if at + 14 > end:
        return 0, at
    inside = typed_link(data, be16(data, at + 12), at + 14, end)
    return (inside[0] if inside[0] == 0x0800 or inside[0] == 0x86DD else 0), inside[1]


@kernel
def vxlan(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """What a VXLAN datagram carries (RFC 7348; `at`: its UDP header): (ethertype, index of it); ethertype 0: not IP, or no VXLAN.

    On Linux' older port, which others use too, the reserved bits must be 0.
    """
    if at + 16 > end or not int(data[at + 8]) & 0x08:
        return 0, at
    port = be16(data, at + 2)
    is_strict = data[at + 8] == 8 and data[at + 9] == 0 and be16(data, at + 10) == 0 and data[at + 15] == 0
    if port == VXLAN_PORT or (port == VXLAN_OLD_PORT and is_strict):
        return ethernet(data, at + VXLAN_HEADERS, end)
    return 0, at


@kernel
def carried(data: Bytes, protocol: int, at: int, end: int) -> tuple[int, int]:
    """The IP header that an IP payload carries: (ethertype, index of it); ethertype 0: none."""
    if protocol == UDP:
        return vxlan(data, at, end)
    if protocol in (IPIP, IPV6):
        inside = raw_link(data, at, end)
        return (inside[0] if inside[0] == (0x0800 if protocol == IPIP else 0x86DD) else 0), at
    return gre(data, at, end) if protocol == GRE else (0, at)


@kernel
def arp(data: Bytes, at: int, end: int, row: int, columns: Columns, book: AddressBook) -> None:
    """Read the protocol addresses of an ARP packet for IPv4 (RFC 826); its operation stands where an ICMP type would."""
    if at + 28 <= end and be16(data, at + 2) == 0x0800 and data[at + 4] == 6 and data[at + 5] == 4:
        columns.source[row] = code_v4(book, data, at + 14)
        columns.destination[row] = code_v4(book, data, at + 24)
        columns.icmp_code[row] = data[at + 7]


@kernel
def keep_outermost(row: int, columns: Columns) -> None:
    """What was read so far is a tunnel's own header."""
    columns.outer_ip_version[row] = columns.ip_version[row]
    columns.outer_protocol[row] = columns.protocol[row]
    columns.outer_source[row] = columns.source[row]
    columns.outer_destination[row] = columns.destination[row]


@kernel
def decode(data: Bytes, base: int, columns: Columns, start: int, stop: int, linktypes: Any, book: AddressBook) -> int:
    """Fill the header columns of rows start … stop-1 from a window that holds their bytes; returns how many are malformed.

    `linktypes` (i8) is by interface. The book has room for four addresses a row.
    """
    malformed = 0
    for row in range(start, stop):
        at = int(columns.offset[row]) - base
        captured, original = int(columns.captured_length[row]), int(columns.original_length[row])
        end, wire_end = at + captured, at + max(captured, original)
        ethertype, network, tags, vlan, inner_vlan = link_of(data, at, end, int(linktypes[columns.interface[row]]))
        columns.ethertype[row] = ethertype
        columns.network_offset[row] = min(network - at, 0xFFFF)
        if tags:
            columns.vlan_count[row] = tags
            columns.vlan[row] = vlan
            columns.inner_vlan[row] = inner_vlan
        if ethertype == 0x0806:
            arp(data, network, end, row, columns, book)
        flags, tunnels = 0, 0
        protocol, follows, length = -1, 0, 0
        while ethertype == 0x0800 or ethertype == 0x86DD:
            if ethertype == 0x0800:
                protocol, follows, length, seen = ipv4(data, network, end, wire_end, row, columns, book)
            else:
                protocol, follows, length, seen = ipv6(data, network, end, wire_end, row, columns, book)
            flags |= seen
            if protocol < 0 or seen & IS_LATER_FRAGMENT or tunnels >= MAX_TUNNELS:
                break
            ethertype, network = carried(data, protocol, follows, end)
            if ethertype:
                if tunnels == 0:
                    keep_outermost(row, columns)
                flags |= IN_TUNNEL
                tunnels += 1
                wire_end = min(wire_end, follows + length)
        if protocol in (TCP, UDP, ICMP, ICMPV6, SCTP) and not flags & IS_LATER_FRAGMENT:
            flags |= transport_of(data, protocol, at, follows, length, end, row, columns)
        columns.flags[row] = flags
        if flags & IS_MALFORMED:
            malformed += 1
    return malformed

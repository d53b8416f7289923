"""Link layers: where a frame's network header begins and what it is, for the LINKTYPE_ numbers of tcpdump.org."""

from runs.analysis.packets.jit import kernel
from runs.analysis.packets.words import Bytes, be16, be32, le16, le32

NULL, ETHERNET, PPP, RAW_BSD, RAW_OPENBSD, PPP_HDLC, PPP_ETHER, RAW = 0, 1, 9, 12, 14, 50, 51, 101
IEEE802_11, LOOP, LINUX_SLL, RADIOTAP, IPV4_ONLY, IPV6_ONLY, PKTAP, LINUX_SLL2 = 105, 108, 113, 127, 228, 229, 258, 276
USER2_PKTAP = 149  # what macOS wrote before PKTAP had a number of its own

LINKTYPE_NAMES = {
    NULL: "BSD loopback", ETHERNET: "Ethernet", PPP: "PPP", RAW_BSD: "Raw IP", RAW_OPENBSD: "Raw IP", PPP_HDLC: "PPP",
    PPP_ETHER: "PPPoE", RAW: "Raw IP", IEEE802_11: "802.11", LOOP: "OpenBSD loopback", LINUX_SLL: "Linux cooked v1",
    RADIOTAP: "802.11 with radiotap", IPV4_ONLY: "Raw IPv4", IPV6_ONLY: "Raw IPv6", PKTAP: "PKTAP", USER2_PKTAP: "PKTAP",
    LINUX_SLL2: "Linux cooked v2",
}  # fmt: skip

MAX_TAGS = 8

Link = tuple[int, int, int, int, int]
"""(ethertype, index of the network header, VLAN tags, outermost VLAN id, second VLAN id); ethertype 0: not known."""


@kernel
def no_link(at: int) -> Link:
    """A frame whose network header was not found."""
    return 0, at, 0, 0, 0


@kernel
def raw_link(data: Bytes, at: int, end: int) -> Link:
    """A frame that begins with IP: the version says which."""
    if at >= end:
        return no_link(at)
    version = int(data[at]) >> 4
    return (0x0800 if version == 4 else 0x86DD if version == 6 else 0), at, 0, 0, 0


@kernel
def family_link(data: Bytes, at: int, end: int) -> Link:
    """NULL and LOOP: an address family of four bytes, in the byte order of whoever captured."""
    if at + 4 > end:
        return no_link(at)
    family = le32(data, at)
    if family > 0xFFFF:
        family = be32(data, at)
    if family == 2:
        return 0x0800, at + 4, 0, 0, 0
    if family == 10 or family == 23 or family == 24 or family == 28 or family == 30:
        return 0x86DD, at + 4, 0, 0, 0
    return no_link(at + 4)


@kernel
def ppp_link(data: Bytes, at: int, end: int) -> Link:
    """PPP, with or without address and control bytes and with a protocol of one or two bytes (RFC 1661, RFC 1662)."""
    if at + 2 <= end and data[at] == 0xFF and data[at + 1] == 0x03:
        at += 2
    if at + 2 > end:
        return no_link(at)
    if int(data[at]) & 1:
        protocol, at = int(data[at]), at + 1
    else:
        protocol, at = be16(data, at), at + 2
    return (0x0800 if protocol == 0x21 else 0x86DD if protocol == 0x57 else 0), at, 0, 0, 0


@kernel
def typed_link(data: Bytes, ethertype: int, at: int, end: int) -> Link:
    """What follows an ethertype: VLAN tags, then a network header; PPPoE, LLC/SNAP and MPLS are opened."""
    tags, vlan, inner_vlan = 0, 0, 0
    while (ethertype == 0x8100 or ethertype == 0x88A8 or ethertype == 0x9100 or ethertype == 0x9200) and tags < MAX_TAGS:
        if at + 4 > end:
            return 0, at, tags, vlan, inner_vlan
        if tags == 0:
            vlan = be16(data, at) & 0xFFF
        elif tags == 1:
            inner_vlan = be16(data, at) & 0xFFF
        tags += 1
        ethertype, at = be16(data, at + 2), at + 4
    if ethertype < 0x600 and at + 8 <= end and data[at] == 0xAA and data[at + 1] == 0xAA:
        ethertype, at = be16(data, at + 6), at + 8
    if ethertype == 0x8864 and at + 6 <= end:
        inside = ppp_link(data, at + 6, end)
        ethertype, at = inside[0], inside[1]
    if ethertype == 0x8847 or ethertype == 0x8848:
        labels = 0
        while labels < MAX_TAGS and at + 4 <= end and not int(data[at + 2]) & 1:
            at, labels = at + 4, labels + 1
        inside = raw_link(data, at + 4, end)
        ethertype, at = inside[0], inside[1]
    return ethertype, at, tags, vlan, inner_vlan


@kernel
def wlan_link(data: Bytes, at: int, end: int) -> Link:
    """802.11 data frames that are not encrypted: LLC/SNAP behind a header of 24 to 36 bytes."""
    if at + 24 > end:
        return no_link(at)
    control, flags = int(data[at]), int(data[at + 1])
    if control & 0x0C != 0x08 or control & 0x40 or flags & 0x40:
        return no_link(at)
    header = 24 + (6 if flags & 3 == 3 else 0)
    if control & 0x80:
        header += 2 + (4 if flags & 0x80 else 0)
    at += header
    if at + 8 > end or data[at] != 0xAA:
        return no_link(at)
    return typed_link(data, be16(data, at + 6), at + 8, end)


@kernel
def plain_link(data: Bytes, at: int, end: int, linktype: int) -> Link:
    """The network header of a frame of any link type but PKTAP."""
    if linktype == ETHERNET:
        return typed_link(data, be16(data, at + 12), at + 14, end) if at + 14 <= end else no_link(at)
    if linktype in (NULL, LOOP):
        return family_link(data, at, end)
    if linktype in (RAW, RAW_BSD, RAW_OPENBSD, IPV4_ONLY, IPV6_ONLY):
        return raw_link(data, at, end)
    if linktype == LINUX_SLL:
        return typed_link(data, be16(data, at + 14), at + 16, end) if at + 16 <= end else no_link(at)
    if linktype == LINUX_SLL2:
        return typed_link(data, be16(data, at), at + 20, end) if at + 20 <= end else no_link(at)
    if linktype in (PPP, PPP_HDLC):
        return ppp_link(data, at, end)
    if linktype == PPP_ETHER:
        return ppp_link(data, at + 6, end)
    if linktype == IEEE802_11:
        return wlan_link(data, at, end)
    if linktype == RADIOTAP and at + 4 <= end:
        return wlan_link(data, at + le16(data, at + 2), end)
    return no_link(at)


@kernel
def link_of(data: Bytes, at: int, end: int, linktype: int) -> Link:
    """The network header of the frame in data[at:end]."""
    if linktype in (PKTAP, USER2_PKTAP):
        if at + 12 > end:
            return no_link(at)
        length, inner = le32(data, at), le32(data, at + 8)
        if length < 12 or at + length > end:
            return no_link(at)
        return plain_link(data, at + length, end, inner)
    return plain_link(data, at, end, linktype)

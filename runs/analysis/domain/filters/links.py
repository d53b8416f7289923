"""Link layers as libpcap's compiler sees them: where the type of the network header stands, and where that header begins."""

from typing import NamedTuple

from runs.analysis.packets.link import (
    ETHERNET,
    IPV4_ONLY,
    IPV6_ONLY,
    LINUX_SLL,
    LINUX_SLL2,
    LOOP,
    NULL,
    PPP,
    PPP_ETHER,
    PPP_HDLC,
    RAW,
    RAW_BSD,
    RAW_OPENBSD,
)


class Link(NamedTuple):
    """Offsets in the frame; kind says how the type is written."""

    kind: str  # 'ethertype', 'family', 'ppp', 'version', 'only'
    type: int
    payload: int
    only: int = 0  # the one ethertype of 'only'


LINKS = {
    ETHERNET: Link("ethertype", 12, 14),
    LINUX_SLL: Link("ethertype", 14, 16),
    LINUX_SLL2: Link("ethertype", 0, 20),
    NULL: Link("family", 0, 4),
    LOOP: Link("family", 0, 4),
    PPP: Link("ppp", 2, 4),
    PPP_HDLC: Link("ppp", 2, 4),
    PPP_ETHER: Link("ppp", 6, 8),
    RAW: Link("version", 0, 0),
    RAW_BSD: Link("version", 0, 0),
    RAW_OPENBSD: Link("version", 0, 0),
    IPV4_ONLY: Link("only", 0, 0, 0x0800),
    IPV6_ONLY: Link("only", 0, 0, 0x86DD),
}
"""Of any other link type the columns say where the network header is and what."""

PPP_TYPES = {0x0800: 0x21, 0x86DD: 0x57, 0x6003: 0x27, 0x809B: 0x29, 0x0600: 0x25, 0xFE: 0x23, 0x42: 0x31, 0xE0: 0x2B}
"""PPP's numbers for what libpcap names by ethertype or LLC SAP."""

_FAMILIES = {0x0800: (2,), 0x86DD: (24, 28, 30)}


def families(linktype: int, ethertype: int, is_big: bool) -> list[int]:
    """The first four bytes (as a big-endian number) of NULL and LOOP frames of a protocol, as libpcap takes them from a file.

    NULL has the file's byte order, LOOP the network's; IPv6 has the numbers of NetBSD and OpenBSD, FreeBSD and macOS.
    """
    numbers = _FAMILIES.get(ethertype, ())
    if linktype == NULL and not is_big:
        return [int.from_bytes(number.to_bytes(4, "little"), "big") for number in numbers]
    return list(numbers)

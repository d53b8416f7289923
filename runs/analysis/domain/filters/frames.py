"""What a filter is applied to: a capture's tables, its link types, and the bytes where they are at hand."""

from collections.abc import Sequence

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.domain.filters.chunk import Chunk
from runs.analysis.domain.filters.links import LINKS, families
from runs.analysis.domain.filters.octets import Origin
from runs.analysis.packets.link import LOOP, NULL
from runs.analysis.packets.schema import (
    HAS_EXTENSION_HEADERS,
    ICMP,
    ICMPV6,
    IS_CUT,
    IS_MALFORMED,
    SCTP,
    TCP,
    UDP,
)

TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)
ARP, RARP = 0x0806, 0x8035


class Frames:
    """A capture (or a text of one), ready to be filtered again and again: what was found out about its frames is kept.

    `linktypes` is by interface, empty for a text; `origin` is the capture, or None where its bytes are not at hand;
    `byte_order` is that of the file ('little', 'big').
    """

    def __init__(
        self,
        packets: Table,
        addresses: Table,
        linktypes: Sequence[int] = (),
        origin: Origin | None = None,
        byte_order: str | None = "little",
    ) -> None:
        self.packets, self.addresses, self.origin = packets, addresses, origin
        self.linktypes = np.array(linktypes, np.int64)
        self.is_big = byte_order == "big"
        self._regular: dict[tuple[int, int], Array | None] = {}

    def __len__(self) -> int:
        return len(self.packets)

    @property
    def has_bytes(self) -> bool:
        """Whether conditions on header bytes can be answered."""
        return self.origin is not None and len(self.linktypes) > 0

    def linktype(self, chunk: Chunk) -> Array:
        """The link type of each frame."""
        if len(self.linktypes) == 1:
            return np.broadcast_to(self.linktypes, len(chunk))
        return self.linktypes[np.minimum(chunk.column("interface"), len(self.linktypes) - 1)]

    def regular(self, chunk: Chunk) -> Array | None:
        """The frames whose columns tell what libpcap would read from their bytes; None: all of them."""
        key = chunk.start, chunk.stop
        if key not in self._regular:
            found = _regular(self, chunk) if self.has_bytes else None
            self._regular[key] = None if found is None or found.all() else found
        return self._regular[key]


def _regular(frames: Frames, chunk: Chunk) -> Array:
    """Not regular: cut or malformed headers, IPv6 extension headers, what lies in PPPoE, MPLS or SNAP, odd ARP, no network header."""
    ethertype, flags = chunk.column("ethertype"), chunk.column("flags")
    found: Array = (ethertype != 0) & (ethertype != RARP) & _begins_where_expected(frames, chunk)
    if chunk.has("vlan_count"):
        found &= ~np.isin(ethertype, TAGS)
    has_transport = chunk.column("transport_offset") != 0
    if chunk.has("flags"):
        found &= (flags & (IS_MALFORMED | HAS_EXTENSION_HEADERS)) == 0
        found &= ((flags & IS_CUT) == 0) | has_transport
    if chunk.has("outer_protocol"):  # VXLAN: the columns hold the inner ports
        found &= chunk.column("outer_protocol") != UDP
    if not has_transport.all():
        needs = np.isin(chunk.column("protocol"), (TCP, UDP, SCTP, ICMP, ICMPV6)) & (chunk.column("fragment") == 0)
        found &= has_transport | ~needs
        found &= (ethertype != ARP) | (chunk.column("source") != 0)
    return found


def _begins_where_expected(frames: Frames, chunk: Chunk) -> Array:
    """Whether the network header stands right behind the link header and its VLAN tags."""
    linktype, ethertype = frames.linktype(chunk), chunk.column("ethertype")
    expected = np.asarray(chunk.column("network_offset"), np.int32) - 4 * np.asarray(chunk.column("vlan_count"), np.int32)
    found = np.zeros(len(chunk), bool)
    for number in np.unique(frames.linktypes).tolist():
        of_type = linktype == number
        link = LINKS.get(number)
        if link is None:
            found |= of_type
            continue
        fits = of_type & (expected == link.payload)
        if link.only:
            fits &= ethertype == link.only
        if number in (NULL, LOOP):
            rows, family = chunk.load(np.flatnonzero(fits), 0, 4)
            known = np.zeros(len(rows), bool)
            for protocol in (0x0800, 0x86DD):
                known |= (ethertype[rows] == protocol) & np.isin(family, families(number, protocol, frames.is_big))
            fits[:] = False
            fits[rows[known]] = True
        found |= fits
    return found

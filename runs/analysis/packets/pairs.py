"""Pairs of endpoints: which frames belong together by addresses, ports and protocol, before TCP tells connections apart."""

import secrets
from typing import Any, NamedTuple

import numpy as np

from runs.analysis.packets.addresses import mix, place_all
from runs.analysis.packets.jit import kernel
from runs.analysis.packets.schema import ICMP, ICMPV6, IS_FRAGMENT, SCTP, TCP, UDP, VXLAN
from runs.analysis.packets.store import Columns

#: One pair. 'low' and 'high' are the two ends in the order of (code, port), whoever spoke first.
#: Entries for fragmented datagrams have FRAGMENT added to the protocol and the IP id as ports; 'first_fragment' is then
#: 2 × (the pair of the first fragment + 1), plus 1 where the two entries turn the ends differently.
PAIR_DTYPE = np.dtype([
    ("low", "u4"), ("high", "u4"), ("low_port", "u2"), ("high_port", "u2"), ("protocol", "u2"), ("version", "u2"),
    ("first_fragment", "i4"),
])  # fmt: skip
FRAGMENT = 256


class PairBook(NamedTuple):
    """The pairs known so far, as kernels see them: open addressing, linear probing."""

    slots: Any  # i4: pair + 1, 0 free; a power of two
    pairs: Any  # PAIR_DTYPE
    count: Any  # i8 [pairs in use]
    most: int  # no more pairs than that; frames of further ones get -1
    seed: int


@kernel
def pair_of(
    book: PairBook, version: int, protocol: int, source: int, source_port: int, destination: int, port: int
) -> tuple[int, int]:
    """(pair, direction): direction 0 where the source is the pair's low end. Pair -1: the book is full."""
    direction = 0
    if source > destination or (source == destination and source_port > port):
        source, source_port, destination, port, direction = destination, port, source, source_port, 1
    mask = len(book.slots) - 1
    slot = mix(mix(mix(book.seed ^ protocol, source), destination), source_port << 16 | port) & mask
    while True:
        pair = int(book.slots[slot]) - 1
        if pair < 0:
            break
        known = book.pairs[pair]
        if (
            known.low == source and known.high == destination and known.low_port == source_port and known.high_port == port
            and known.protocol == protocol
        ):  # fmt: skip
            return pair, direction
        slot = (slot + 1) & mask
    pair = int(book.count[0])
    if pair >= book.most:
        return -1, direction
    book.count[0] = pair + 1
    book.slots[slot] = pair + 1
    new = book.pairs[pair]
    new.low = source
    new.high = destination
    new.low_port = source_port
    new.high_port = port
    new.protocol = protocol
    new.version = version
    return pair, direction


@kernel
def has_ports(protocol: int) -> bool:
    """Protocols whose header tells conversations between the same addresses apart."""
    return protocol in (TCP, UDP, ICMP, ICMPV6, SCTP)


@kernel
def innermost_pair(columns: Columns, row: int, book: PairBook) -> tuple[int, int]:
    """(pair, direction) of the row's innermost headers; a later fragment belongs where its datagram's first one does."""
    version, protocol, flags = int(columns.ip_version[row]), int(columns.protocol[row]), int(columns.flags[row])
    source, destination, ip_id = int(columns.source[row]), int(columns.destination[row]), int(columns.ip_id[row])
    if version == 0:
        return -1, 0
    pair, direction = -1, 0
    if columns.transport_offset[row] != 0 or not has_ports(protocol):
        pair, direction = pair_of(
            book, version, protocol, source, int(columns.source_port[row]), destination, int(columns.destination_port[row])
        )
    if flags & IS_FRAGMENT and has_ports(protocol):
        datagram, turned = pair_of(book, version, protocol | FRAGMENT, source, ip_id, destination, ip_id)
        if datagram >= 0:
            if pair >= 0:
                book.pairs[datagram].first_fragment = (pair + 1) * 2 + (direction ^ turned)
            elif int(book.pairs[datagram].first_fragment) > 0:
                first = int(book.pairs[datagram].first_fragment)
                pair, direction = first // 2 - 1, (first & 1) ^ turned
    return pair, direction


@kernel
def pair_frames(columns: Columns, start: int, stop: int, book: PairBook) -> None:
    """Give rows start … stop-1 their pair (in `conversation` and `outer_conversation`) and direction; -1: no IP."""
    for row in range(start, stop):
        pair, direction = innermost_pair(columns, row, book)
        columns.conversation[row] = pair
        columns.direction[row] = direction
        pair = -1
        version = int(columns.outer_ip_version[row])
        if version:
            protocol = int(columns.outer_protocol[row])
            pair, direction = pair_of(
                book, version, VXLAN if protocol == UDP else protocol, int(columns.outer_source[row]), 0,
                int(columns.outer_destination[row]), 0,
            )  # fmt: skip
        columns.outer_conversation[row] = pair


class Pairs:
    """Owns the pairs and keeps the book large enough."""

    def __init__(self, most: int, records: Any) -> None:
        self._records = records  # makes a structured array readable by the kernels in use
        self.book = PairBook(
            np.zeros(256, np.int32), records(np.zeros(128, PAIR_DTYPE)), np.zeros(1, np.int64), most, secrets.randbits(31)
        )

    def __len__(self) -> int:
        return int(self.book.count[0])

    def make_room(self, more: int) -> None:
        """Grow so that `more` pairs can come."""
        book, needed = self.book, min(len(self) + more, self.book.most)
        if needed <= len(book.pairs):
            return
        size = 1 << needed.bit_length()
        pairs = np.zeros(size, PAIR_DTYPE)
        used = pairs[: len(self)]
        used[:] = book.pairs[: len(self)]
        hashed = np.full(len(self), book.seed, np.int64) ^ used["protocol"].astype(np.int64)
        ports = used["low_port"].astype(np.int64) << 16 | used["high_port"]
        for word in (used["low"], used["high"], ports):
            hashed = ((hashed ^ word.astype(np.int64)) * 0x45D9F3B) & 0x7FFFFFFFFFFFFF
            hashed = (hashed ^ (hashed >> 17) ^ (hashed >> 29)) & 0xFFFFFFFF
        slots = np.zeros(2 * size, np.int32)
        place_all(slots, np.concatenate(([0], hashed & (2 * size - 1))))
        self.book = PairBook(slots, self._records(pairs), book.count, book.most, book.seed)

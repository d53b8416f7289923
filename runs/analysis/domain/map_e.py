"""MAP-E arithmetic: what a CE address holds in both layouts, and which ports a PSID allows.

Sources: RFC 7597 sections 5.1 (ports), 6 (interface identifier) and appendix A; draft-ietf-softwire-map-03 section 6, whose
interface identifier some Japanese lines still use.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from runs.analysis.facts.map_e import Layout

PORT_BITS = 16
MAX_PSID_BITS = 16


@dataclass(frozen=True)
class CeAddress:
    """What the interface identifier of a CE address holds."""

    layout: Layout
    ipv4: str
    psid: int


@dataclass(frozen=True)
class PortSet:
    """The ports of one PSID: `offset` bits in front of it, `length` bits of its own, the rest of 16 bits behind."""

    psid: int
    length: int
    offset: int

    def __post_init__(self) -> None:
        if self.offset < 0 or self.length < 0 or self.offset + self.length > PORT_BITS or not 0 <= self.psid < 1 << self.length:
            raise ValueError(f"no port set: PSID {self.psid}, length {self.length}, offset {self.offset}")

    @property
    def block_size(self) -> int:
        """Ports in a block."""
        return int(1 << (PORT_BITS - self.offset - self.length))

    @property
    def block_count(self) -> int:
        """Blocks; with an offset the lowest one, which would hold the well-known ports, is left out."""
        return (1 << self.offset) - 1 if self.offset else 1

    @property
    def count(self) -> int:
        """All ports."""
        return self.block_count * self.block_size

    def blocks(self) -> Iterator[tuple[int, int]]:
        """First and last port of each block, ascending."""
        for high in range(1 if self.offset else 0, 1 << self.offset):
            first = high << (PORT_BITS - self.offset) | self.psid << (PORT_BITS - self.offset - self.length)
            yield first, first + self.block_size - 1

    def __contains__(self, port: object) -> bool:
        if not isinstance(port, int) or not 0 <= port <= 65535:
            return False
        if self.offset and port >> (PORT_BITS - self.offset) == 0:
            return False
        return port >> (PORT_BITS - self.offset - self.length) & ((1 << self.length) - 1) == self.psid

    def block_of(self, port: int) -> tuple[int, int] | None:
        """The block that a port lies in; None for a port outside the set."""
        first = port & ~(self.block_size - 1)
        return (first, first + self.block_size - 1) if port in self else None


def decode_ce(address: str) -> tuple[CeAddress, ...]:
    """What a CE address can hold, one entry for each layout whose fixed zero bits and IPv4 address are possible.

    RFC 7597: 16 zero bits, IPv4 address, 16 bits of PSID. Draft 03: 8 zero bits, IPv4 address, 16 bits of PSID, 8 zero bits.
    """
    try:
        identifier = int(IPv6Address(address.split("/")[0].split("%")[0])) & (1 << 64) - 1
    except ValueError:
        return ()
    found = []
    if identifier >> 48 == 0:
        found.append(_ce("rfc7597", identifier >> 16 & 0xFFFFFFFF, identifier & 0xFFFF))
    if identifier >> 56 == 0 and identifier & 0xFF == 0:
        found.append(_ce("draft03", identifier >> 24 & 0xFFFFFFFF, identifier >> 8 & 0xFFFF))
    return tuple(one for one in found if one is not None)


def _ce(layout: Layout, ipv4: int, psid: int) -> CeAddress | None:
    first = ipv4 >> 24
    if not 1 <= first < 224 or first == 127:
        return None
    return CeAddress(layout, str(IPv4Address(ipv4)), psid)


def choose_layout(address: str, ipv4: str | None) -> CeAddress | None:
    """The layout whose IPv4 address is the stated one; without agreement the only one that is possible, else None."""
    possible = decode_ce(address)
    agreeing = [one for one in possible if ipv4 is not None and one.ipv4 == ipv4]
    if agreeing:
        return agreeing[0]
    return possible[0] if len(possible) == 1 else None


def encode_ce(prefix: str, ipv4: str, psid: int, layout: Layout) -> str:
    """The CE address of a /64 prefix: the inverse of `decode_ce`. Raises ValueError for what is no address."""
    high = int(IPv6Address(prefix.split("/")[0])) >> 64 << 64
    inner = int(IPv4Address(ipv4))
    low = inner << 16 | psid if layout == "rfc7597" else inner << 24 | psid << 8
    return str(IPv6Address(high | low))


def port_sets(psid: int, blocks: Iterable[tuple[int, int]], block_count: int | None = None) -> tuple[PortSet, ...]:
    """The port sets of a PSID that hold every one of the blocks as a whole block; with `block_count` of that many blocks.

    A single block leaves several offsets possible: those whose first block it is come first.
    """
    stated = sorted(set(blocks))
    if not stated:
        return ()
    size = stated[0][1] - stated[0][0] + 1
    if size <= 0 or size & (size - 1) or any(last - first + 1 != size for first, last in stated):
        return ()
    tail = size.bit_length() - 1
    found = []
    for offset in range(PORT_BITS - tail + 1):
        length = PORT_BITS - tail - offset
        if psid >> length:
            continue
        one = PortSet(psid, length, offset)
        if all(first in one and first % size == 0 for first, _ in stated) and block_count in (None, one.block_count):
            found.append(one)
    return tuple(sorted(found, key=lambda one: (next(one.blocks())[0] != stated[0][0], one.offset)))


def psid_of(blocks: Iterable[tuple[int, int]], length: int, offset: int) -> int | None:
    """The PSID that the blocks share for a known length and offset; None where they differ."""
    found = {first >> (PORT_BITS - offset - length) & ((1 << length) - 1) for first, _ in blocks}
    return found.pop() if len(found) == 1 else None

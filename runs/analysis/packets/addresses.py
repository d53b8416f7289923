"""Addresses as codes: a dictionary of IPv4 and IPv6 addresses, filled by kernels; code 0 means no address."""

import secrets
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from socket import inet_ntoa
from typing import Any, NamedTuple

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.packets.jit import kernel
from runs.analysis.packets.words import Bytes, be32

NAME = 1
"""The 'version' of a host name: its address is the place in the table's meta 'names' (texts only)."""


class AddressBook(NamedTuple):
    """The dictionary, as kernels see it: open addressing, linear probing."""

    slots: Any  # i4: code, 0 free; a power of two
    words: Any  # u4 (codes, 4): the address, IPv4 in the last
    versions: Any  # u1
    count: Any  # i8 [codes in use]
    seed: int  # differs each time, so that nobody can prepare addresses that collide


@kernel
def mix(hashed: int, word: int) -> int:
    """One step of a hash below 2^32; everything stays below 2^63."""
    hashed = ((hashed ^ word) * 0x45D9F3B) & 0x7FFFFFFFFFFFFF
    return (hashed ^ (hashed >> 17) ^ (hashed >> 29)) & 0xFFFFFFFF


@kernel
def code_of(book: AddressBook, version: int, a: int, b: int, c: int, d: int) -> int:
    """The code of an address, given as four 32-bit words; a new address gets the next code."""
    mask = len(book.slots) - 1
    slot = mix(mix(mix(mix(book.seed ^ version, a), b), c), d) & mask
    while True:
        code = int(book.slots[slot])
        if code == 0:
            break
        if (
            book.words[code, 3] == d and book.words[code, 2] == c and book.words[code, 1] == b and book.words[code, 0] == a
            and book.versions[code] == version
        ):  # fmt: skip
            return code
        slot = (slot + 1) & mask
    code = int(book.count[0])
    book.count[0] = code + 1
    book.slots[slot] = code
    book.words[code, 0] = a
    book.words[code, 1] = b
    book.words[code, 2] = c
    book.words[code, 3] = d
    book.versions[code] = version
    return code


@kernel
def code_v4(book: AddressBook, data: Bytes, at: int) -> int:
    """The code of the IPv4 address at `at`."""
    return code_of(book, 4, 0, 0, 0, be32(data, at))


@kernel
def code_v6(book: AddressBook, data: Bytes, at: int) -> int:
    """The code of the IPv6 address at `at`."""
    return code_of(book, 6, be32(data, at), be32(data, at + 4), be32(data, at + 8), be32(data, at + 12))


class Addresses:
    """Owns the dictionary and keeps it large enough."""

    def __init__(self) -> None:
        self.book = AddressBook(
            np.zeros(256, np.int32),
            np.zeros((128, 4), np.uint32),
            np.zeros(128, np.uint8),
            np.ones(1, np.int64),
            secrets.randbits(31),
        )

    def __len__(self) -> int:
        return int(self.book.count[0])

    def make_room(self, more: int) -> None:
        """Grow so that `more` addresses can come."""
        book, needed = self.book, len(self) + more
        if needed <= len(book.versions):
            return
        codes = 1 << needed.bit_length()
        words, versions = np.zeros((codes, 4), np.uint32), np.zeros(codes, np.uint8)
        words[: len(self)], versions[: len(self)] = book.words[: len(self)], book.versions[: len(self)]
        slots = rehash(words[: len(self)], versions[: len(self)], book.seed, 2 * codes)
        self.book = AddressBook(slots, words, versions, book.count, book.seed)

    def code(self, text: str) -> int:
        """The code of an address in text form, for rows that come from text. Raises ValueError."""
        self.make_room(1)
        address = ip_address(text.partition("%")[0])  # without the zone of a link-local address
        words = np.frombuffer(address.packed.rjust(16, b"\0"), ">u4").tolist()
        return int(code_of(self.book, address.version, *words))

    def code_of_name(self, number: int) -> int:
        """The code of a host name, by its place in the table's list of names."""
        self.make_room(1)
        return int(code_of(self.book, NAME, 0, 0, 0, number))

    def table(self) -> Table:
        """The `addresses` table: row = code."""
        count = len(self)
        packed = self.book.words[:count].astype(">u4").view(np.uint8).reshape(count, 16)
        return Table({"version": self.book.versions[:count].copy(), "address": packed})


def rehash(words: Array, versions: Array, seed: int, size: int) -> Array:
    """The slots of a dictionary of so many slots that holds these addresses; code 0 is no address and has none."""
    hashed = np.full(len(words), seed, np.int64) ^ versions.astype(np.int64)
    for place in range(4):
        hashed = ((hashed ^ words[:, place].astype(np.int64)) * 0x45D9F3B) & 0x7FFFFFFFFFFFFF
        hashed = (hashed ^ (hashed >> 17) ^ (hashed >> 29)) & 0xFFFFFFFF
    slots = np.zeros(size, np.int32)
    place_all(slots, hashed & (size - 1))
    return slots


def place_all(slots: Array, wanted: Array) -> None:
    """Put codes 1… into the slots they want, or into the next free ones: rounds of those that still have none."""
    mask = len(slots) - 1
    left = np.arange(1, len(wanted), dtype=np.int32)
    at = wanted[1:].copy()
    while len(left):
        free = slots[at] == 0
        slots[at[free]] = left[free]  # of several that want one slot the last stays
        lost = slots[at] != left
        left, at = left[lost], (at[lost] + 1) & mask


def text_of(version: int, packed: bytes) -> str:
    """An address as text; '' where there is none."""
    if version == 4:
        return inet_ntoa(packed[-4:])
    return str(IPv6Address(packed)) if version == 6 else ""


def address_texts(addresses: Table, codes: Iterable[int]) -> dict[int, str]:
    """The texts of some codes, for the rows that are shown."""
    names = addresses.meta.get("names", ())
    wanted = np.unique(np.fromiter(codes, np.int64))
    packed = addresses["address"][wanted].tobytes()

    def text(version: int, octets: bytes) -> str:
        return str(names[int.from_bytes(octets, "big")]) if version == NAME else text_of(version, octets)

    versions = zip(wanted.tolist(), addresses["version"][wanted].tolist(), strict=True)
    return {code: text(version, packed[16 * at : 16 * at + 16]) for at, (code, version) in enumerate(versions)}


def codes_within(addresses: Table, network: str) -> Array:
    """The codes (i8) of all addresses in a network, or of one address: '10.0.0.0/8', '2001:db8::1'. Raises ValueError."""
    wanted = ip_network(network, strict=False)
    prefix = np.frombuffer(wanted.network_address.packed.rjust(16, b"\0"), np.uint8)
    mask = np.frombuffer((int(wanted.netmask)).to_bytes(16, "big"), np.uint8)
    return np.flatnonzero((addresses["version"] == wanted.version) & ((addresses["address"] & mask) == prefix).all(axis=1))

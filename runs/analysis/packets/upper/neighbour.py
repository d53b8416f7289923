"""Neighbour discovery (RFC 4861, RFC 8106): its messages and options as fields of a dissected frame."""

from collections.abc import Iterator
from ipaddress import IPv6Address
from typing import NamedTuple

from runs.analysis.packets.upper.tree import Field

ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT, SOLICITATION, ADVERTISEMENT, REDIRECT = 133, 134, 135, 136, 137
#: Where the options of each message begin.
OPTIONS_AT = {ROUTER_SOLICITATION: 8, ROUTER_ADVERTISEMENT: 16, SOLICITATION: 24, ADVERTISEMENT: 24, REDIRECT: 40}
SOURCE_LINK, TARGET_LINK, PREFIX, MTU, ROUTE, DNS_SERVERS = 1, 2, 3, 5, 24, 25
MAX_OPTIONS = 20
_FLAGS = {
    ROUTER_ADVERTISEMENT: ((0x80, "managed"), (0x40, "other configuration"), (0x20, "home agent")),
    ADVERTISEMENT: ((0x80, "router"), (0x40, "solicited"), (0x20, "override")),
}
_PREFERENCES = {0: "medium", 1: "high", 3: "low"}


class Option(NamedTuple):
    """An option, and the bytes behind its type and length; `offset` counts in the ICMPv6 message."""

    kind: int
    offset: int
    length: int
    body: bytes


def options(icmp: bytes, at: int) -> Iterator[Option]:
    """The options from `at` on, as far as they are whole."""
    for _ in range(MAX_OPTIONS):
        length = icmp[at + 1] * 8 if at + 2 <= len(icmp) else 0
        if not length or at + length > len(icmp):
            return
        yield Option(icmp[at], at, length, icmp[at + 2 : at + length])
        at += length


def neighbour_fields(icmp: bytes, at: int) -> tuple[Field, ...]:
    """The fields behind type, code and checksum of a message that stands at `at` of its frame; none of other messages."""
    kind = icmp[0] if icmp else 0
    if kind not in OPTIONS_AT or len(icmp) < OPTIONS_AT[kind]:
        return ()
    fields: list[Field] = []
    if kind == ROUTER_ADVERTISEMENT:
        fields.append(Field("Hop limit", _or_unspecified(icmp[4], ""), at + 4, 1))
        fields.append(Field("Flags", _flags(kind, icmp[5]), at + 5, 1))
        fields.append(Field("Router lifetime", f"{int.from_bytes(icmp[6:8], 'big')} s", at + 6, 2))
        fields.append(Field("Reachable time", _or_unspecified(int.from_bytes(icmp[8:12], "big"), " ms"), at + 8, 4))
        fields.append(Field("Retransmission timer", _or_unspecified(int.from_bytes(icmp[12:16], "big"), " ms"), at + 12, 4))
    if kind == ADVERTISEMENT:
        fields.append(Field("Flags", _flags(kind, icmp[4]), at + 4, 1))
    if kind in (SOLICITATION, ADVERTISEMENT, REDIRECT):
        fields.append(Field("Target", str(IPv6Address(icmp[8:24])), at + 8, 16))
    if kind == REDIRECT:
        fields.append(Field("Destination", str(IPv6Address(icmp[24:40])), at + 24, 16))
    fields += [_option(one, at) for one in options(icmp, OPTIONS_AT[kind])]
    return tuple(fields)


def _flags(kind: int, octet: int) -> str:
    words = [word for bit, word in _FLAGS[kind] if octet & bit]
    if kind == ROUTER_ADVERTISEMENT:
        words.append(f"preference {_PREFERENCES.get(octet >> 3 & 3, 'reserved')}")
    return f"0x{octet:02x} ({', '.join(words) or 'none'})"


def _or_unspecified(value: int, unit: str) -> str:
    return f"{value}{unit}" if value else "0 (unspecified)"


def lifetime(seconds: int) -> str:
    """'1800 s', 'infinite'."""
    return "infinite" if seconds == 0xFFFFFFFF else f"{seconds} s"


def _option(one: Option, at: int) -> Field:
    body, name, value = one.body, f"Option {one.kind}", f"{one.length} bytes"
    if one.kind in (SOURCE_LINK, TARGET_LINK):
        name, value = ("Source" if one.kind == SOURCE_LINK else "Target") + " link-layer address", body[:6].hex(":")
    elif one.kind == PREFIX and len(body) >= 30:
        marks = [word for bit, word in ((0x80, "on-link"), (0x40, "autonomous")) if body[1] & bit]
        valid, preferred = (lifetime(int.from_bytes(body[n : n + 4], "big")) for n in (2, 6))
        name = "Prefix"
        value = f"{IPv6Address(body[14:30])}/{body[0]} ({', '.join([*marks, f'valid {valid}', f'preferred {preferred}'])})"
    elif one.kind == MTU and len(body) >= 6:
        name, value = "MTU", str(int.from_bytes(body[2:6], "big"))
    elif one.kind == ROUTE and len(body) >= 6:
        route = IPv6Address(body[6:].ljust(16, b"\0")[:16])
        name, value = "Route", f"{route}/{body[0]} (lifetime {lifetime(int.from_bytes(body[2:6], 'big'))})"
    elif one.kind == DNS_SERVERS and len(body) >= 22:
        servers = [str(IPv6Address(body[n : n + 16])) for n in range(6, len(body) - 15, 16)]
        name, value = "DNS servers", f"{', '.join(servers)} (lifetime {lifetime(int.from_bytes(body[2:6], 'big'))})"
    return Field(name, value, at + one.offset, one.length)

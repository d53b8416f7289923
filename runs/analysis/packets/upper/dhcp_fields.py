"""DHCP (RFC 2131, RFC 2132) and DHCPv6 (RFC 8415) messages as fields of a dissected frame; of DHCPv6 also MAP-E's options (RFC 7598)."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from runs.analysis.packets.upper.dhcp import TYPES_V4, TYPES_V6
from runs.analysis.packets.upper.tree import Field

MAX_OPTIONS = 60
MAX_DEPTH = 4
OPTIONS_AT_V4 = 240
COOKIE = b"\x63\x82\x53\x63"
IA_NA, IA_ADDRESS, STATUS, DNS_SERVERS_V6, IA_PD, IA_PREFIX, S46_RULE, S46_BR, S46_PORTS, S46_MAP_E = (
    3,
    5,
    13,
    23,
    25,
    26,
    89,
    90,
    93,
    94,
)

Words = Callable[[bytes], str]


def _addresses(value: bytes) -> str:
    return ", ".join(str(IPv4Address(value[n : n + 4])) for n in range(0, len(value) - 3, 4))


def _addresses6(value: bytes) -> str:
    return ", ".join(str(IPv6Address(value[n : n + 16])) for n in range(0, len(value) - 15, 16))


def _seconds(value: bytes) -> str:
    number = int.from_bytes(value, "big")
    return "infinite" if number == 0xFFFFFFFF else f"{number} s"


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _number(value: bytes) -> str:
    return str(int.from_bytes(value, "big"))


def _kind(value: bytes) -> str:
    return TYPES_V4.get(value[0], str(value[0])) if value else ""


_V4: dict[int, tuple[str, Words]] = {
    1: ("Subnet mask", _addresses), 3: ("Router", _addresses), 6: ("DNS servers", _addresses), 12: ("Host name", _text),
    15: ("Domain", _text), 26: ("Interface MTU", _number), 28: ("Broadcast address", _addresses), 42: ("NTP servers", _addresses),
    50: ("Requested address", _addresses), 51: ("Lease time", _seconds), 53: ("Message type", _kind), 54: ("Server", _addresses),
    56: ("Message", _text), 58: ("Renewal time (T1)", _seconds), 59: ("Rebinding time (T2)", _seconds), 60: ("Vendor class", _text),
}  # fmt: skip


def dhcp_fields(payload: bytes, at: int) -> tuple[Field, ...]:
    """A DHCP message at `at` of its frame; none where it is none."""
    if len(payload) < OPTIONS_AT_V4 or payload[236:240] != COOKIE:
        return ()
    fields = [
        Field("Operation", {1: "request", 2: "reply"}.get(payload[0], str(payload[0])), at, 1),
        Field("Transaction id", f"0x{payload[4:8].hex()}", at + 4, 4),
        Field("Flags", "broadcast" if payload[10] & 0x80 else "unicast", at + 10, 2),
    ]
    places = {"Client address": 12, "Your address": 16, "Next server": 20, "Relay agent": 24}
    fields += [
        Field(name, str(IPv4Address(payload[n : n + 4])), at + n, 4) for name, n in places.items() if any(payload[n : n + 4])
    ]
    fields.append(Field("Client MAC", payload[28:34].hex(":"), at + 28, 6))
    place = OPTIONS_AT_V4
    for _ in range(MAX_OPTIONS):
        if place + 2 > len(payload) or payload[place] == 255:
            break
        if payload[place] == 0:
            place += 1
            continue
        length = 2 + payload[place + 1]
        value = payload[place + 2 : place + length]
        name, words = _V4.get(payload[place], (f"Option {payload[place]}", bytes.hex))
        fields.append(Field(name, words(value), at + place, min(length, len(payload) - place)))
        place += length
    return tuple(fields)


def dhcpv6_fields(payload: bytes, at: int) -> tuple[Field, ...]:
    """A DHCPv6 message at `at` of its frame."""
    if len(payload) < 4:
        return ()
    head = (Field("Message type", TYPES_V6.get(payload[0], str(payload[0])), at, 1),)
    if payload[0] in (12, 13):  # of a relay: hop count, link and peer
        return head
    return (*head, Field("Transaction id", f"0x{payload[1:4].hex()}", at + 1, 3), *_options_v6(payload, 4, at, 0))


def _options_v6(data: bytes, place: int, at: int, depth: int) -> tuple[Field, ...]:
    """The options of data from `place` on; data[0] stands at `at` of the frame."""
    fields: list[Field] = []
    while place + 4 <= len(data) and len(fields) < MAX_OPTIONS:
        kind, length = int.from_bytes(data[place : place + 2], "big"), int.from_bytes(data[place + 2 : place + 4], "big")
        value = data[place + 4 : place + 4 + length]
        name, words, inside = _option_v6(kind, value)
        children = _options_v6(value, inside, at + place + 4, depth + 1) if inside is not None and depth < MAX_DEPTH else ()
        fields.append(Field(name, words, at + place, min(4 + length, len(data) - place), children))
        place += 4 + length
    return tuple(fields)


def _option_v6(kind: int, value: bytes) -> tuple[str, str, int | None]:
    """(name, words, where options inside begin)."""
    if kind in (1, 2):
        return ("Client id" if kind == 1 else "Server id"), value.hex(":"), None
    if kind in (IA_NA, IA_PD) and len(value) >= 12:
        name = "Addresses (IA_NA)" if kind == IA_NA else "Prefixes (IA_PD)"
        return name, f"IAID 0x{value[:4].hex()}, T1 {_seconds(value[4:8])}, T2 {_seconds(value[8:12])}", 12
    if kind == IA_ADDRESS and len(value) >= 24:
        return "Address", f"{IPv6Address(value[:16])}, valid {_seconds(value[20:24])}", 24
    if kind == IA_PREFIX and len(value) >= 25:
        return "Prefix", f"{IPv6Address(value[9:25])}/{value[8]}, valid {_seconds(value[4:8])}", 25
    if kind == STATUS and len(value) >= 2:
        return "Status", f"{_number(value[:2])} {_text(value[2:])}".rstrip(), None
    if kind == DNS_SERVERS_V6:
        return "DNS servers", _addresses6(value), None
    if kind == S46_MAP_E:
        return "MAP-E", f"{len(value)} bytes", 0
    if kind == S46_RULE and len(value) >= 8:
        return _map_rule(value)
    if kind == S46_BR:
        return "Border relay", _addresses6(value), None
    if kind == S46_PORTS and len(value) >= 4:
        return "Port parameters", f"offset {value[0]}, PSID length {value[1]}, PSID 0x{value[2:4].hex()}", None
    if kind == 8:
        return "Elapsed time", f"{int.from_bytes(value[:2], 'big') * 10} ms", None
    return f"Option {kind}", value.hex(), None


def _map_rule(value: bytes) -> tuple[str, str, int | None]:
    size = (value[7] + 7) // 8
    prefix6 = IPv6Address(value[8 : 8 + size][:16].ljust(16, b"\0"))
    words = f"{IPv4Address(value[3:7])}/{value[2]}, {prefix6}/{value[7]}, EA bits {value[1]}"
    return "Mapping rule", words + (", forwarding" if value[0] & 1 else ""), 8 + size

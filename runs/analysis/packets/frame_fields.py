"""Headers as tables of fields: name, offset, length and how the bytes are shown (RFC 791, 8200, 9293, 768, 792, 4443, 826, 2784, 7348)."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from runs.analysis.packets.schema import PROTOCOL_NAMES

Show = Callable[[bytes], str]
Spec = tuple[str, int, int, Show]

_FLAG_LETTERS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
_ETHERTYPES = {0x0800: "IPv4", 0x86DD: "IPv6", 0x0806: "ARP", 0x8100: "VLAN", 0x88A8: "QinQ", 0x8864: "PPPoE", 0x88CC: "LLDP"}


def number(value: bytes) -> str:
    """A big-endian number."""
    return str(int.from_bytes(value, "big"))


def hexadecimal(value: bytes) -> str:
    """A number as hexadecimal."""
    return f"0x{value.hex()}"


def mac(value: bytes) -> str:
    """A MAC address."""
    return value.hex(":")


def address(value: bytes) -> str:
    """An IPv4 or IPv6 address."""
    return str(IPv4Address(value) if len(value) == 4 else IPv6Address(value))


def _high(value: bytes) -> str:
    return str(value[0] >> 4)


def _header_length(value: bytes) -> str:
    return f"{(value[0] & 15) * 4} bytes"


def _data_offset(value: bytes) -> str:
    return f"{(value[0] >> 4) * 4} bytes"


def _dscp(value: bytes) -> str:
    return f"{value[0] >> 2}, ECN {value[0] & 3}"


def _fragment(value: bytes) -> str:
    bits = int.from_bytes(value, "big")
    words = [word for bit, word in ((0x4000, "don't fragment"), (0x2000, "more fragments")) if bits & bit]
    return ", ".join([*words, f"offset {(bits & 0x1FFF) * 8}"])


def _fragment6(value: bytes) -> str:
    bits = int.from_bytes(value, "big")
    return f"offset {bits & 0xFFF8}" + (", more fragments" if bits & 1 else "")


def protocol(value: bytes) -> str:
    """An IP protocol number and its name."""
    return f"{value[0]} ({PROTOCOL_NAMES.get(value[0], 'unknown')})"


def ethertype(value: bytes) -> str:
    """An ethertype and its name."""
    return f"0x{value.hex()} ({_ETHERTYPES.get(int.from_bytes(value, 'big'), 'unknown')})"


def tcp_flags(value: bytes) -> str:
    """TCP's flags: '0x12 (SYN, ACK)'."""
    names = [name for bit, name in enumerate(_FLAG_LETTERS) if value[0] >> bit & 1]
    return f"0x{value[0]:02x} ({', '.join(names) or 'none'})"


def _vlan(value: bytes) -> str:
    bits = int.from_bytes(value, "big")
    return f"{bits & 0xFFF}, priority {bits >> 13}"


def _operation(value: bytes) -> str:
    return {1: "1 (request)", 2: "2 (reply)"}.get(int.from_bytes(value, "big"), number(value))


ETHERNET_FIELDS: tuple[Spec, ...] = (("Destination", 0, 6, mac), ("Source", 6, 6, mac), ("Type", 12, 2, ethertype))
VLAN_FIELDS: tuple[Spec, ...] = (("VLAN id", 0, 2, _vlan), ("Type", 2, 2, ethertype))
IPV4_FIELDS: tuple[Spec, ...] = (
    ("Version", 0, 1, _high), ("Header length", 0, 1, _header_length), ("DSCP", 1, 1, _dscp), ("Total length", 2, 2, number),
    ("Identification", 4, 2, hexadecimal), ("Fragment", 6, 2, _fragment), ("Time to live", 8, 1, number), ("Protocol", 9, 1, protocol),
    ("Header checksum", 10, 2, hexadecimal), ("Source", 12, 4, address), ("Destination", 16, 4, address),
)  # fmt: skip
IPV6_FIELDS: tuple[Spec, ...] = (
    ("Version", 0, 1, _high), ("Traffic class and flow label", 0, 4, hexadecimal), ("Payload length", 4, 2, number),
    ("Next header", 6, 1, protocol), ("Hop limit", 7, 1, number), ("Source", 8, 16, address), ("Destination", 24, 16, address),
)  # fmt: skip
FRAGMENT_FIELDS: tuple[Spec, ...] = (
    ("Next header", 0, 1, protocol), ("Fragment", 2, 2, _fragment6), ("Identification", 4, 4, hexadecimal),
)  # fmt: skip
TCP_FIELDS: tuple[Spec, ...] = (
    ("Source port", 0, 2, number), ("Destination port", 2, 2, number), ("Sequence number (raw)", 4, 4, number),
    ("Acknowledgment number (raw)", 8, 4, number), ("Header length", 12, 1, _data_offset), ("Flags", 13, 1, tcp_flags),
    ("Window", 14, 2, number), ("Checksum", 16, 2, hexadecimal), ("Urgent pointer", 18, 2, number),
)  # fmt: skip
UDP_FIELDS: tuple[Spec, ...] = (
    ("Source port", 0, 2, number), ("Destination port", 2, 2, number), ("Length", 4, 2, number), ("Checksum", 6, 2, hexadecimal),
)  # fmt: skip
ICMP_FIELDS: tuple[Spec, ...] = (("Type", 0, 1, number), ("Code", 1, 1, number), ("Checksum", 2, 2, hexadecimal))
ECHO_FIELDS: tuple[Spec, ...] = (("Identifier", 4, 2, number), ("Sequence number", 6, 2, number))
MTU_FIELDS: tuple[Spec, ...] = (("MTU of the next hop", 6, 2, number),)
MTU_FIELDS_V6: tuple[Spec, ...] = (("MTU", 4, 4, number),)
GATEWAY_FIELDS: tuple[Spec, ...] = (("Gateway", 4, 4, address),)
ARP_FIELDS: tuple[Spec, ...] = (
    ("Hardware type", 0, 2, number), ("Protocol type", 2, 2, ethertype), ("Operation", 6, 2, _operation), ("Sender MAC", 8, 6, mac),
    ("Sender IP", 14, 4, address), ("Target MAC", 18, 6, mac), ("Target IP", 24, 4, address),
)  # fmt: skip
GRE_FIELDS: tuple[Spec, ...] = (("Flags and version", 0, 2, hexadecimal), ("Protocol type", 2, 2, ethertype))
VXLAN_FIELDS: tuple[Spec, ...] = (("Flags", 0, 1, hexadecimal), ("VXLAN network identifier", 4, 3, number))

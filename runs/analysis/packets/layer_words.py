"""The line about a layer that is closed: 'IPv4  192.0.2.1 → 192.0.2.2, TTL 64', from its fields."""

from collections.abc import Callable

from runs.analysis.packets.upper.tree import Layer

MOST_CHARACTERS = 160


def layer_words(layer: Layer) -> str:
    """What a layer says in a line; '' where its name says all."""
    make = _MAKERS.get(layer.name)
    values = {field.name: field.value for field in reversed(layer.fields)}  # of fields named alike the first
    return make(values)[:MOST_CHARACTERS] if make and values else ""


Values = dict[str, str]


def _ends(values: Values) -> str:
    return f"{values.get('Source', '?')} → {values.get('Destination', '?')}"


def _ipv4(values: Values) -> str:
    fragment = values.get("Fragment", "")
    words = [_ends(values), f"TTL {values.get('Time to live', '?')}"]
    if "don't fragment" in fragment:
        words.append("DF")
    if "more fragments" in fragment or not fragment.endswith("offset 0"):
        words.append(fragment.removeprefix("don't fragment, "))
    return ", ".join([*words, f"{values.get('Total length', '?')} bytes"])


def _ipv6(values: Values) -> str:
    return f"{_ends(values)}, hop limit {values.get('Hop limit', '?')}"


def _ports(values: Values) -> str:
    return f"{values.get('Source port', '?')} → {values.get('Destination port', '?')}"


def _tcp(values: Values) -> str:
    flags = values.get("Flags", "").partition("(")[2].rstrip(")")
    return f"{_ports(values)} [{flags}]" if flags else _ports(values)


def _first(name: str) -> Callable[[Values], str]:
    return lambda values: values.get(name, "")


_MAKERS: dict[str, Callable[[Values], str]] = {
    "Ethernet": _ends,
    "VLAN": lambda values: f"id {values.get('VLAN id', '?')}",
    "IPv4": _ipv4,
    "IPv6": _ipv6,
    "TCP": _tcp,
    "UDP": _ports,
    "VXLAN": lambda values: f"VNI {values.get('VXLAN network identifier', '?')}",
    "ICMP": lambda values: values.get("Message", ""),
    "ICMPv6": lambda values: values.get("Message", ""),
    "ARP": lambda values: f"{values.get('Operation', '')}: {values.get('Sender IP', '?')} → {values.get('Target IP', '?')}",
    "DNS": lambda values: ", ".join(v for v in (values.get("Flags"), values.get("Question"), values.get("Answer")) if v),
    "HTTP": _first("Start line"),
    "TLS": _first("Record"),
    "DHCP": _first("Message type"),
    "DHCPv6": _first("Message type"),
}

"""One frame, opened: its layers as a tree of fields, each with its place in the frame's bytes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from runs.analysis.columns import Table
from runs.analysis.packets.frame_fields import (
    ARP_FIELDS,
    ECHO_FIELDS,
    ETHERNET_FIELDS,
    FRAGMENT_FIELDS,
    GATEWAY_FIELDS,
    GRE_FIELDS,
    ICMP_FIELDS,
    IPV4_FIELDS,
    IPV6_FIELDS,
    MTU_FIELDS,
    MTU_FIELDS_V6,
    TCP_FIELDS,
    UDP_FIELDS,
    VLAN_FIELDS,
    VXLAN_FIELDS,
    Spec,
)  # fmt: skip
from runs.analysis.packets.frame_options import ipv4_options, tcp_options
from runs.analysis.packets.headers import ETHERNET_IN_GRE, MAX_EXTENSION_HEADERS, VXLAN_HEADERS, carried
from runs.analysis.packets.icmp_names import icmp_name
from runs.analysis.packets.link import ETHERNET, LINKTYPE_NAMES, link_of
from runs.analysis.packets.schema import GRE, ICMP, ICMPV6, IPIP, IPV6, TCP, UDP
from runs.analysis.packets.stream import open_bytes
from runs.analysis.packets.upper import payload_layers
from runs.analysis.packets.upper.neighbour import neighbour_fields
from runs.analysis.packets.upper.tree import Field, Layer
from runs.analysis.packets.words import be16

__all__ = ["Field", "Layer", "dissect", "frame_bytes"]

MAX_LAYERS = 24
TAGS = (0x8100, 0x88A8, 0x9100, 0x9200)
_EXTENSION_NAMES = {
    0: "Hop-by-Hop Options",
    43: "Routing",
    44: "Fragment",
    51: "Authentication",
    60: "Destination Options",
    135: "Mobility",
}


class Place(NamedTuple):
    """Where the next header begins: what it is ('ethertype', 'ip' or 'end') and its number."""

    kind: str
    number: int
    at: int
    end: int  # of the bytes that belong to it, by the header before


def dissect(data: bytes, linktype: int) -> list[Layer]:
    """The layers of a frame, outermost first. What cannot be read becomes a layer named 'Malformed'; nothing is raised."""
    layers: list[Layer] = []
    try:
        for layer in _layers(data, linktype):
            layers.append(layer)
            if len(layers) >= MAX_LAYERS:
                break
    except Exception as error:  # noqa: BLE001  # whatever mutated bytes do to a decoder, the layers before stand
        at = layers[-1].offset + layers[-1].length if layers else 0
        layers.append(Layer("Malformed", at, max(0, len(data) - at), (Field("Why", type(error).__name__, at, 0),)))
    return layers


def _layers(data: bytes, linktype: int) -> Iterator[Layer]:
    ethertype, at, tags, _, _ = link_of(data, 0, len(data), linktype)
    yield from _link_layers(data, linktype, at, tags)
    place = Place("ethertype", ethertype, at, len(data))
    while place.kind != "end" and place.at < len(data):
        read = _READERS.get((place.kind, place.number))
        if read is None:
            break
        made, place = read(data, place)
        yield from made
    if place.kind == "payload":
        yield from payload_layers(data, place.at, place.end, place.number)
    elif place.at < min(place.end, len(data)):
        yield _rest(data, place.at, min(place.end, len(data)))
    if place.end < len(data) and place.kind != "ethertype":
        yield Layer("Trailer", place.end, len(data) - place.end, ())


def _rest(data: bytes, at: int, end: int) -> Layer:
    return Layer("Data", at, end - at, (Field("Length", f"{end - at} bytes", at, end - at),))


def fields_of(specs: tuple[Spec, ...], data: bytes, at: int) -> tuple[Field, ...]:
    """The fields of a header at `at`, as far as the bytes go."""
    fields = []
    for name, offset, length, show in specs:
        value = data[at + offset : at + offset + length]
        if len(value) < length:
            fields.append(Field("[cut]", "the captured bytes end here", at + offset, len(value)))
            break
        fields.append(Field(name, show(value), at + offset, length))
    return tuple(fields)


def _link_layers(data: bytes, linktype: int, network: int, tags: int) -> Iterator[Layer]:
    if linktype != ETHERNET:
        yield Layer(LINKTYPE_NAMES.get(linktype, f"Link type {linktype}"), 0, network, ())
        return
    yield Layer("Ethernet", 0, min(14, len(data)), fields_of(ETHERNET_FIELDS, data, 0))
    for tag in range(tags):
        yield Layer("VLAN", 14 + 4 * tag, 4, fields_of(VLAN_FIELDS, data, 14 + 4 * tag))


Read = tuple[list[Layer], Place]


def _ipv4(data: bytes, place: Place) -> Read:
    at = place.at
    header = (data[at] & 15) * 4
    total = be16(data, at + 2) or len(data) - at
    fields = fields_of(IPV4_FIELDS, data, at) + ipv4_options(data, at + 20, at + header)
    end = min(place.end, at + total)
    if header < 20:
        return [Layer("IPv4", at, 20, fields)], Place("end", 0, at + 20, end)
    is_later = be16(data, at + 6) & 0x1FFF
    following = Place("later fragment" if is_later else "ip", data[at + 9], at + header, end)
    return [Layer("IPv4", at, header, fields)], following


def _ipv6(data: bytes, place: Place) -> Read:
    at, layers = place.at, [Layer("IPv6", place.at, min(40, len(data) - place.at), fields_of(IPV6_FIELDS, data, place.at))]
    end = min(place.end, at + 40 + be16(data, at + 4)) if be16(data, at + 4) else place.end
    protocol, at = data[at + 6], at + 40
    for _ in range(MAX_EXTENSION_HEADERS):
        if protocol not in _EXTENSION_NAMES:
            return layers, Place("ip", protocol, at, end)
        length = 8 if protocol == 44 else (data[at + 1] + 2) * 4 if protocol == 51 else (data[at + 1] + 1) * 8
        fields = fields_of(FRAGMENT_FIELDS, data, at) if protocol == 44 else ()
        layers.append(Layer(f"IPv6 {_EXTENSION_NAMES[protocol]}", at, min(length, len(data) - at), fields))
        is_later = protocol == 44 and be16(data, at + 2) & 0xFFF8
        protocol, at = data[at], at + length
        if is_later:
            return layers, Place("later fragment", protocol, at, end)
    return layers, Place("end", protocol, at, end)


def _tcp(data: bytes, place: Place) -> Read:
    at = place.at
    header = max(20, (data[at + 12] >> 4) * 4)
    fields = fields_of(TCP_FIELDS, data, at) + tcp_options(data, at + 20, min(len(data), at + header))
    return [Layer("TCP", at, min(header, len(data) - at), fields)], Place("payload", TCP, at + header, place.end)


def _udp(data: bytes, place: Place) -> Read:
    fields = fields_of(UDP_FIELDS, data, place.at)
    ports = be16(data, place.at), be16(data, place.at + 2)
    ethertype, inside = carried(data, UDP, place.at, len(data))
    if ethertype:
        layers = [Layer("UDP", place.at, 8, fields), Layer("VXLAN", place.at + 8, 8, fields_of(VXLAN_FIELDS, data, place.at + 8))]
        layers += _ethernet_inside(data, place.at + VXLAN_HEADERS, inside)
        return layers, Place("ethertype", ethertype, inside, place.end)
    return [Layer("UDP", place.at, 8, fields)], Place("payload", min(ports) << 16 | max(ports), place.at + 8, place.end)


#: What stands behind the checksum, by (protocol, type, code); -1: any code.
_ICMP_SPECS: dict[tuple[int, int, int], tuple[Spec, ...]] = {
    (ICMP, 0, -1): ECHO_FIELDS, (ICMP, 8, -1): ECHO_FIELDS, (ICMP, 3, 4): MTU_FIELDS, (ICMP, 5, -1): GATEWAY_FIELDS,
    (ICMPV6, 128, -1): ECHO_FIELDS, (ICMPV6, 129, -1): ECHO_FIELDS, (ICMPV6, 2, -1): MTU_FIELDS_V6,
}  # fmt: skip


def _icmp(data: bytes, place: Place) -> Read:
    """ICMP or ICMPv6; the packet that an error quotes is opened too."""
    at, is_v6 = place.at, place.number == ICMPV6
    message = data[at : min(place.end, len(data))]
    kind, code = message[0], message[1]
    specs = ICMP_FIELDS + _ICMP_SPECS.get((place.number, kind, code), _ICMP_SPECS.get((place.number, kind, -1), ()))
    more = neighbour_fields(message, at) if is_v6 else ()
    fields = (Field("Message", icmp_name(place.number, kind, code), at, 2), *fields_of(specs, data, at), *more)
    length = len(message) if more else min(8, len(data) - at)
    layers = [Layer("ICMPv6" if is_v6 else "ICMP", at, length, fields)]
    if more:
        return layers, Place("end", 0, at + length, place.end)
    is_error = data[at] < 128 if is_v6 else data[at] in (3, 4, 5, 11, 12)
    return layers, Place("ethertype" if is_error else "end", 0x86DD if is_v6 else 0x0800, at + 8, place.end)


def _arp(data: bytes, place: Place) -> Read:
    return [Layer("ARP", place.at, min(28, len(data) - place.at), fields_of(ARP_FIELDS, data, place.at))], Place(
        "end", 0, place.at + 28, place.end
    )


def _ethernet_inside(data: bytes, at: int, end: int) -> list[Layer]:
    """An Ethernet header in a tunnel, and the VLAN tags behind it."""
    layers = [Layer("Ethernet", at, 14, fields_of(ETHERNET_FIELDS, data, at))]
    tags = [tag for tag in range(at + 14, end - 3, 4) if be16(data, tag - 2) in TAGS]
    return layers + [Layer("VLAN", tag, 4, fields_of(VLAN_FIELDS, data, tag)) for tag in tags]


def _tunnel(data: bytes, place: Place) -> Read:
    ethertype, inside = carried(data, place.number, place.at, len(data))
    layers: list[Layer] = []
    if place.number == GRE:
        has_ethernet = ethertype and be16(data, place.at + 2) == ETHERNET_IN_GRE
        length = 4 + 4 * sum(data[place.at] >> bit & 1 for bit in (7, 5, 4))
        end = place.at + length if has_ethernet else inside
        layers = [Layer("GRE", place.at, end - place.at, fields_of(GRE_FIELDS, data, place.at))]
        layers += _ethernet_inside(data, end, inside) if has_ethernet else []
    return layers, Place("ethertype" if ethertype else "end", ethertype, inside, place.end)


_READERS: dict[tuple[str, int], Callable[[bytes, Place], Read]] = {
    ("ethertype", 0x0800): _ipv4,
    ("ethertype", 0x86DD): _ipv6,
    ("ethertype", 0x0806): _arp,
    ("ip", TCP): _tcp,
    ("ip", UDP): _udp,
    ("ip", ICMP): _icmp,
    ("ip", ICMPV6): _icmp,
    ("ip", IPIP): _tunnel,
    ("ip", IPV6): _tunnel,
    ("ip", GRE): _tunnel,
}


def frame_bytes(path: Path, packets: Table, frame: int) -> bytes:
    """The captured bytes of a frame (from 1) of the capture at `path`, which may be compressed. Raises IndexError, OSError."""
    if not 1 <= frame <= len(packets):
        raise IndexError(f"no frame {frame}")
    offset, length = int(packets["offset"][frame - 1]), int(packets["captured_length"][frame - 1])
    if offset < 0:
        return b""
    with open_bytes(path) as source:
        if source.size is not None:
            with path.open("rb") as file:
                file.seek(offset)
                return file.read(length)
        at = 0
        while at < offset:  # a compressed capture is read from its start, a piece at a time
            window = source.window(at, 1)
            if window.end <= at:
                return b""
            at = min(offset, window.end)
        window = source.window(offset, length)
        return window.data[offset - window.base :][:length].tobytes()

"""What a frame's upper layer says, in words close to Wireshark's info column: HTTP, DNS, TLS, DHCP, ARP, neighbour discovery.

Works on the bytes of one frame; a message that goes on in the next frame is told as far as it stands here. None where the bytes say
nothing that the header's own words do not.
"""

import struct
from ipaddress import IPv4Address, IPv6Address

import dpkt
import numpy as np

from runs.analysis.columns import Table
from runs.analysis.packets.schema import ETHERTYPE_ARP, ICMPV6, TCP, UDP
from runs.analysis.packets.upper.dhcp import TYPES_V4, TYPES_V6
from runs.analysis.packets.upper.dns import record_words, type_name
from runs.analysis.packets.upper.neighbour import MTU, PREFIX, SOURCE_LINK, TARGET_LINK, options
from runs.analysis.packets.upper.tls import ALERTS, server_name_of

DNS_PORTS = (53, 5353, 5355)
DHCP_PORTS = (67, 68)
DHCPV6_PORTS = (546, 547)
MOST_CHARACTERS = 200
MOST_RECORDS = 4
HANDSHAKES = {
    0: "Hello Request", 1: "Client Hello", 2: "Server Hello", 4: "New Session Ticket", 8: "Encrypted Extensions", 11: "Certificate",
    12: "Server Key Exchange", 13: "Certificate Request", 14: "Server Hello Done", 15: "Certificate Verify",
    16: "Client Key Exchange", 20: "Finished",
}  # fmt: skip
RCODES = {1: "Format error", 2: "Server failure", 3: "No such name", 4: "Not implemented", 5: "Refused"}
RECORDS = {20: "Change Cipher Spec", 21: "Alert", 22: "Handshake", 23: "Application Data"}
LINK_OPTIONS = {SOURCE_LINK: "from", TARGET_LINK: "at"}


def told(packets: Table, row: int, frame: bytes) -> str | None:
    """The info of a frame (its row in `packets`) by its captured bytes."""
    if not frame:
        return None
    try:
        words = _told(packets, row, frame)
    except Exception:  # noqa: BLE001  # hostile bytes; dpkt raises what it likes: then the header's words stand
        return None
    return words[:MOST_CHARACTERS] if words else None


def _told(packets: Table, row: int, frame: bytes) -> str | None:
    if not packets["ip_version"][row]:
        return _arp(packets, row, frame)
    protocol = int(packets["protocol"][row])
    if protocol == ICMPV6:
        return _neighbour(frame[int(packets["transport_offset"][row]) :]) if packets["transport_offset"][row] else None
    at = int(packets["payload_offset"][row])
    payload = frame[at : at + int(packets["payload_length"][row])] if at else b""
    if not payload:
        return None
    ports = int(packets["source_port"][row]), int(packets["destination_port"][row])
    if protocol == UDP:
        return _datagram(payload, ports)
    if protocol == TCP:
        return _segment(payload, ports)
    return None


def _datagram(payload: bytes, ports: tuple[int, int]) -> str | None:
    if np.isin(ports, DNS_PORTS).any():
        return _dns(payload)
    if np.isin(ports, DHCP_PORTS).all():
        message = dpkt.dhcp.DHCP(payload)
        kind = next((value[0] for code, value in message.opts if code == 53 and value), 0)
        name = TYPES_V4.get(kind, f"type {kind}")
        return f"DHCP {name if len(name) == 3 else name.capitalize()} - Transaction ID 0x{message.xid:x}"
    if np.isin(ports, DHCPV6_PORTS).all() and len(payload) >= 4:
        kind = payload[0]
        return f"{TYPES_V6.get(kind, f'type {kind}').capitalize()} XID: 0x{int.from_bytes(payload[1:4], 'big'):06x}"
    return None


def _segment(payload: bytes, ports: tuple[int, int]) -> str | None:
    line = payload.split(b"\r\n", 1)[0]
    if line.startswith(b"HTTP/1.") or line.endswith((b" HTTP/1.1", b" HTTP/1.0")):
        kind = next(
            (h.split(b":", 1)[1].strip() for h in payload.split(b"\r\n")[1:40] if h.lower().startswith(b"content-type:")), b""
        )
        return _text(line) + (f" ({_text(kind)})" if kind and line.startswith(b"HTTP/") else "")
    if 53 in ports and len(payload) > 14:
        return _dns(payload[2:])
    if payload[0] in RECORDS and len(payload) >= 5 and payload[1] == 3 and payload[2] <= 4:
        return _tls(payload)
    return None


def _dns(payload: bytes) -> str:
    message = dpkt.dns.DNS(payload)
    asked = " ".join(f"{type_name(q.type)} {q.name}" for q in message.qd[:MOST_RECORDS])
    if not message.qr:
        return f"Standard query 0x{message.id:04x} {asked}".rstrip()
    parts = [f"Standard query response 0x{message.id:04x}"]
    if message.rcode:
        parts.append(RCODES.get(message.rcode, f"code {message.rcode}"))
    parts.append(asked)
    parts += [record_words(record).partition(" ")[2] for record in message.an[:MOST_RECORDS]]
    if message.op & 0x0200:
        parts.append("(truncated)")
    return " ".join(part for part in parts if part)


def _tls(payload: bytes) -> str:
    said: list[str] = []
    at = 0
    is_clear = True
    while at + 5 <= len(payload) and len(said) < MOST_RECORDS:
        kind, _, length = struct.unpack_from(">BHH", payload, at)
        body = payload[at + 5 : at + 5 + length]
        if kind == 22:
            said += _handshakes(body, length) if is_clear else ["Encrypted Handshake Message"]
        elif kind == 21:
            said.append(_alert(body) if length == 2 else "Encrypted Alert")
        elif kind in RECORDS:
            said.append(RECORDS[kind])
        else:
            break
        is_clear = is_clear and kind != 20
        at += 5 + length
    return ", ".join(dict.fromkeys(said)) or "Continuation Data"


def _handshakes(body: bytes, length: int) -> list[str]:
    said: list[str] = []
    at = 0
    while at + 4 <= len(body):
        kind, size = body[at], int.from_bytes(body[at + 1 : at + 4], "big")
        if kind not in HANDSHAKES or at + 4 + size > length:
            return said or ["Encrypted Handshake Message"]
        name = server_name_of(body[at:]) if kind == 1 else None
        said.append(HANDSHAKES[kind] + (f" (SNI={name})" if name else ""))
        at += 4 + size
    return said


def _alert(body: bytes) -> str:
    level = {1: "Warning", 2: "Fatal"}.get(body[0], str(body[0])) if body else "?"
    code = ALERTS.get(body[1], str(body[1])).replace("_", " ").capitalize() if len(body) > 1 else "?"
    return f"Alert (Level: {level}, Description: {code})"


def _arp(packets: Table, row: int, frame: bytes) -> str | None:
    """Of an answer the hardware address; requests are told by the header's words."""
    at = int(packets["transport_offset"][row]) if packets["transport_offset"][row] else frame.find(b"\x00\x01\x08\x00\x06\x04")
    if packets["ethertype"][row] != ETHERTYPE_ARP or at < 0 or len(frame) < at + 28:
        return None
    operation = int.from_bytes(frame[at + 6 : at + 8], "big")
    mac, sender, target = frame[at + 8 : at + 14], IPv4Address(frame[at + 14 : at + 18]), IPv4Address(frame[at + 24 : at + 28])
    if operation == 2:
        return f"{sender} is at {mac.hex(':')}"
    if operation == 1:
        if sender == target:
            return f"ARP Announcement for {sender}"
        return f"Who has {target}? (ARP Probe)" if int(sender) == 0 else f"Who has {target}? Tell {sender}"
    return None


def _neighbour(icmp: bytes) -> str | None:
    """RFC 4861: solicitations and advertisements of neighbours and routers."""
    if len(icmp) < 8:
        return None
    kind = icmp[0]
    if kind == 133:
        return "Router Solicitation" + _link(icmp, 8)
    if kind == 134 and len(icmp) >= 16:
        lifetime = int.from_bytes(icmp[6:8], "big")
        return f"Router Advertisement{_link(icmp, 16)}, lifetime {lifetime} s{_router_options(icmp)}"
    if kind == 135 and len(icmp) >= 24:
        return f"Neighbor Solicitation for {IPv6Address(icmp[8:24])}{_link(icmp, 24)}"
    if kind == 136 and len(icmp) >= 24:
        flags = [word for bit, word in ((0x80, "rtr"), (0x40, "sol"), (0x20, "ovr")) if icmp[4] & bit]
        shown = f" ({', '.join(flags)})" if flags else ""
        return f"Neighbor Advertisement {IPv6Address(icmp[8:24])}{shown}{_link(icmp, 24, ' is')}"
    return None


def _link(icmp: bytes, at: int, before: str = "") -> str:
    for one in options(icmp, at):
        if one.kind in LINK_OPTIONS and len(one.body) >= 6:
            return f"{before} {LINK_OPTIONS[one.kind]} {one.body[:6].hex(':')}"
    return ""


def _router_options(icmp: bytes) -> str:
    said = ""
    for one in options(icmp, 16):
        if one.kind == PREFIX and len(one.body) >= 30:
            said += f", prefix {IPv6Address(one.body[14:30])}/{one.body[0]}"
        elif one.kind == MTU and len(one.body) >= 6:
            said += f", MTU {int.from_bytes(one.body[2:6], 'big')}"
    return said


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")

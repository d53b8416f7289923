"""The line that says what a frame is, in words close to Wireshark's: '54268 → 9080 [SYN] Seq=0 Win=65495 Len=0'."""

from collections.abc import Iterable

from runs.analysis.columns import Table
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.echo import echo_words
from runs.analysis.packets.icmp_names import icmp_name
from runs.analysis.packets.schema import (
    APPLICATIONS,
    DUP_ACK,
    ETHERTYPE_ARP,
    ICMP,
    ICMPV6,
    IS_LATER_FRAGMENT,
    IS_MALFORMED,
    PROTOCOL_NAMES,
    REMARKS,
    RESENT,
    RETRANSMISSION,
    SYN,
    TCP,
    UDP,
    column,
)  # fmt: skip
from runs.analysis.packets.segment import duplicated

#: Of datagrams, by their ports: one port of either end, or both ends' ports.
_UDP_NAMES = (({53}, "DNS"), ({67, 68}, "DHCP"), ({546, 547}, "DHCPv6"), ({5353}, "MDNS"), ({5355}, "LLMNR"), ({123}, "NTP"))
_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")


def protocol_words(packets: Table, row: int) -> str:
    """The protocol column: 'TCP', 'ICMPv6', 'ARP', 'DNS' …"""
    protocol = int(packets["protocol"][row])
    if not packets["ip_version"][row]:
        return "ARP" if packets["ethertype"][row] == ETHERTYPE_ARP else f"0x{int(packets['ethertype'][row]):04x}"
    application = APPLICATIONS.get(int(column(packets, "application")[row]), "")
    if application.startswith(("HTTP", "TLS")):
        return application.split(" ")[0]
    if protocol == UDP:
        ports = {int(packets["source_port"][row]), int(packets["destination_port"][row])}
        return next((name for known, name in _UDP_NAMES if ports <= known or (len(known) == 1 and ports & known)), "UDP")
    return {ICMPV6: "ICMPv6", ICMP: "ICMP"}.get(protocol, PROTOCOL_NAMES.get(protocol, f"IP {protocol}").upper())


def info_lines(packets: Table, conversations: Table, addresses: Table, rows: Iterable[int]) -> list[str]:
    """The info of some frames (indexes from 0), for the visible page."""
    wanted = list(rows)
    codes = [int(packets[name][row]) for row in wanted for name in ("source", "destination")]
    texts = address_texts(addresses, codes)
    return [_info(packets, conversations, row, texts) for row in wanted]


def _info(packets: Table, conversations: Table, row: int, texts: dict[int, str]) -> str:
    protocol, version = int(packets["protocol"][row]), int(packets["ip_version"][row])
    flags = int(column(packets, "flags")[row])
    malformed = " [Malformed]" if flags & IS_MALFORMED else ""
    if not version:
        return _arp(packets, row, texts) + malformed
    if flags & IS_LATER_FRAGMENT:
        offset, ip_id = int(column(packets, "fragment")[row]), int(column(packets, "ip_id")[row])
        return f"Fragmented IP protocol ({PROTOCOL_NAMES.get(protocol, protocol)}, off={offset}, ID={ip_id:04x})"
    if not packets["transport_offset"][row]:
        return f"IP protocol {protocol} ({PROTOCOL_NAMES.get(protocol, 'unknown')}){malformed}"
    if protocol == TCP:
        return _tcp(packets, conversations, row) + malformed
    if protocol in (ICMP, ICMPV6):
        return _icmp(packets, conversations, row, protocol) + malformed
    ports = f"{packets['source_port'][row]} → {packets['destination_port'][row]}"
    return f"{ports} Len={packets['payload_length'][row]}{malformed}"


def _arp(packets: Table, row: int, texts: dict[int, str]) -> str:
    if packets["ethertype"][row] != ETHERTYPE_ARP:
        return f"Ethertype 0x{int(packets['ethertype'][row]):04x}, {packets['original_length'][row]} bytes"
    source, target = (texts[int(packets[name][row])] for name in ("source", "destination"))
    if source == target:
        return f"ARP Announcement or probe for {source}"
    return f"{source} is at …" if column(packets, "icmp_code")[row] == 2 else f"Who has {target}? Tell {source}"


def _icmp(packets: Table, conversations: Table, row: int, protocol: int) -> str:
    kind, code = int(column(packets, "icmp_type")[row]), int(column(packets, "icmp_code")[row])
    name = icmp_name(protocol, kind, code)
    if "Echo" in name:
        number, ttl = int(packets["sequence"][row]), packets["ttl"][row]
        swapped = (number & 0xFF) << 8 | number >> 8  # some systems send it in their own byte order: Wireshark shows both
        place = f"seq={number}, hop limit={ttl}" if protocol == ICMPV6 else f"seq={number}/{swapped}, ttl={ttl}"
        words, said = echo_words(packets, conversations, row), f"{name} id=0x{int(packets['source_port'][row]):04x}, {place}"
        return f"{said} ({words})" if words else said
    return name


def dup_ack_words(packets: Table, conversations: Table | None, row: int) -> str:
    """' 13010#2': the frame that said the number first, and how often it was said again; without the frame where it is not known."""
    first = None if conversations is None else duplicated(packets, conversations, row)
    return f" {'' if first is None else first + 1}#{column(packets, 'dup_ack_number')[row]}"


def remark_words(packets: Table, conversations: Table, row: int) -> list[str]:
    """The remarks of a frame in Wireshark's words: 'TCP Dup ACK 13010#2'."""
    bits = int(packets["remarks"][row])
    if bits & RESENT & ~RETRANSMISSION:
        bits &= ~RETRANSMISSION
    words = []
    for remark in REMARKS:
        if bits & remark.bit:
            words.append(remark.words + (dup_ack_words(packets, conversations, row) if remark.bit == DUP_ACK else ""))
    return words


def _two(conversations: Table, name: str, row: int) -> tuple[int, int]:
    return int(conversations[name][row][0]), int(conversations[name][row][1])


def _tcp(packets: Table, conversations: Table, row: int) -> str:
    conversation, side = int(packets["conversation"][row]), int(packets["direction"][row])
    flags = int(packets["tcp_flags"][row])
    bases, scales = (0, 0), (-1, -1)
    if conversation >= 0:
        bases, scales = (_two(conversations, name, conversation) for name in ("base_sequences", "window_scales"))
    window = int(packets["window"][row])
    if min(scales) >= 0 and not flags & SYN:
        window <<= scales[side]
    parts = [f"[{word}]" for word in remark_words(packets, conversations, row)]
    parts.append(f"{packets['source_port'][row]} → {packets['destination_port'][row]}")
    parts.append(f"[{', '.join(name for bit, name in enumerate(_FLAGS) if flags >> bit & 1) or '<None>'}]")
    parts.append(f"Seq={(int(packets['sequence'][row]) - bases[side]) & 0xFFFFFFFF}")
    if flags & 16:
        parts.append(f"Ack={(int(packets['acknowledgment'][row]) - bases[1 - side]) & 0xFFFFFFFF}")
    parts.append(f"Win={window} Len={packets['payload_length'][row]}")
    return " ".join(parts)

"""What one printed packet says: ends, protocol, TCP numbers and flags, ICMP type and code, TTL and id.

Sources: print-ip.c, print-ip6.c, print-tcp.c, print-udp.c, print-icmp.c, print-icmp6.c, print-arp.c of tcpdump 3.9 to 4.99.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from runs.analysis.domain.icmp_words import icmp_of_words
from runs.analysis.domain.services import port_of

_ICMP_HEADER_BYTES = 8
TCP_FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, ".": 16, "U": 32, "E": 64, "W": 128, "e": 0}
_PROTOCOLS = {"TCP": "tcp", "UDP": "udp", "ICMP": "icmp", "ICMPv6": "icmpv6", "ICMP6": "icmpv6", "IPIP": "ipip", "GRE": "gre", "ESP": "esp",
              "IGMP": "igmp", "OSPF": "ospf", "VRRP": "vrrp", "SCTP": "sctp", "IPv6": "ipv6", "IPv4": "ipip", "AH": "ah", "PIM": "pim"}  # fmt: skip
_NETWORK = re.compile(
    r"(?:.*?\b(?:ethertype |AF )?(?:IPv?(?P<six>6)|IPv?4?|INET6)\b(?: \(0x[0-9a-fA-F]{4}\)| \(\d+\))?(?:, length \d+)?[:,]? ?)"
)
_TTL = re.compile(r"\b(?:ttl|hlim) (\d{1,3})\b")
_ID = re.compile(r"\bid (\d{1,5})\b")
_FRAGMENT = re.compile(r"\boffset (\d{1,5})\b")
_PROTO = re.compile(r"\b(?:proto:? |next-header )([A-Za-z0-9-]+)")
_IP_LENGTH = re.compile(r"\blength:? (\d{1,5})\)?$")
_ENDS = re.compile(r"(?P<source>[\w.:%-]{1,255}) > (?P<destination>[\w.:%-]{1,255}?):(?=\s|$)\s?(?P<rest>.*)$", re.DOTALL)
_TCP = re.compile(
    r"(?:Flags \[(?P<flags>[FSRPUEWe.]*|none)\]|tcp (?P<quiet>\d+)|(?P<old>[FSRPWE]{1,6}|\.)(?= (?:\d|ack|win|\[)|$))"
    r"(?:.*?(?P<sequence>(?<=seq )\d+|(?<= )\d+(?=:\s{0,3}\d))(?::\s{0,3}(?P<end>\d+))?(?:\((?P<bytes>\d+)\))?)?"
)
_ACK = re.compile(r"\back ?(\d{1,10})(?=\D)")  # at the end of a line that was cut its last digits may be missing
_WINDOW = re.compile(r"\bwin (\d{1,5})\b")
_SCALE = re.compile(r"\bwscale (\d{1,2})\b")
_LENGTH = re.compile(r"\blength (\d{1,9})\b")
_TAIL_LENGTH = re.compile(r"\((\d{1,5})\)\s*$")
_WHO_HAS = re.compile(r"who-has (\S+?)(?: \([^)]*\))? tell ([^\s,]+)")
_IS_AT = re.compile(r"[Rr]eply (\S+) is-at (\S+?)(?:,|\s|$)")
_CHECKSUM = re.compile(r"^\[(?:icmp6|udp|bad|sum|no cksum|vxlan)[^\]]{0,80}\] ")
_TUNNEL = re.compile(r"(?:GREv\d[^:]{0,80}: |EtherIP[^:]{0,40}: |VXLAN[^\n]{0,80}\n?)?(?:IP6?) (?=\(|[\w.:%-]+ > )")


@dataclass(slots=True)
class Packet:
    """One packet, numbers as printed. Empty texts and None: not printed."""

    version: int = 0  # 4, 6; 0: no IP
    source: str = ""
    destination: str = ""
    source_port: int | None = None
    destination_port: int | None = None
    protocol: str = ""
    flags: int = 0
    sequence: int | None = None
    acknowledgment: int | None = None
    window: int | None = None
    window_scale: int | None = None
    payload_length: int | None = None
    ttl: int | None = None
    ip_id: int | None = None
    fragment: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None
    mac: str | None = None  # of an ARP reply
    words: str = ""  # what follows the ends of a UDP or ICMP packet
    quoted: "Packet | None" = None  # the packet that an ICMP error quotes
    outer: "Packet | None" = None


@lru_cache(65_536)
def split_end(text: str) -> tuple[str, int | None]:
    """Address (or name) and port of an end as tcpdump prints it: '192.0.2.1.http', '2001:db8::1.443', 'web.example.ssh'."""
    try:
        return str(ip_address(text.partition("%")[0])), None
    except ValueError:
        head, _, tail = text.rpartition(".")
    if not head:
        return text, None
    port = port_of(tail)
    try:
        return str(ip_address(head.partition("%")[0])), port
    except ValueError:
        return (head, port) if port is not None else (text, None)


def read_packet(rest: str, more: list[str], depth: int = 0) -> Packet | None:
    """The packet of a record; None where it is none that we read."""
    if rest[:3].upper() in ("ARP", "RAR") or "ethertype ARP" in rest[:200]:
        return _arp(rest)
    text = " ".join([rest, *(part.strip() for part in more)]) if more else rest
    quoted_text = ""
    network = _NETWORK.match(rest[:300])
    packet = Packet(version=6 if network and network["six"] else 4 if network else 0)
    body = text[network.end() :] if network else text
    if body.startswith("("):
        end = _closing(body)
        _header(packet, body[1 : end - 1] if end else body)
        body = body[end:].lstrip(" \t:") if end else ""
    ends = _ENDS.search(body[:2000])
    if ends is None:
        return None
    packet.source, packet.source_port = split_end(ends["source"])
    packet.destination, packet.destination_port = split_end(ends["destination"])
    if packet.version == 0 or ":" in packet.source:
        packet.version = 6 if ":" in packet.source else 4
    body = _CHECKSUM.sub("", body[ends.start("rest") :].lstrip(), count=1)
    if depth < 2 and (tunnel := _TUNNEL.match(body)) is not None:
        inner = read_packet(body[tunnel.end() - (4 if body[: tunnel.end()].rstrip().endswith("IP6") else 3) :], [], depth + 1)
        if inner is not None and inner.source:
            inner.outer = packet
            return inner
    if (at := _quote_at(body)) > 0:
        body, quoted_text = body[:at], body[at:].strip()
    _transport(packet, body, text)
    if quoted_text and depth < 2:
        packet.quoted = read_packet(quoted_text, [], depth + 1)
    return packet


@lru_cache(4096)
def _bits(flags: str) -> int:
    return sum({TCP_FLAGS.get(letter, 0) for letter in flags})


def read_verbose(head: re.Match[str], segment: re.Match[str]) -> Packet:
    """The packet of two lines of the forms VERBOSE and SEGMENT (tcpdump_lines.py)."""
    packet = read_plain(segment)
    packet.ttl, packet.ip_id = min(255, int(head["ttl"])), int(head["id"]) & 0xFFFF
    return packet


def read_plain(line: re.Match[str]) -> Packet:
    """The packet of a line of the form PLAIN or SEGMENT (tcpdump_lines.py)."""
    source, destination, letters, sequence, ack, window, options, length = line.group(
        "source", "destination", "flags", "sequence", "ack", "window", "options", "length"
    )
    flags = _bits(letters)
    scale = _SCALE.search(options) if flags & 2 and options else None
    address, port = split_end(source)
    other, other_port = split_end(destination)
    return Packet(
        6 if ":" in address else 4,
        address,
        other,
        port,
        other_port,
        "tcp",
        flags if ack is None else flags | 16,
        None if sequence is None else int(sequence) & 0xFFFFFFFF,
        None if ack is None else int(ack) & 0xFFFFFFFF,
        min(65535, int(window)),
        min(14, int(scale[1])) if scale else None,
        int(length),
    )


def _closing(text: str) -> int:
    """Behind the bracket that closes the first one; 0 where none does."""
    depth = 0
    for at, character in enumerate(text[:1000]):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at + 1
    return 0


def _quote_at(body: str) -> int:
    if not body[:4].upper().startswith("ICMP"):
        return 0
    found = re.search(r"(?<=\s)IP6? \((?:tos|class|flowlabel|hlim)", body)
    return found.start() if found else 0


def _header(packet: Packet, text: str) -> None:
    """The verbose IP header between its brackets."""
    if (ttl := _TTL.search(text)) is not None:
        packet.ttl = min(255, int(ttl[1]))
    if (ident := _ID.search(text)) is not None:
        packet.ip_id = int(ident[1]) & 0xFFFF
    if (fragment := _FRAGMENT.search(text)) is not None and fragment[1] != "0":
        packet.fragment = int(fragment[1])
    if (proto := _PROTO.search(text)) is not None:
        packet.protocol = _PROTOCOLS.get(proto[1], proto[1].lower())


def _transport(packet: Packet, body: str, text: str) -> None:
    if packet.fragment:
        packet.source_port = packet.destination_port = None
        packet.protocol = packet.protocol or "fragment"
        return
    tcp = _TCP.match(body) if packet.protocol in ("", "tcp") else None
    if tcp is not None:
        _tcp(packet, tcp, body)
    elif re.match(r"(?i)icmp", body):
        packet.words = body
        _icmp(packet, body)
    elif packet.protocol in ("", "udp") and packet.source_port is not None:
        packet.protocol, packet.words = "udp", body
    elif not packet.protocol:
        word = re.match(r"([A-Za-z][\w-]{1,15})", body)
        packet.protocol = _PROTOCOLS.get(word[1], word[1].lower()) if word else ""
    if packet.payload_length is None:
        length = _LENGTH.search(body) or _TAIL_LENGTH.search(body)
        packet.payload_length = int(length[1]) if length else None
        if length and packet.protocol in ("icmp", "icmpv6"):
            packet.payload_length = max(0, int(length[1]) - _ICMP_HEADER_BYTES)  # tcpdump counts the header in


def _tcp(packet: Packet, tcp: re.Match[str], body: str) -> None:
    packet.protocol = "tcp"
    if tcp["quiet"] is not None:
        packet.payload_length = int(tcp["quiet"][:9])
        return
    for letter in tcp["flags"] or tcp["old"] or "":
        packet.flags |= TCP_FLAGS.get(letter, 0)
    if tcp["flags"] == "none":
        packet.flags = 0
    fields = body.partition(" options ")[0] if " options " in body else body.partition(" <")[0]
    if tcp["sequence"] is not None:
        packet.sequence = int(tcp["sequence"][:10]) & 0xFFFFFFFF
    if (ack := _ACK.search(fields)) is not None:
        packet.acknowledgment = int(ack[1]) & 0xFFFFFFFF
        packet.flags |= 16  # the 3.x format prints 'S … ack n' without a dot
    elif tcp["old"] == "." or re.search(r"\back\b", fields):
        packet.flags |= 16
    if (window := _WINDOW.search(fields)) is not None:
        packet.window = min(65535, int(window[1]))
    if packet.flags & 2 and (scale := _SCALE.search(body)) is not None:
        packet.window_scale = min(14, int(scale[1]))
    length = _LENGTH.search(body)
    if length is not None:
        packet.payload_length = int(length[1])
    elif tcp["bytes"] is not None:
        packet.payload_length = int(tcp["bytes"][:9])
    elif tcp["end"] is not None and packet.sequence is not None:
        packet.payload_length = max(0, min(65535, int(tcp["end"][:10]) - packet.sequence))
    elif tcp["old"] or packet.sequence is None or packet.flags & 2:
        packet.payload_length = 0


def _icmp(packet: Packet, body: str) -> None:
    six = packet.version == 6 or body[:5].upper() == "ICMP6"
    packet.protocol = "icmpv6" if six else "icmp"
    packet.icmp_type, packet.icmp_code = icmp_of_words(body, six)
    if (echo := re.search(r"(?i)echo (?:request|reply)", body)) is not None:
        ident, number = re.search(r"\bid (\d{1,5})", body[echo.end() :]), re.search(r"\bseq (\d{1,5})", body[echo.end() :])
        if ident is not None:
            packet.source_port = packet.destination_port = int(ident[1]) & 0xFFFF
        if number is not None:
            packet.sequence = int(number[1]) & 0xFFFF


def _arp(rest: str) -> Packet | None:
    if (asked := _WHO_HAS.search(rest)) is not None:
        return Packet(protocol="arp", source=asked[2].rstrip(","), destination=asked[1], icmp_code=1)
    if (told := _IS_AT.search(rest)) is not None:
        return Packet(protocol="arp", source=told[1], mac=told[2], icmp_code=2)
    return Packet(protocol="arp")

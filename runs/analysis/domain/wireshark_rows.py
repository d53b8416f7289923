"""Cells of a Wireshark list as packets: addresses, ports and numbers, what the columns do not say taken from the rows before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runs.analysis.domain.services import port_of
from runs.analysis.domain.wireshark_info import IcmpInfo, Info, read_arp, read_icmp, read_info
from runs.analysis.packets.rows import PacketRow
from runs.analysis.packets.schema import ACK, PSH, SYN

MAX_PAIRS = 100_000
_OVER_TCP = (
    "TCP",
    "HTTP",
    "TLS",
    "SSL",
    "SSH",
    "SMTP",
    "FTP",
    "IMAP",
    "POP",
    "HTTP2",
    "WEBSOCKET",
    "MYSQL",
    "PGSQL",
    "SMB",
    "RTSP",
    "RTMP",
)
_OVER_UDP = (
    "UDP",
    "DNS",
    "MDNS",
    "DHCP",
    "NTP",
    "QUIC",
    "SNMP",
    "SYSLOG",
    "SSDP",
    "LLMNR",
    "RTP",
    "STUN",
    "TFTP",
    "BOOTP",
    "RADIUS",
)
LISTED = frozenset(("number", "time", "source", "destination", "protocol", "length", "info", "delta"))
_LETTERS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}


@dataclass
class _Pair:
    """The last segment between two addresses."""

    source: str
    ports: tuple[int, int]
    overhead: dict[str, int] = field(default_factory=dict)  # frame length without payload, by sender
    shown: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)  # last acknowledgment and window, by sender


class Rows:
    """Makes packets of one list, in order."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], _Pair] = {}

    def row(self, cells: Mapping[str, str], ts_ns: int, line: int) -> tuple[PacketRow, Info] | None:
        """The packet of a row, and its Info column; None where it has no ends."""
        source, destination = cells.get("source", ""), cells.get("destination", "")
        words, protocol = cells.get("info", ""), cells.get("protocol", "").upper()
        if protocol == "ARP" or (not protocol and read_arp(words)):
            told = read_arp(words)
            if told is None:
                return None
            return PacketRow(
                ts_ns, told[1], told[2], None, None, "arp", 0, None, None, None, None, 0, None, None, line, 0, told[0]
            ), Info()
        if not source or not destination:
            return None
        info = read_info(words)
        ttl = ip_id = None
        if not cells.keys() <= LISTED:  # columns of their own beside the list's
            info = _from_cells(cells, info)
            ttl, ip_id = _number(cells, "ttl", 3), _number(cells, "ip_id", 5)
        if protocol.startswith("ICMP") or "icmp_type" in cells or "icmpv6_type" in cells:
            six = "V6" in protocol or ":" in source or "icmpv6_type" in cells
            said = read_icmp(words, six)
            if (kind := _number(cells, "icmpv6_type" if six else "icmp_type", 3)) is not None:
                said = IcmpInfo(kind, _number(cells, "icmpv6_code" if six else "icmp_code", 3))
            made = PacketRow(
                ts_ns, source, destination, said.identifier, said.identifier, "icmpv6" if six else "icmp", 0, said.sequence, None, None,
                None, max(0, (_number(cells, "length", 9) or 42) - 42), said.ttl or ttl, ip_id, line, said.icmp_type, said.icmp_code,
            )  # fmt: skip
            return made, info
        if info.flags is not None or protocol.startswith(_OVER_TCP):
            return self._segment(cells, source, destination, info, ttl, ip_id, ts_ns, line), info
        name = "udp" if protocol.startswith(_OVER_UDP) or info.source_port is not None else protocol.lower()
        length = info.length if info.length is not None else max(0, (_number(cells, "length", 9) or 42) - 42)
        ports = info.source_port, info.destination_port
        if name == "udp" and ports[0] is None and protocol == "DNS":
            ports = (53, 0) if "response" in words[:30] else (0, 53)  # the client's is not shown
        return PacketRow(ts_ns, source, destination, *ports, name, 0, None, None, None, None, length, ttl, ip_id, line), info

    def _segment(
        self,
        cells: Mapping[str, str],
        source: str,
        destination: str,
        info: Info,
        ttl: int | None,
        ip_id: int | None,
        ts_ns: int,
        line: int,
    ) -> PacketRow:
        """A TCP segment. An upper protocol's row names no ports: they are those of the last segment between the two."""
        key = (source, destination) if source < destination else (destination, source)
        pair, length = self._pairs.get(key), _number(cells, "length", 9)
        flags, ports, payload = info.flags, (info.source_port, info.destination_port), info.length
        if pair is not None and ports[0] is None:
            ports = pair.ports if pair.source == source else (pair.ports[1], pair.ports[0])
        if flags is None:
            flags = PSH | ACK
        if payload is None:
            known = pair.overhead.get(source) if pair is not None else None
            payload = 0 if length is None or flags & SYN else max(0, length - (54 if known is None else known))
        elif length is not None and not flags & SYN and ports[0] is not None and pair is not None:
            pair.overhead[source] = max(0, length - payload)
        if ports[0] is not None and ports[1] is not None and len(self._pairs) < MAX_PAIRS:
            here = (ports[0], ports[1])
            if pair is None:
                self._pairs[key] = _Pair(source, here)
            else:
                pair.source, pair.ports = source, here
        if info.acknowledgment is None and flags & ACK and pair is not None:
            acknowledgment, last = pair.shown.get(source, (None, None))
            info = info._replace(acknowledgment=acknowledgment, window=last if info.window is None else info.window)
        elif (pair := self._pairs.get(key)) is not None:
            pair.shown[source] = info.acknowledgment, info.window
        window = None if info.window is None else min(info.window, 0xFFFF)  # shown scaled; a column holds 16 bits
        return PacketRow(
            ts_ns,
            source,
            destination,
            *ports,
            "tcp",
            flags,
            info.sequence,
            info.acknowledgment,
            window,
            None,
            payload,
            ttl,
            ip_id,
            line,
        )


def _number(cells: Mapping[str, str], name: str, digits: int) -> int | None:
    text = cells.get(name, "").partition(",")[0]
    if text.startswith("0x") and 2 < len(text) <= 10:
        try:
            return int(text, 16)
        except ValueError:
            return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def _from_cells(cells: Mapping[str, str], info: Info) -> Info:
    """The Info column, with what stands in columns of its own."""
    found: dict[str, Any] = {}
    for name, column in (("source_port", "source_port"), ("destination_port", "destination_port")):
        text = cells.get(column) or cells.get(f"udp_{column}", "")
        if (port := port_of(text) if text else None) is not None:
            found[name] = port
    for name, column in (
        ("sequence", "sequence"),
        ("acknowledgment", "acknowledgment"),
        ("window", "window"),
        ("length", "payload"),
    ):
        if (value := _number(cells, column, 10)) is not None:
            found[name] = value & 0xFFFFFFFF
    if (flags := _number(cells, "flags", 5)) is not None:
        found["flags"] = flags & 0xFF
    elif "flags_text" in cells:
        found["flags"] = sum({_LETTERS.get(letter, 0) for letter in cells["flags_text"]})
    elif cells.get("protocol") == "TCP" and "payload" in cells and info.flags is None:
        found["flags"] = ACK  # a detail pane that shows no flags
    if (udp := _number(cells, "udp_length", 5)) is not None:
        found["length"] = max(0, udp - 8)
    return info._replace(**found) if found else info

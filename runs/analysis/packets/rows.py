"""Packets that were read from tcpdump's text, as the same tables as a capture's, judged by the same TCP analysis."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any, NamedTuple

from runs.analysis.columns import Table
from runs.analysis.packets.addresses import Addresses
from runs.analysis.packets.capture import tables_of
from runs.analysis.packets.jit import Engine
from runs.analysis.packets.pairs import Pairs, pair_frames
from runs.analysis.packets.schema import (
    ETHERTYPE_ARP,
    ETHERTYPE_IPV4,
    ETHERTYPE_IPV6,
    ICMP,
    ICMPV6,
    PROTOCOL_NAMES,
    SCTP,
    SYN,
    TCP,
    UDP,
)
from runs.analysis.packets.store import BATCH_ROWS, Columns, Store
from runs.analysis.packets.transport import NO_WINDOW_SCALE

PROTOCOL_NUMBERS = {name: number for number, name in reversed(PROTOCOL_NAMES.items())}
MAX_CONVERSATIONS = 1_000_000
COMPILE_FROM_ROWS = 2_000
_HEADER_BYTES = {TCP: 20, UDP: 8, ICMP: 8, ICMPV6: 8, SCTP: 12}


class PacketRow(NamedTuple):
    """One packet of a text. None: the text does not say."""

    ts_ns: int
    source: str  # address, or a name
    destination: str
    source_port: int | None
    destination_port: int | None
    protocol: str  # 'tcp', 'udp', 'icmp' … as in PROTOCOL_NAMES; 'arp'; '' for what is not IP
    tcp_flags: int
    sequence: int | None  # absolute
    acknowledgment: int | None  # absolute
    window: int | None
    window_scale: int | None  # of a SYN; None: not offered
    payload_length: int
    ttl: int | None
    ip_id: int | None
    line: int
    icmp_type: int | None = None
    icmp_code: int | None = None


def tables_from_rows(rows: Iterable[PacketRow]) -> dict[str, Table]:
    """The tables `packets` (with the column `line`), `conversations` and `addresses` of packets in the order of the text."""
    addresses, names, expected = Addresses(), _Names(), dict[Any, int]()
    store = Store(1 << 14)
    columns, start, stop = store.room()
    row = start
    for packet in rows:
        if row == stop:
            store.take(row - start)
            columns, start, stop = store.room()
            row = start
        _fill(columns, row, packet, addresses, names, expected)
        row += 1
    store.take(row - start)
    joined = store.finish()
    engine = Engine(0)
    if store.rows >= COMPILE_FROM_ROWS:
        engine.is_compiled = True
    pairs = Pairs(MAX_CONVERSATIONS, engine.records)
    for begin in range(0, store.rows, BATCH_ROWS):
        pairs.make_room(3 * BATCH_ROWS)
        engine(pair_frames)(Columns(**joined), begin, min(store.rows, begin + BATCH_ROWS), pairs.book)
    packets, conversations = tables_of(joined, pairs, engine)
    known = addresses.table()
    return {
        "packets": Table({**packets.columns, "line": joined["line"]}),
        "conversations": conversations,
        "addresses": Table(known.columns, {"names": names.names}) if names.names else known,
    }


class _Names:
    """Host names that stand where an address would: numbered, and kept beside the addresses."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = len(self.names)
            self.names.append(name)
        return self._numbers[name]


def _code(text: str, addresses: Addresses, names: _Names) -> tuple[int, int]:
    """(code, IP version) of an address; a name has version 0."""
    if not text:
        return 0, 0
    try:
        return addresses.code(text), ip_address(text.partition("%")[0]).version
    except ValueError:
        return addresses.code_of_name(names.number(text)), 0


def _fill(columns: Columns, row: int, packet: PacketRow, addresses: Addresses, names: _Names, expected: dict[Any, int]) -> None:
    protocol = PROTOCOL_NUMBERS.get(packet.protocol, 255)
    columns.source[row], version = _code(packet.source, addresses, names)
    columns.destination[row], other = _code(packet.destination, addresses, names)
    columns.ts_ns[row], columns.line[row], columns.offset[row] = packet.ts_ns, packet.line, -1
    columns.icmp_type[row], columns.icmp_code[row] = (packet.icmp_type or 0) & 0xFF, (packet.icmp_code or 0) & 0xFF
    if packet.protocol in ("arp", ""):
        columns.ethertype[row] = ETHERTYPE_ARP if packet.protocol == "arp" else 0
        columns.outer_conversation[row] = -1
        return
    version = version or other or 4
    columns.ip_version[row], columns.protocol[row] = version, protocol
    columns.ethertype[row] = ETHERTYPE_IPV6 if version == 6 else ETHERTYPE_IPV4
    columns.source_port[row], columns.destination_port[row] = (
        (packet.source_port or 0) & 0xFFFF,
        (packet.destination_port or 0) & 0xFFFF,
    )
    columns.ttl[row], columns.ip_id[row] = (packet.ttl or 0) & 0xFF, (packet.ip_id or 0) & 0xFFFF
    columns.payload_length[row] = min(max(packet.payload_length, 0), 0xFFFFFFFF)
    header = _HEADER_BYTES.get(protocol, 0)
    columns.transport_offset[row] = 1 if header and (protocol in (ICMP, ICMPV6) or packet.source_port is not None) else 0
    length = (20 if version == 4 else 40) + header + int(columns.payload_length[row])
    columns.original_length[row] = columns.captured_length[row] = length
    if protocol == TCP:
        _fill_tcp(columns, row, packet, expected)


def _fill_tcp(columns: Columns, row: int, packet: PacketRow, expected: dict[Any, int]) -> None:
    """TCP's numbers; a sequence number that is not printed is the one that the other side expects."""
    here, there = (packet.source, packet.source_port), (packet.destination, packet.destination_port)
    sequence = packet.sequence if packet.sequence is not None else expected.get((here, there), 0)
    columns.tcp_flags[row] = packet.tcp_flags & 0xFF
    columns.sequence[row] = sequence & 0xFFFFFFFF
    columns.acknowledgment[row] = (packet.acknowledgment or 0) & 0xFFFFFFFF
    columns.window[row] = 0xFFFF if packet.window is None else packet.window & 0xFFFF
    columns.window_scale[row] = NO_WINDOW_SCALE if packet.window_scale is None else min(packet.window_scale, 14)
    if packet.acknowledgment is not None and len(expected) < MAX_CONVERSATIONS:
        expected[(there, here)] = packet.acknowledgment
    if packet.tcp_flags & SYN:
        expected[(here, there)] = sequence + 1

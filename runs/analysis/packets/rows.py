"""Packets that were read from tcpdump's text, as the same tables as a capture's, judged by the same TCP analysis."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np

from runs.analysis.columns import Table
from runs.analysis.packets.addresses import Addresses
from runs.analysis.packets.capture import tables_of
from runs.analysis.packets.jit import Engine
from runs.analysis.packets.pairs import Pairs, pair_frames
from runs.analysis.packets.schema import (
    ETHERTYPE_ARP,
    ETHERTYPE_IPV4,
    ETHERTYPE_IPV6,
    FIN,
    ICMP,
    ICMPV6,
    PROTOCOL_NAMES,
    SCTP,
    TCP,
    UDP,
)
from runs.analysis.packets.store import BATCH_ROWS, Columns, Store
from runs.analysis.packets.transport import NO_WINDOW_SCALE

Expected = dict[tuple[str, int | None, str, int | None], int]

PROTOCOL_NUMBERS = {name: number for number, name in reversed(PROTOCOL_NAMES.items())}
MAX_CONVERSATIONS = 1_000_000
ROW_BYTES = 512  # following a row costs plain kernels what this many bytes of a capture cost them
MAX_CACHED = 200_000
_ARP, _NO_IP, _UNKNOWN = 256, 257, 255
_NUMBERS = {**PROTOCOL_NUMBERS, "arp": _ARP, "": _NO_IP}
_HEADER_BYTES = np.zeros(258, np.int64)
_HEADER_BYTES[[TCP, UDP, ICMP, ICMPV6, SCTP]] = 20, 8, 8, 8, 12


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
    codes, expected, left = _Codes(), Expected(), iter(rows)
    store = Store(1 << 14)
    while True:
        columns, start, stop = store.room()
        batch = list(islice(left, stop - start))
        if not batch:
            break
        _fill(columns, start, batch, codes, expected)
        store.take(len(batch))
    joined = store.finish()
    engine = Engine(store.rows * ROW_BYTES)
    pairs = Pairs(MAX_CONVERSATIONS, engine.records)
    for begin in range(0, store.rows, BATCH_ROWS):
        pairs.make_room(3 * BATCH_ROWS)
        engine(pair_frames)(Columns(**joined), begin, min(store.rows, begin + BATCH_ROWS), pairs.book)
    packets, conversations = tables_of(joined, pairs, engine)
    known = codes.addresses.table()
    return {
        "packets": Table({**packets.columns, "line": joined["line"]}),
        "conversations": conversations,
        "addresses": Table(known.columns, {"names": codes.names}) if codes.names else known,
    }


class _Codes:
    """Codes of what stands where an address would; host names are numbered, and kept beside the addresses."""

    def __init__(self) -> None:
        self.addresses = Addresses()
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._cached: dict[str, tuple[int, int]] = {}

    def __call__(self, text: str) -> tuple[int, int]:
        """(code, IP version) of an address; a name has version 0."""
        found = self._cached.get(text)
        if found is None:
            if len(self._cached) >= MAX_CACHED:
                self._cached.clear()
            found = self._cached[text] = self._new(text)
        return found

    def _new(self, text: str) -> tuple[int, int]:
        if not text:
            return 0, 0
        try:
            return self.addresses.code(text), ip_address(text.partition("%")[0]).version
        except ValueError:
            if text not in self._numbers:
                self._numbers[text] = len(self.names)
                self.names.append(text)
            return self.addresses.code_of_name(self._numbers[text]), 0


def _numbers(values: Sequence[int | None], mask: int, missing: int = 0) -> Any:
    """Numbers of a column, i8, masked; `missing` where the text says none."""
    if None in values:
        values = [missing if value is None else value for value in values]
    return np.array(values, np.int64) & mask


def _fill(columns: Columns, start: int, batch: list[PacketRow], codes: _Codes, expected: Expected) -> None:
    """Fill the rows from `start` on, a column at a time."""
    rows = slice(start, start + len(batch))
    (times, sources, destinations, source_ports, destination_ports, names, flags, _, acknowledgments, windows, scales, lengths, ttls,
     ids, lines, icmp_types, icmp_codes) = zip(*batch, strict=True)  # fmt: skip
    ends = list(map(codes, chain.from_iterable(zip(sources, destinations, strict=True))))  # codes in the order of the text
    source_codes, source_versions = zip(*ends[::2], strict=True)
    destination_codes, destination_versions = zip(*ends[1::2], strict=True)
    columns.source[rows], columns.destination[rows] = source_codes, destination_codes
    columns.ts_ns[rows], columns.line[rows], columns.offset[rows] = times, lines, -1
    columns.icmp_type[rows], columns.icmp_code[rows] = _numbers(icmp_types, 0xFF), _numbers(icmp_codes, 0xFF)
    protocol = np.array([_NUMBERS.get(name, _UNKNOWN) for name in names], np.int64)
    is_ip, is_tcp = protocol < _ARP, protocol == TCP
    columns.outer_conversation[rows] = np.where(is_ip, 0, -1)
    version = np.array(source_versions, np.int64)
    version = np.where(version > 0, version, destination_versions)
    version = np.where(is_ip, np.where(version > 0, version, 4), 0)
    ethertype = np.where(version == 6, ETHERTYPE_IPV6, ETHERTYPE_IPV4)
    columns.ethertype[rows] = np.where(is_ip, ethertype, np.where(protocol == _ARP, ETHERTYPE_ARP, 0))
    columns.ip_version[rows], columns.protocol[rows] = version, np.where(is_ip, protocol, 0)
    columns.source_port[rows] = np.where(is_ip, _numbers(source_ports, 0xFFFF), 0)
    columns.destination_port[rows] = np.where(is_ip, _numbers(destination_ports, 0xFFFF), 0)
    columns.ttl[rows], columns.ip_id[rows] = np.where(is_ip, _numbers(ttls, 0xFF), 0), np.where(is_ip, _numbers(ids, 0xFFFF), 0)
    payload = np.where(is_ip, np.clip(np.array(lengths, np.int64), 0, 0xFFFFFFFF), 0)
    columns.payload_length[rows] = payload
    header = np.where(is_ip, _HEADER_BYTES[protocol], 0)
    has_ports = np.array([port is not None for port in source_ports], bool) | (protocol == ICMP) | (protocol == ICMPV6)
    columns.transport_offset[rows] = (header > 0) & has_ports
    total = np.minimum(np.where(version == 4, 20, 40) + header + payload, 0xFFFFFFFF)
    columns.original_length[rows] = columns.captured_length[rows] = np.where(is_ip, total, 0)
    if is_tcp.any():
        columns.tcp_flags[rows] = np.where(is_tcp, _numbers(flags, 0xFF), 0)
        columns.sequence[rows] = _sequences(batch, expected)
        columns.acknowledgment[rows] = np.where(is_tcp, _numbers(acknowledgments, 0xFFFFFFFF), 0)
        columns.window[rows] = np.where(is_tcp, _numbers(windows, 0xFFFF, 0xFFFF), 0)
        scale = np.array([NO_WINDOW_SCALE if shift is None else min(shift, 14) for shift in scales], np.int64)
        columns.window_scale[rows] = np.where(is_tcp, scale, 0)


def _sequences(batch: list[PacketRow], expected: Expected) -> list[int]:
    """TCP sequence numbers; one that is not printed follows the last one of its side, else is the one that the other side expects."""
    found = []
    for packet in batch:
        if packet.protocol != "tcp":
            found.append(0)
            continue
        _, source, destination, source_port, destination_port, _, flags, sequence, acknowledgment, _, _, length, *_ = packet
        here = (source, source_port, destination, destination_port)
        if sequence is None:
            sequence = expected.get(here, 0)
        found.append(sequence & 0xFFFFFFFF)
        if here in expected or len(expected) < MAX_CONVERSATIONS:
            expected[here] = sequence + length + (flags & FIN) + (flags >> 1 & 1)
        if acknowledgment is not None and len(expected) < MAX_CONVERSATIONS:
            expected.setdefault((destination, destination_port, source, source_port), acknowledgment)
    return found

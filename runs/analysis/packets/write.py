"""Writing some frames of a capture as a capture of its own: pcap, or pcapng where one link type or 32-bit seconds do not do.

Time stamps keep their unit (nanoseconds only where a frame has them), link types and byte order stay as they were, since BSD
loopback headers are read in the byte order of the file.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.facts.capture import Capture, CaptureInterface
from runs.analysis.packets.pcap import MAX_FRAME_BYTES
from runs.analysis.packets.schema import column
from runs.analysis.packets.spans import read_spans

CHUNK_BYTES = 1 << 18
SECOND_NS = 1_000_000_000
MICROSECONDS, NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D
_IF_TSRESOL, _IF_NAME = 9, 2

Format = Literal["pcap", "pcapng"]


def format_of(packets: Table, rows: Array, capture: Capture) -> Format:
    """What `capture_bytes` writes for these frames."""
    linktypes = {capture.interfaces[n].linktype for n in _interfaces(packets, rows, capture)}
    latest = int(packets["ts_ns"][rows].max()) if len(rows) else 0
    return "pcap" if len(linktypes) <= 1 and latest < SECOND_NS << 32 else "pcapng"


def capture_bytes(origin: Path | bytes, packets: Table, rows: Array, capture: Capture) -> Iterator[bytes]:
    """The bytes of a capture with these frames (indexes from 0, rising), in chunks.

    `origin` is the capture they stand in. Raises ValueError where the frames have no bytes (a text's that dumps none), OSError.
    """
    if (packets["offset"][rows] < 0).any():
        raise ValueError("these packets of a text have no bytes")
    order = ">" if capture.byte_order == "big" else "<"
    interfaces = _interfaces(packets, rows, capture)
    if format_of(packets, rows, capture) == "pcap":
        return _chunks(_pcap(origin, packets, rows, _one(capture, interfaces), order))
    return _chunks(_pcapng(origin, packets, rows, capture, interfaces, order))


def _interfaces(packets: Table, rows: Array, capture: Capture) -> list[int]:
    """The interfaces of these frames that the capture describes."""
    used = np.unique(column(packets, "interface")[rows])
    return [int(n) for n in used if n < len(capture.interfaces)]


def _one(capture: Capture, interfaces: list[int]) -> CaptureInterface:
    """What the header says where all interfaces have one link type."""
    own = [capture.interfaces[n] for n in interfaces] or list(capture.interfaces[:1]) or [CaptureInterface(linktype=1, snaplen=0)]
    unlimited = any(one.snaplen == 0 for one in own)
    return CaptureInterface(linktype=own[0].linktype, snaplen=MAX_FRAME_BYTES if unlimited else max(one.snaplen for one in own))


def _records(origin: Path | bytes, packets: Table, rows: Array) -> Iterator[tuple[int, bytes]]:
    """Row and bytes of each frame whose bytes are there."""
    spans = zip(packets["offset"][rows].tolist(), packets["captured_length"][rows].tolist(), strict=True)
    yield from zip(rows.tolist(), read_spans(origin, spans), strict=True)


def _pcap(origin: Path | bytes, packets: Table, rows: Array, about: CaptureInterface, order: str) -> Iterator[bytes]:
    ts_ns = packets["ts_ns"]
    in_ns = bool((ts_ns[rows] % 1000 != 0).any())
    snaplen = max(about.snaplen, int(packets["captured_length"][rows].max()) if len(rows) else 0)
    yield struct.pack(order + "IHHiIII", NANOSECONDS if in_ns else MICROSECONDS, 2, 4, 0, 0, snaplen, about.linktype)
    for row, data in _records(origin, packets, rows):
        seconds, rest = divmod(int(ts_ns[row]), SECOND_NS)
        fraction = rest if in_ns else rest // 1000
        yield struct.pack(order + "IIII", max(0, seconds), fraction, len(data), int(packets["original_length"][row])) + data


def _pcapng(
    origin: Path | bytes, packets: Table, rows: Array, capture: Capture, interfaces: list[int], order: str
) -> Iterator[bytes]:
    yield _block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    for number in interfaces:
        yield _block(order, 1, _description(order, capture.interfaces[number]))
    place = {number: at for at, number in enumerate(interfaces)}
    belongs = column(packets, "interface")
    for row, data in _records(origin, packets, rows):
        index = place.get(int(belongs[row]))
        if index is not None:
            ticks = max(0, int(packets["ts_ns"][row]))
            head = struct.pack(
                order + "IIIII", index, ticks >> 32, ticks & 0xFFFFFFFF, len(data), int(packets["original_length"][row])
            )
            yield _block(order, 6, head + data)


def _description(order: str, about: CaptureInterface) -> bytes:
    options = _option(order, _IF_TSRESOL, b"\x09")
    if about.name:
        options = _option(order, _IF_NAME, about.name.encode("utf-8", "replace")[:1024]) + options
    return struct.pack(order + "HHI", about.linktype, 0, about.snaplen) + options + struct.pack(order + "HH", 0, 0)


def _option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def _chunks(records: Iterator[bytes]) -> Iterator[bytes]:
    """Records joined to chunks that are worth sending."""
    held, size = [], 0
    for record in records:
        held.append(record)
        size += len(record)
        if size >= CHUNK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)

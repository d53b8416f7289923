"""Captures of TCP conversations, made segment by segment: what is in them is what a test says."""

import struct
from pathlib import Path
from typing import NamedTuple

from runs.analysis.columns import Array
from runs.analysis.packets.capture import CaptureRead, read_capture
from runs.analysis.packets.conversations import frames_of
from runs.analysis.packets.follow import Stream, follow
from runs.analysis.packets.spans import read_any

CLIENT, SERVER = (b"\x0a\0\0\1", 49152), (b"\x0a\0\0\2", 80)
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Segment(NamedTuple):
    """A TCP segment; `side` 0 is the client, `cut` bytes of its end were not captured."""

    side: int
    sequence: int
    acknowledgment: int = 0
    data: bytes = b""
    flags: int = ACK
    cut: int = 0
    window: int = 1000


def frame_of(segment: Segment) -> bytes:
    """An Ethernet frame around the segment."""
    ends = (CLIENT, SERVER) if segment.side == 0 else (SERVER, CLIENT)
    tcp = struct.pack(
        ">HHIIBBHHH", ends[0][1], ends[1][1], segment.sequence & 0xFFFFFFFF, segment.acknowledgment & 0xFFFFFFFF, 0x50,
        segment.flags, segment.window, 0, 0,
    )  # fmt: skip
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(segment.data), 7, 0, 64, 6, 0) + ends[0][0] + ends[1][0]
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp + segment.data


def pcap_of(segments: list[Segment], step_us: int = 1000) -> bytes:
    """A pcap of the segments, one each `step_us`."""
    body = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    for number, segment in enumerate(segments):
        whole = frame_of(segment)
        held = whole[: len(whole) - segment.cut]
        seconds, fraction = divmod(number * step_us, 1_000_000)
        body += struct.pack("<IIII", 1_700_000_000 + seconds, fraction, len(held), len(whole)) + held
    return body


def handshake(client: int = 100, server: int = 500) -> list[Segment]:
    """SYN, SYN+ACK, ACK with these initial sequence numbers."""
    return [
        Segment(0, client, flags=SYN),
        Segment(1, server, client + 1, flags=SYN | ACK),
        Segment(0, client + 1, server + 1),
    ]


def followed(path: Path, data: bytes, row: int = 0) -> tuple[CaptureRead, Array, Stream]:
    """The capture, a conversation's frames and its stream. `path`: where to put the bytes."""
    path.write_bytes(data)
    read = read_capture(path)
    rows = frames_of(read.packets, read.conversations, row)
    bases = tuple(int(n) for n in read.conversations["base_sequences"][row])
    return read, rows, follow(read.packets, rows, int(read.conversations["protocol"][row]), (bases[0], bases[1]))


def said(path: Path, read: CaptureRead, stream: Stream, side: int) -> list[bytes | int]:
    """What a side sent: bytes, and a number for so many that are not there."""
    offsets = stream.offsets(read.packets)
    parts: list[bytes | int] = []
    for at in range(len(stream)):
        if stream.side[at] != side:
            continue
        if stream.is_gap[at]:
            parts.append(int(stream.length[at]))
            continue
        (data,) = read_any(path, [(int(offsets[at]), int(stream.captured[at]))])
        if parts and isinstance(parts[-1], bytes):
            parts[-1] += data
        else:
            parts.append(data)
        if stream.captured[at] < stream.length[at]:
            parts.append(int(stream.length[at] - stream.captured[at]))
    return parts

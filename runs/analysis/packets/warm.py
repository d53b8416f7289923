"""Fills the cache of compiled kernels, so that no capture has to wait for their compilation."""

import gzip
import struct

from runs.analysis.packets import jit
from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.headers import decode
from runs.analysis.packets.rows import PacketRow, tables_from_rows

ETHERNET = 1  # LINKTYPE_ETHERNET
FRAME = struct.pack(
    "!6s6sHBBHHHBBH4s4sHHIIBBHHH",
    b"\x02", b"\x04", 0x0800,
    0x45, 0, 40, 1, 0, 64, 6, 0, b"\x7f\0\0\1", b"\x7f\0\0\2",
    49_152, 80, 1, 0, 0x50, 0x02, 512, 0, 0,
)  # fmt: skip
"""A TCP SYN over IPv4 over Ethernet (RFC 894, 791, 9293)."""
SYN = PacketRow(
    ts_ns=0, source="127.0.0.1", destination="127.0.0.2", source_port=49_152, destination_port=80, protocol="tcp", tcp_flags=2,
    sequence=1, acknowledgment=0, window=512, window_scale=None, payload_length=0, ttl=64, ip_id=1, line=1,
)  # fmt: skip


def warm() -> None:
    """Compile every kernel as it is used, into the cache; where that cannot be written, do nothing."""
    jit.compiled(decode)  # from now on this process reads all captures by compiled kernels
    if not jit.is_cached():
        return
    for capture in (_pcap(), _pcapng(), gzip.compress(_pcap())):
        read_capture(capture)
    tables_from_rows([SYN])
    jit.note_ready()


def _pcap() -> bytes:
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, ETHERNET)
    return header + struct.pack("<IIII", 0, 0, len(FRAME), len(FRAME)) + FRAME


def _pcapng() -> bytes:
    padded = FRAME + bytes(-len(FRAME) % 4)
    blocks = (
        (0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
        (1, struct.pack("<HHI", ETHERNET, 0, 65_535)),
        (6, struct.pack("<IIIII", 0, 0, 0, len(FRAME), len(FRAME)) + padded),
    )
    return b"".join(struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12) for kind, body in blocks)

"""Frames from the hex dumps in a text: a capture in memory, read like any other.

`tcpdump -x` and `-X` print a frame from its network header on, `-xx` and `-XX` from its link header, Wireshark's byte pane too.
"""

import struct

import numpy as np

from runs.analysis.columns import Table
from runs.analysis.packets.capture import CaptureRead, read_capture
from runs.analysis.packets.link import ETHERNET, LINUX_SLL, LINUX_SLL2

RAW, NULL = 101, 0
MAX_BYTES = 64 << 20
_ETHERTYPES = (0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8)
_RECORD = struct.Struct("<IIII")
_SECOND_NS = 1_000_000_000


def linktype_of(data: bytes) -> int | None:
    """The LINKTYPE_ number that a dumped frame fits; None for none that we know."""
    if ip_length(data):
        return RAW
    for at, linktype in ((12, ETHERNET), (14, LINUX_SLL), (0, LINUX_SLL2)):
        if len(data) >= at + 2 and int.from_bytes(data[at : at + 2], "big") in _ETHERTYPES:
            return linktype
    return NULL if len(data) > 4 and ip_length(data[4:]) else None


def ip_length(data: bytes) -> int:
    """The length on the wire of the IP packet that begins here; 0 where none does."""
    if len(data) >= 20 and data[0] >> 4 == 4 and data[0] & 15 >= 5:
        total = int.from_bytes(data[2:4], "big")
        return total if total >= 20 else 0
    return 40 + int.from_bytes(data[4:6], "big") if len(data) >= 40 and data[0] >> 4 == 6 else 0


_HEADS = {RAW: 0, ETHERNET: 14, LINUX_SLL: 16, LINUX_SLL2: 20, NULL: 4}


class Dumps:
    """Collects the dumped frames of a text, as long as every packet has one and all are of one link type."""

    def __init__(self) -> None:
        self.is_whole = True
        self.linktype: int | None = None
        self._file = bytearray()

    def add(self, ts_ns: int, data: bytes) -> None:
        """The next frame; empty bytes: this packet was not dumped."""
        if not self.is_whole:
            return
        linktype = linktype_of(data) if data else None
        self.linktype = linktype if self.linktype is None else self.linktype
        second = ts_ns // _SECOND_NS
        if linktype is None or linktype != self.linktype or not 0 <= second < 1 << 32 or len(self._file) + len(data) > MAX_BYTES:
            self.is_whole = False
            self._file.clear()
            return
        if not self._file:
            self._file += struct.pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, 0, linktype)
        head = _HEADS[linktype]
        length = max(len(data), head + ip_length(data[head:]))
        self._file += _RECORD.pack(second, ts_ns % _SECOND_NS, len(data), length) + data

    def read(self) -> tuple[CaptureRead, bytes] | None:
        """The frames as a capture, with the bytes that its offsets count in; None where some packet has no bytes."""
        if not self.is_whole or not self._file:
            return None
        file = bytes(self._file)
        return read_capture(file), file


def bytes_table(file: bytes) -> Table:
    """The table `bytes` of a text: what the `offset` and `captured_length` of its `packets` point into."""
    return Table({"octet": np.frombuffer(file, np.uint8)})


def dumped_capture(octets: Table) -> bytes:
    """The capture that was put together from a text's dumps, of its table `bytes`."""
    return octets["octet"].tobytes()

"""pcap files: the header, and the walk over its records (draft-ietf-opsawg-pcap; libpcap's modified magic)."""

import struct
from typing import Any, NamedTuple

from runs.analysis.facts.capture import CaptureInterface
from runs.analysis.packets.jit import Engine, kernel
from runs.analysis.packets.problems import BAD_LENGTH, CUT_RECORD, Notes
from runs.analysis.packets.store import Columns
from runs.analysis.packets.stream import ByteSource, Window
from runs.analysis.packets.words import Bytes, u32
from runs.analysis.registry import Problem

HEADER_BYTES = 24
MAX_FRAME_BYTES = 262_144  # what libpcap and Wireshark take for one frame; a larger snaplen may raise it
MAX_SNAPLEN_BYTES = 16 << 20

#: magic number read in big-endian order: (is big-endian, ns in a unit of the sub-second field, bytes of a record header)
MAGICS = {
    0xA1B2C3D4: (True, 1000, 16),
    0xD4C3B2A1: (False, 1000, 16),
    0xA1B23C4D: (True, 1, 16),
    0x4D3CB2A1: (False, 1, 16),
    0xA1B2CD34: (True, 1000, 24),  # modified: interface index, protocol and packet type follow the lengths
    0x34CDB2A1: (False, 1000, 24),
}

NEEDS_MORE, IS_FULL, IS_DAMAGED, IS_OTHER_BLOCK, IS_BAD_INTERFACE = range(5)
"""Why a walk stopped: at the window's end, rows filled, a record that cannot be, a block that is no packet, an unknown interface."""


class Header(NamedTuple):
    """The file header."""

    is_big: bool
    unit_ns: int
    record_header_bytes: int
    snaplen: int
    linktype: int


def is_pcap(head: bytes) -> bool:
    """Whether the bytes begin a pcap file."""
    return len(head) >= 4 and int.from_bytes(head[:4], "big") in MAGICS


def read_header(head: bytes) -> Header | None:
    """The header, or None where the file is shorter than one. The link type's upper bits (FCS length) are dropped."""
    if len(head) < HEADER_BYTES:
        return None
    is_big, unit_ns, record = MAGICS[int.from_bytes(head[:4], "big")]
    snaplen, linktype = struct.unpack_from(">II" if is_big else "<II", head, 16)
    return Header(is_big, unit_ns, record, snaplen, linktype & 0xFFFF)


@kernel
def note(counter: Any, row: int) -> None:
    """Count something, and keep the row of the first."""
    if counter[0] == 0:
        counter[1] = row
    counter[0] += 1


@kernel
def walk_pcap(
    data: Bytes, base: int, at: int, is_big: bool, unit_ns: int, header_bytes: int, most_bytes: int,
    columns: Columns, row: int, stop: int, rows_before: int, notes: Notes,
) -> tuple[int, int, int]:  # fmt: skip
    """Fill rows from the records at `at` (index into the window) on: (rows filled, where the next record begins, why it stopped)."""
    first, size = row, len(data)
    while row < stop:
        if at + header_bytes > size:
            return row - first, at, NEEDS_MORE
        seconds, fraction = u32(data, at, is_big), u32(data, at + 4, is_big)
        captured, original = u32(data, at + 8, is_big), u32(data, at + 12, is_big)
        if captured > most_bytes:
            return row - first, at, IS_DAMAGED
        body = at + header_bytes
        if body + captured > size:
            return row - first, at, NEEDS_MORE
        if fraction * unit_ns >= 1_000_000_000:
            note(notes.bad_fractions, rows_before + row - first)
            fraction = 0
        if captured > original:
            note(notes.longer, rows_before + row - first)
        columns.ts_ns[row] = seconds * 1_000_000_000 + fraction * unit_ns
        columns.offset[row] = base + body
        columns.captured_length[row] = captured
        columns.original_length[row] = original
        at = body + captured
        row += 1
    return row - first, at, IS_FULL


class PcapReader:
    """Walks the records of a pcap file. `window` is where the rows filled last have their bytes."""

    format = "pcap"
    comments: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    def __init__(self, source: ByteSource, header: Header, engine: Engine, notes: Notes) -> None:
        self.header, self.problems = header, list[Problem]()
        self.byte_order = "big" if header.is_big else "little"
        self.resolution_ns = header.unit_ns
        self.interfaces = [CaptureInterface(linktype=header.linktype, snaplen=header.snaplen)]
        self.is_done = False
        self.window = source.window(0, HEADER_BYTES)
        self._source, self._notes = source, notes
        self._walk = engine(walk_pcap)
        self._view = engine.view
        self._at = HEADER_BYTES
        self._most = max(MAX_FRAME_BYTES, min(header.snaplen, MAX_SNAPLEN_BYTES))

    def fill(self, columns: Columns, start: int, stop: int, rows_before: int) -> int:
        """Fill rows from `start`, at most to `stop`; returns how many. None and `is_done`: the end."""
        header = self.header
        self.window = window = self._source.window(self._at, header.record_header_bytes)
        view = self._view(window.data)
        for _ in range(2):
            rows, at, reason = self._walk(
                view, window.base, self._at - window.base, header.is_big, header.unit_ns, header.record_header_bytes,
                self._most, columns, start, stop, rows_before, self._notes,
            )  # fmt: skip
            self._at = window.base + at
            if rows or reason != NEEDS_MORE:
                break
            self.window = window = self._source.window(self._at, header.record_header_bytes + self._most)
            view = self._view(window.data)
        if reason == IS_DAMAGED:
            length = int.from_bytes(window.data[at + 8 : at + 12].tobytes(), "big" if header.is_big else "little")
            self._stop(Problem(BAD_LENGTH(length=length), frame=rows_before + rows + 1, offset=self._at, lost=True))
        elif reason == NEEDS_MORE and not rows:
            self._end(window, rows_before)
        return int(rows)

    def _end(self, window: Window, rows: int) -> None:
        left = window.end - self._at
        self._stop(Problem(CUT_RECORD(n=left), offset=self._at, lost=True) if left else None)

    def _stop(self, problem: Problem | None) -> None:
        self.is_done = True
        if problem is not None:
            self.problems.append(problem)

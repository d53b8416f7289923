"""pcapng files: sections, interfaces, and the walk over packet blocks (draft-ietf-opsawg-pcapng)."""

import struct
from typing import Any, NamedTuple

import msgspec
import numpy as np

from runs.analysis.facts.capture import CaptureInterface
from runs.analysis.packets.jit import Engine, kernel
from runs.analysis.packets.pcap import IS_BAD_INTERFACE, IS_DAMAGED, IS_FULL, IS_OTHER_BLOCK, MAX_FRAME_BYTES, NEEDS_MORE, note
from runs.analysis.packets.pcapng_blocks import (
    INTERFACE,
    INTERFACE_STATISTICS,
    NAME_RESOLUTION,
    SECTION_HEADER,
    InterfaceClock,
    interface_of,
    names_of,
    options_of,
    statistics_of,
    texts_of,
)  # fmt: skip
from runs.analysis.packets.problems import BAD_BLOCK, BAD_INTERFACE, CUT_RECORD, NO_SECTION, Notes
from runs.analysis.packets.store import Columns
from runs.analysis.packets.stream import ByteSource
from runs.analysis.packets.words import Bytes, u16, u32
from runs.analysis.registry import Problem

OBSOLETE_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 2, 3, 6
MAX_BLOCK_BYTES = 16 << 20
MAX_COMMENTS = 100
MAX_NAMES = 1_000
MAX_INTERFACES = 65_535


class Clocks(NamedTuple):
    """How each interface of the section counts time, as arrays for the kernel; one entry an interface."""

    is_binary: Any  # u1: the resolution is a power of two
    exponent: Any  # i8: ticks in a second are 10^exponent or 2^exponent
    offset_s: Any  # i8: seconds to add
    snaplen: Any  # i8


def make_clocks(clocks: list[InterfaceClock]) -> Clocks:
    """The arrays of a section's interfaces."""
    fields = (np.array([getattr(clock, name) for clock in clocks], np.int64) for name in InterfaceClock._fields)
    return Clocks(*fields)


@kernel
def time_ns(ticks: int, is_binary: int, exponent: int, offset_s: int) -> int:
    """Ticks since 1970 as ns UTC; -1 where that is beyond what 64 bits hold."""
    if is_binary:
        seconds, rest = (ticks >> exponent, ticks & ((1 << exponent) - 1)) if exponent < 63 else (0, 0)
        drop = max(0, exponent - 30)
        fraction = ((rest >> drop) * 1_000_000_000) >> (exponent - drop)
    else:
        unit = 1
        for _ in range(min(exponent, 18)):
            unit *= 10
        seconds, rest = ticks // unit, ticks % unit
        fraction = rest
        for _ in range(9 - exponent):
            fraction *= 10
        for _ in range(exponent - 9):
            fraction //= 10
    seconds += offset_s
    if seconds < 0 or seconds > 9_000_000_000:
        return -1
    return seconds * 1_000_000_000 + fraction


@kernel
def walk_pcapng(
    data: Bytes, base: int, at: int, is_big: bool, first_interface: int, clocks: Clocks,
    columns: Columns, row: int, stop: int, rows_before: int, notes: Notes,
) -> tuple[int, int, int]:  # fmt: skip
    """Fill rows from the packet blocks at `at`: (rows filled, where the next block begins, why it stopped)."""
    first, size, known = row, len(data), len(clocks.exponent)
    while row < stop:
        if at + 12 > size:
            return row - first, at, NEEDS_MORE
        kind, length = u32(data, at, is_big), u32(data, at + 4, is_big)
        if kind != ENHANCED_PACKET and kind != OBSOLETE_PACKET and kind != SIMPLE_PACKET:
            return row - first, at, IS_OTHER_BLOCK
        fixed = 16 if kind == SIMPLE_PACKET else 32
        if length < fixed or length % 4 or length > MAX_BLOCK_BYTES:
            return row - first, at, IS_DAMAGED
        if at + length > size:
            return row - first, at, NEEDS_MORE
        if u32(data, at + length - 4, is_big) != length:
            return row - first, at, IS_DAMAGED
        interface, body, ts_ns = 0, at + 28, -1
        if kind == ENHANCED_PACKET:
            interface = u32(data, at + 8, is_big)
        elif kind == OBSOLETE_PACKET:
            interface = u16(data, at + 8, is_big)
        if interface >= known:
            return row - first, at, IS_BAD_INTERFACE
        if kind == SIMPLE_PACKET:
            original, body = u32(data, at + 8, is_big), at + 12
            captured = min(original, length - 16)
            if clocks.snaplen[interface] > 0:
                captured = min(captured, int(clocks.snaplen[interface]))
            note(notes.without_time, rows_before + row - first)
            ts_ns = int(notes.last_ts_ns[0])
        else:
            ticks = (u32(data, at + 12, is_big) & 0x7FFFFFFF) << 32 | u32(data, at + 16, is_big)
            captured, original = u32(data, at + 20, is_big), u32(data, at + 24, is_big)
            if captured > length - 32:
                return row - first, at, IS_DAMAGED
            ts_ns = time_ns(
                ticks, int(clocks.is_binary[interface]), int(clocks.exponent[interface]), int(clocks.offset_s[interface])
            )
            if ts_ns < 0:
                note(notes.bad_fractions, rows_before + row - first)
                ts_ns = 0
            if length - 32 >= (captured + 3) // 4 * 4 + 4 and notes.options_at[0] < len(notes.options_at) - 1:
                notes.options_at[0] += 1
                notes.options_at[notes.options_at[0]] = base + at
            notes.last_ts_ns[0] = ts_ns
        if captured > original:
            note(notes.longer, rows_before + row - first)
        columns.ts_ns[row] = ts_ns
        columns.offset[row] = base + body
        columns.captured_length[row] = captured
        columns.original_length[row] = original
        columns.interface[row] = first_interface + interface
        at += length
        row += 1
    return row - first, at, IS_FULL


class PcapngReader:
    """Walks the blocks of a pcapng file; blocks that are no packets are read here, packets in the kernel."""

    format = "pcapng"

    def __init__(self, source: ByteSource, engine: Engine, notes: Notes) -> None:
        self.problems: list[Problem] = []
        self.interfaces: list[CaptureInterface] = []
        self.is_done = False
        self.window = source.window(0, 28)
        self.byte_order = "little"
        self.resolution_ns = 1_000
        self._comments: list[str] = []
        self._names: list[tuple[str, str]] = []
        self._source, self._notes = source, notes
        self._walk, self._view = engine(walk_pcapng), engine.view
        self._at = 0
        self._is_big = False
        self._has_section = False
        self._first_interface = 0
        self._section: list[InterfaceClock] = []
        self._clocks = make_clocks([])

    @property
    def comments(self) -> tuple[str, ...]:
        return tuple(self._comments)

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._names)

    def fill(self, columns: Columns, start: int, stop: int, rows_before: int) -> int:
        """Fill rows from `start`, at most to `stop`; returns how many. None and `is_done`: the end."""
        self.window = window = self._source.window(self._at, 28)
        view = self._view(window.data)
        for _ in range(2):
            if not self._has_section:
                if not self._other_block(rows_before):
                    return 0
                self.window = window = self._source.window(self._at, 28)
                view = self._view(window.data)
            rows, at, reason = self._walk(
                view, window.base, self._at - window.base, self._is_big, self._first_interface, self._clocks,
                columns, start, stop, rows_before, self._notes,
            )  # fmt: skip
            self._at = window.base + at
            if rows or reason != NEEDS_MORE:
                break
            self.window = window = self._source.window(self._at, 28 + MAX_FRAME_BYTES)
            if window.end - self._at >= 8:
                length = struct.unpack_from(">I" if self._is_big else "<I", window.data.data, self._at - window.base + 4)[0]
                self.window = window = self._source.window(self._at, min(length, MAX_BLOCK_BYTES))
            view = self._view(window.data)
        self._packet_comments()
        if rows and reason != IS_FULL:
            return int(rows)  # what stopped the walk is met again, with nothing filled
        if reason == IS_OTHER_BLOCK:
            self._other_block(rows_before)
        elif reason == IS_BAD_INTERFACE:
            field = "H" if self._block(12)[1] == OBSOLETE_PACKET else "I"
            interface = self._unpack(field, 8)
            problem = BAD_INTERFACE(interface=interface, known=len(self._section))
            self._stop(Problem(problem, frame=rows_before + 1, offset=self._at, lost=True))
        elif reason == IS_DAMAGED:
            self._bad_block(rows_before)
        elif reason == NEEDS_MORE and not rows:
            left = window.end - self._at
            self._stop(Problem(CUT_RECORD(n=left), offset=self._at, lost=True) if left else None)
        return int(rows)

    def _unpack(self, field: str, after: int) -> int:
        data = self._source.window(self._at, 32)
        value = struct.unpack_from((">" if self._is_big else "<") + field, data.data.data, self._at - data.base + after)[0]
        return int(value)

    def _block(self, least: int) -> tuple[bytes, int, int]:
        """The first bytes of the block here, its type and its length; 0 where there are fewer than 12 bytes."""
        window = self._source.window(self._at, least)
        head = window.data[self._at - window.base :][:least].tobytes()
        if len(head) < 12:
            return head, 0, 0
        kind, length = struct.unpack_from(">II" if self._is_big else "<II", head)
        return head, kind, length

    def _other_block(self, rows: int) -> bool:
        """Read the block here, which is no packet; False where the walk ends with it."""
        head, kind, length = self._block(28)
        if kind == SECTION_HEADER and len(head) >= 12:
            self._is_big = head[8:12] == b"\x1a\x2b\x3c\x4d"
            head, kind, length = self._block(28)
        elif not self._has_section:
            self._stop(Problem(NO_SECTION(), offset=self._at, lost=True))
            return False
        if not length and not kind:
            self._stop(Problem(CUT_RECORD(n=len(head)), offset=self._at, lost=True) if head else None)
            return False
        if length < 12 or length % 4 or length > MAX_BLOCK_BYTES:
            self._bad_block(rows)
            return False
        block, *_ = self._block(length)
        if len(block) < length:
            self._stop(Problem(CUT_RECORD(n=len(block)), offset=self._at, lost=True))
            return False
        self._read_block(kind, block[8:-4])
        self._at += length
        return True

    def _read_block(self, kind: int, body: bytes) -> None:
        order = ">" if self._is_big else "<"
        if kind == SECTION_HEADER:
            self._has_section = True
            self.byte_order = "big" if self._is_big else "little"
            self._first_interface, self._section = len(self.interfaces), []
            self._comment(texts_of(options_of(body[16:], order), 1))
        elif kind == INTERFACE and len(self.interfaces) < MAX_INTERFACES:
            interface, clock = interface_of(body, order)
            self.interfaces.append(interface)
            self._section.append(clock)
            if len(self.interfaces) == 1 or clock.resolution_ns() < self.resolution_ns:
                self.resolution_ns = clock.resolution_ns()
            self._comment(texts_of(options_of(body[8:], order), 1))
        elif kind == INTERFACE_STATISTICS:
            number, received, dropped = statistics_of(body, order)
            if number < len(self._section):
                index = self._first_interface + number
                known = self.interfaces[index]
                self.interfaces[index] = msgspec.structs.replace(known, received_count=received, dropped_count=dropped)
        elif kind == NAME_RESOLUTION:
            self._names += names_of(body, order)[: MAX_NAMES - len(self._names)]
        self._clocks = make_clocks(self._section)

    def _packet_comments(self) -> None:
        """Comments of the packet blocks that the walk just passed."""
        at, order = self._notes.options_at, ">" if self._is_big else "<"
        for offset in at[1 : int(at[0]) + 1]:
            start = int(offset) - self.window.base
            if start >= 0 and len(self._comments) < MAX_COMMENTS:
                length, captured = (struct.unpack_from(order + "I", self.window.data.data, start + n)[0] for n in (4, 20))
                options = self.window.data[start + 28 + (captured + 3) // 4 * 4 : start + length - 4].tobytes()
                self._comment(texts_of(options_of(options, order), 1))
        at[0] = 0 if len(self._comments) < MAX_COMMENTS else len(at) - 1

    def _comment(self, texts: list[str]) -> None:
        self._comments += texts[: MAX_COMMENTS - len(self._comments)]

    def _bad_block(self, rows: int) -> None:
        _, kind, length = self._block(28)
        self._stop(Problem(BAD_BLOCK(kind=kind, length=length), frame=rows + 1, offset=self._at, lost=True))

    def _stop(self, problem: Problem | None) -> None:
        self.is_done = True
        if problem is not None:
            self.problems.append(problem)

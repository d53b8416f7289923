"""What a zip says it holds: its central directory, or where it was cut off its local headers (PKWARE APPNOTE 4.3, 4.4, 4.5).

Names and sizes are claims; `zip_archive.py` checks them against the data.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LOCAL, CENTRAL, END, END64, LOCATOR64, DESCRIPTOR = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\x08"
FLAG_ENCRYPTED, FLAG_DESCRIPTOR, FLAG_UTF8 = 0x0001, 0x0008, 0x0800
_END_BYTES, _COMMENT_MAX_BYTES = 22, 0xFFFF
_SEARCH_BYTES = 1 << 20
_FAT, _NTFS, _VFAT = 0, 10, 14


@dataclass(frozen=True)
class ZipEntry:
    """One member as declared. `header_at`: offset of its local header; `packed_bytes` is None where the archive ends inside it."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int | None
    size_bytes: int
    header_at: int
    mode: int = 0  # the type bits of Unix' st_mode; 0: unknown
    system: int = 3

    @property
    def backslashes(self) -> bool:
        """Packed on a system whose separator is '\'."""
        return self.system in (_FAT, _NTFS, _VFAT)


@dataclass(frozen=True)
class Directory:
    """Where the central directory stands. `shift` is added to every offset: something was put before the archive."""

    at: int
    size_bytes: int
    entry_count: int
    shift: int


def find_directory(file: BinaryIO, file_bytes: int) -> Directory | None:
    """The central directory by its end record; None where there is none (cut off, or no zip)."""
    tail_at = max(0, file_bytes - _END_BYTES - _COMMENT_MAX_BYTES)
    file.seek(tail_at)
    tail = file.read(_END_BYTES + _COMMENT_MAX_BYTES)
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < _END_BYTES:
        return None
    count, size, offset = struct.unpack_from("<HII", tail, at + 10)
    end_at = tail_at + at
    if 0xFFFFFFFF in (size, offset) or count == 0xFFFF:
        zip64 = _zip64_end(file, end_at)
        if zip64 is not None:
            count, size, offset, end_at = zip64
    shift = end_at - size - offset
    if shift < 0 or size > file_bytes:
        return None
    return Directory(end_at - size, size, count, shift)


def _zip64_end(file: BinaryIO, end_at: int) -> tuple[int, int, int, int] | None:
    if end_at < 20:
        return None
    file.seek(end_at - 20)
    locator = file.read(20)
    if not locator.startswith(LOCATOR64):
        return None
    (record_at,) = struct.unpack_from("<Q", locator, 8)
    if record_at > end_at:
        return None
    file.seek(record_at)
    record = file.read(56)
    if len(record) < 56 or not record.startswith(END64):
        return None
    count, size, offset = struct.unpack_from("<QQQ", record, 32)
    return count, size, offset, record_at


def central_entries(file: BinaryIO, directory: Directory) -> Iterator[ZipEntry | None]:
    """The members in the directory's order, read one by one; a final None where the directory is damaged."""
    at, end = directory.at, directory.at + directory.size_bytes
    while at < end:
        file.seek(at)
        head = file.read(46)
        if len(head) < 46 or not head.startswith(CENTRAL):
            yield None
            return
        made, flags, method, crc, packed, size = struct.unpack_from("<H2xHH4xIII", head, 4)
        name_bytes, extra_bytes, comment_bytes = struct.unpack_from("<HHH", head, 28)
        attributes, header_at = struct.unpack_from("<II", head, 38)
        name, extra = file.read(name_bytes), file.read(extra_bytes)
        size, packed, header_at = _wide(extra, size, packed, header_at)
        yield ZipEntry(
            _unicode_name(name, extra), flags, method, crc, packed, size, header_at + directory.shift, attributes >> 16, made >> 8
        )
        at += 46 + name_bytes + extra_bytes + comment_bytes
    if directory.entry_count == 0 and directory.size_bytes:
        yield None


def local_entries(file: BinaryIO, file_bytes: int) -> Iterator[ZipEntry]:
    """The members of a zip without directory, header after header; the last one may be cut."""
    at = 0
    while at + 30 <= file_bytes:
        file.seek(at)
        head = file.read(30)
        if not head.startswith(LOCAL):
            return
        flags, method, crc, packed, size, name_bytes, extra_bytes = struct.unpack_from("<HH4xIIIHH", head, 6)
        name, extra = file.read(name_bytes), file.read(extra_bytes)
        size, packed, _ = _wide(extra, size, packed, 0)
        data_at = at + 30 + name_bytes + extra_bytes
        after = data_at + packed
        if flags & FLAG_DESCRIPTOR:
            described = _descriptor(file, data_at)
            if described is None:
                yield ZipEntry(_unicode_name(name, extra), flags, method, 0, None, 0, at)
                return
            crc, packed, size, after = described
        cut = after > file_bytes
        yield ZipEntry(_unicode_name(name, extra), flags, method, crc, None if cut else packed, size, at)
        at = after


def _descriptor(file: BinaryIO, data_at: int) -> tuple[int, int, int, int] | None:
    """(crc, packed, size, offset after it) from the data descriptor that agrees with its own place; None: cut before it."""
    at, window = data_at, b""
    while True:
        file.seek(at)
        window = file.read(_SEARCH_BYTES)
        found = window.find(DESCRIPTOR)
        while 0 <= found <= len(window) - 16:
            crc, packed, size = struct.unpack_from("<III", window, found + 4)
            if packed == at + found - data_at:
                return crc, packed, size, at + found + 16
            found = window.find(DESCRIPTOR, found + 1)
        if len(window) < _SEARCH_BYTES:
            return None
        at += _SEARCH_BYTES - 16


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _wide(extra: bytes, size: int, packed: int, header_at: int) -> tuple[int, int, int]:
    """Sizes and offset with those of the zip64 field, which stands only for the ones that are all ones."""
    for tag, data in _extra_fields(extra):
        if tag == 0x0001:
            values = iter(struct.unpack(f"<{len(data[:24]) // 8}Q", data[: len(data[:24]) // 8 * 8]))
            size, packed, header_at = (next(values, v) if v == 0xFFFFFFFF else v for v in (size, packed, header_at))
    return size, packed, header_at


def _unicode_name(name: bytes, extra: bytes) -> bytes:
    """Info-ZIP's UTF-8 name, where its checksum says that it belongs to this name."""
    for tag, data in _extra_fields(extra):
        if tag == 0x7075 and len(data) > 5 and int.from_bytes(data[1:5], "little") == zlib.crc32(name):
            return data[5:]
    return name

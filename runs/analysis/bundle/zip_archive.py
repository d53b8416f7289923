"""Reads a zip member by member, each checked against what the directory declares: length, checksum, kind, encryption.

Stored, deflate, bzip2, lzma and zstd (PKWARE APPNOTE 4.4.5). The directory's names count, not the local headers'.
"""

import io
import stat
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from runs.analysis.bundle.entries import (
    CUT,
    DAMAGED,
    DAMAGED_ARCHIVE,
    ENCRYPTED,
    LINK,
    METHOD,
    ONLY_PART,
    SPECIAL,
    Found,
)
from runs.analysis.bundle.limits import Budget, BundleError, MemberError
from runs.analysis.bundle.streams import StreamError, ZstdStream, bzip2_stream, deflate_stream, lzma_stream
from runs.analysis.bundle.zip_directory import FLAG_ENCRYPTED, LOCAL, ZipEntry, central_entries, find_directory, local_entries
from runs.analysis.messages import Text, message

ALL_ENCRYPTED = message(
    "bundle.encrypted",
    en="The archive is encrypted: {count:count} of {count:count} {count:plural:member needs|members need} a password. "
    "Upload it without encryption.",
    ja="書庫が暗号化されているため読めない ({count:count} 項目すべてにパスワードが要る)。暗号化せずに送る。",
)
LONGER = message(
    "bundle.longer_than_declared",
    en="it declares {declared:bytes} and holds more",
    ja="申告は {declared:bytes} だが中身はそれより長い",
)
SHORTER = message(
    "bundle.shorter_than_declared",
    en="it declares {declared:bytes} and holds {actual:bytes}",
    ja="申告は {declared:bytes} だが中身は {actual:bytes}",
)
CHECKSUM = message("bundle.checksum", en="the checksum does not match", ja="チェックサムが一致しない")
NO_DATA = message("bundle.no_data", en="its compressed data make no sense", ja="圧縮データを復元できない")
FOLDER_WITH_DATA = message(
    "bundle.folder_with_data", en="it is named as a folder and holds data", ja="フォルダの名前なのに中身を持つ"
)
OVERLAPS = message("bundle.overlaps", en="its data overlap another file's", ja="データが別のファイルと重なっている")

STORED, DEFLATED, BZIP2, LZMA, ZSTD = 0, 8, 12, 14, 93
_LZMA_HAS_END_MARK = 0x0002


class _Slice(io.RawIOBase):
    """`left_bytes` of a file from where it stands."""

    def __init__(self, file: BinaryIO, at: int, left_bytes: int) -> None:
        self._file, self._at, self._left_bytes = file, at, left_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._at)
        data = self._file.read(min(len(buffer), self._left_bytes))
        self._at += len(data)
        self._left_bytes -= len(data)
        buffer[: len(data)] = data
        return len(data)


class _Checked(io.RawIOBase):
    """A member's expanded bytes, held against the declared length and checksum. Raises MemberError."""

    def __init__(self, inner: io.RawIOBase, entry: ZipEntry, open_ended: bool) -> None:
        self._inner, self._entry, self._open_ended = inner, entry, open_ended
        self._size, self._crc = 0, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        declared = self._entry.size_bytes
        most = len(buffer)
        if self._open_ended:  # raw lzma without an end mark: only the declared length says where it ends
            most = min(most, declared - self._size)
        try:
            data = (self._inner.read(most) or b"") if most else b""
        except StreamError as error:
            raise MemberError(DAMAGED(how=NO_DATA())) from error
        self._size += len(data)
        self._crc = zlib.crc32(data, self._crc)
        if self._size > declared:
            raise MemberError(DAMAGED(how=LONGER(declared=declared)))
        if not data and len(buffer):
            if self._size < declared:
                raise MemberError(DAMAGED(how=SHORTER(declared=declared, actual=self._size)))
            if self._crc != self._entry.crc:
                raise MemberError(DAMAGED(how=CHECKSUM()))
        buffer[: len(data)] = data
        return len(data)


class ZipReader:
    """Yields the members of a zip in the order of its directory."""

    def __init__(self, file: BinaryIO, file_bytes: int, budget: Budget) -> None:
        self._file, self._file_bytes, self._budget = file, file_bytes, budget
        self.problems: list[Text] = []

    def found(self) -> Iterator[Found]:
        """Each member once. Raises BundleError where nothing can be read, or everything is encrypted."""
        entries = self._entries()
        members = [e for e in entries if not e.raw_name.endswith(b"/")]
        if members and all(e.flags & FLAG_ENCRYPTED for e in members):
            raise BundleError(ALL_ENCRYPTED(count=len(members)))
        overlapping = _overlapping(entries, self._file_bytes)
        for number, entry in enumerate(entries):
            if not entry.raw_name.endswith(b"/") or entry.size_bytes:
                yield self._found(entry, number in overlapping)

    def _entries(self) -> list[ZipEntry]:
        directory = find_directory(self._file, self._file_bytes)
        listed = central_entries(self._file, directory) if directory else local_entries(self._file, self._file_bytes)
        entries: list[ZipEntry] = []
        whole = directory is not None
        for entry in listed:
            if entry is None:
                whole = False
            else:
                self._budget.take_entry()
                entries.append(entry)
        if not whole and not entries:
            raise BundleError(DAMAGED_ARCHIVE())
        if not whole:
            self.problems.append(ONLY_PART(count=sum(e.packed_bytes is not None for e in entries)))
        return entries

    def _found(self, entry: ZipEntry, overlaps: bool) -> Found:
        kind = stat.S_IFMT(entry.mode)
        refusal = None
        if kind == stat.S_IFLNK:
            refusal = LINK()
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            refusal = SPECIAL()
        elif entry.packed_bytes is None:
            refusal = CUT()
        elif overlaps:
            refusal = DAMAGED(how=OVERLAPS())
        elif entry.raw_name.endswith(b"/"):
            refusal = DAMAGED(how=FOLDER_WITH_DATA())
        elif entry.flags & FLAG_ENCRYPTED:
            refusal = ENCRYPTED()
        elif entry.method not in (STORED, DEFLATED, BZIP2, LZMA, ZSTD):
            refusal = METHOD(method=entry.method)
        return Found(
            entry.raw_name,
            entry.size_bytes,
            lambda: self._open(entry),
            refusal,
            entry.backslashes,
            packed_bytes=entry.packed_bytes,
        )

    def _open(self, entry: ZipEntry) -> io.RawIOBase:
        """The member's stream. Raises MemberError."""
        assert entry.packed_bytes is not None
        if entry.header_at >= self._file_bytes:  # a claim may be larger than what can be sought
            raise MemberError(DAMAGED(how=NO_DATA()))
        self._file.seek(entry.header_at)
        head = self._file.read(30)
        if len(head) < 30 or not head.startswith(LOCAL):
            raise MemberError(DAMAGED(how=NO_DATA()))
        if head[6] & FLAG_ENCRYPTED:
            raise MemberError(ENCRYPTED())
        data_at = entry.header_at + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        packed: io.RawIOBase = _Slice(self._file, data_at, entry.packed_bytes)
        try:
            if entry.method == DEFLATED:
                packed = deflate_stream(packed)
            elif entry.method == BZIP2:
                packed = bzip2_stream(packed)
            elif entry.method == LZMA:
                packed = lzma_stream(packed)
            elif entry.method == ZSTD:
                packed = ZstdStream(packed)
        except StreamError as error:
            raise MemberError(DAMAGED(how=NO_DATA())) from error
        return _Checked(packed, entry, entry.method == LZMA and not entry.flags & _LZMA_HAS_END_MARK)


def _overlapping(entries: Sequence[ZipEntry], file_bytes: int) -> set[int]:
    """Which entries claim bytes that an earlier one has: a few bytes read again and again would grow beyond any ratio."""
    found: set[int] = set()
    end = 0
    for number in sorted(range(len(entries)), key=lambda n: entries[n].header_at):
        after = entries[number].header_at + 30 + (entries[number].packed_bytes or 0)
        if entries[number].header_at < end:
            found.add(number)
        elif after <= file_bytes:  # a claim beyond the file is false, and takes nothing from others
            end = after
    return found

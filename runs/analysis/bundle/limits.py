"""How much a bundle may hold and how far it may grow, and the account that is kept while it is read.

Declared sizes may lie, so bytes are counted as they come out of the decompressor.
"""

import io
from typing import BinaryIO

import msgspec

from runs.analysis.messages import Text, message

RATIO_FLOOR_BYTES = 64 << 20  # a small text may shrink to a thousandth; growth is judged only beyond this size
MAX_DECODER_MEMORY_BYTES = 256 << 20  # what a dictionary or window of xz, lzma or zstd may take
MAX_HEADER_BYTES = 1 << 20  # an extended header of a tar member

TOO_LARGE = message(
    "bundle.file_too_large", en="Larger than {most:bytes}, the limit for one file.", ja="1 ファイルの上限 {most:bytes} を超える。"
)
GROWS = message(
    "bundle.file_grows",
    en="Grows to more than {ratio:count} times its packed size of {packed:bytes}. If it is genuine, upload it unpacked.",
    ja="圧縮時の大きさ {packed:bytes} の {ratio:count} 倍を超えて膨らむ。正当なファイルなら展開して送る。",
)
ARCHIVE_GROWS = message(
    "bundle.archive_grows",
    en="The archive grows to more than {ratio:count} times its size of {packed:bytes}; none of it is taken.",
    ja="書庫が大きさ {packed:bytes} の {ratio:count} 倍を超えて膨らむため、何も取り込まない。",
)
TOTAL_TOO_LARGE = message(
    "bundle.total_too_large",
    en="The bundle holds more than {most:bytes}, the limit for one upload; none of it is taken.",
    ja="束の合計が 1 回の上限 {most:bytes} を超えるため、何も取り込まない。",
)
TOO_MANY = message(
    "bundle.too_many_files",
    en="The bundle has more than {most:count} members, the limit; none of it is taken.",
    ja="束の項目数が上限 {most:count} を超えるため、何も取り込まない。",
)


class BundleError(Exception):
    """The bundle as a whole cannot be taken. `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


class MemberError(Exception):
    """One member cannot be taken; the others can. `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one bundle, or one upload of several, may hold."""

    max_file_bytes: int = 2 << 30  # one file, expanded
    max_total_bytes: int = 2 << 30  # all files of the bundle, expanded
    max_files: int = 10_000  # members of every sort, refused ones and folders of an archive included
    max_ratio: int = 100  # expanded to packed size, judged beyond RATIO_FLOOR_BYTES
    max_depth: int = 32  # folders above a file; an archive inside an archive is never expanded, it stays a file
    max_name_bytes: int = 480  # the whole path in UTF-8; fits the database's key with a number added


class Budget:
    """The account of one bundle (or of one upload of several): members and bytes taken so far."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.entry_count = 0
        self.total_bytes = 0

    def take_entry(self) -> None:
        """Count a member. Raises BundleError when there are too many."""
        self.entry_count += 1
        if self.entry_count > self.limits.max_files:
            raise BundleError(TOO_MANY(most=self.limits.max_files))

    def take_bytes(self, count: int) -> None:
        """Count expanded bytes. Raises BundleError when the total is crossed."""
        self.total_bytes += count
        if self.total_bytes > self.limits.max_total_bytes:
            raise BundleError(TOTAL_TOO_LARGE(most=self.limits.max_total_bytes))


class FileStream(io.RawIOBase):
    """A member's bytes, counted. Raises MemberError when the file is too large or grows too far, BundleError for the total."""

    def __init__(self, inner: BinaryIO | io.RawIOBase, budget: Budget, packed_bytes: int | None) -> None:
        self._inner, self._budget, self._packed_bytes = inner, budget, packed_bytes
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer)) or b""
        limits = self._budget.limits
        self._size += len(data)
        if self._size > limits.max_file_bytes:
            raise MemberError(TOO_LARGE(most=limits.max_file_bytes))
        if self._packed_bytes is not None and self._size > max(RATIO_FLOOR_BYTES, self._packed_bytes * limits.max_ratio):
            raise MemberError(GROWS(ratio=limits.max_ratio, packed=self._packed_bytes))
        self._budget.take_bytes(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


class ArchiveStream(io.RawIOBase):
    """A compressed archive's bytes, expanded and counted as one. Raises BundleError when it grows too far."""

    def __init__(self, inner: io.RawIOBase, budget: Budget, packed_bytes: int) -> None:
        self._inner, self._budget, self._packed_bytes = inner, budget, packed_bytes
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer)) or b""
        self._size += len(data)
        ratio = self._budget.limits.max_ratio
        if self._size > max(RATIO_FLOOR_BYTES, self._packed_bytes * ratio):
            raise BundleError(ARCHIVE_GROWS(ratio=ratio, packed=self._packed_bytes))
        self._budget.take_bytes(len(data))
        buffer[: len(data)] = data
        return len(data)

"""The bytes of a capture as windows of bounded size, decompressed on the way; gzip and zstd are recognised by content.

A window stays as it is until the next one is asked for.
"""

import os
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, NamedTuple, Protocol, Self

import numpy as np

from runs.analysis.columns import Array

READ_BYTES = 4 << 20
SINGLE_READ_BYTES = 64 << 10  # around a frame that is looked up
CHUNK_BYTES = 4 << 20
MAX_ZSTD_WINDOW_BYTES = 128 << 20
GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

Compression = Literal["gzip", "zstd"]


class Window(NamedTuple):
    """A stretch of the capture: read-only bytes (u1) and the offset of the first of them."""

    data: Array
    base: int

    @property
    def end(self) -> int:
        return self.base + len(self.data)


class ByteSource(Protocol):
    """A capture's bytes. Offsets count in the decompressed capture and are asked for in rising order."""

    compression: Compression | None
    size: int | None  # decompressed; None: not known yet
    damage: int | None  # offset where decompression failed or was cut; None: sound

    def window(self, offset: int, least: int) -> Window:
        """A window that holds `offset` and, where there are that many, `least` bytes from it."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


def compression_of(head: bytes) -> Compression | None:
    """What a file is compressed with, by its first bytes."""
    if head.startswith(GZIP_MAGIC):
        return "gzip"
    return "zstd" if head.startswith(ZSTD_MAGIC) else None


def open_bytes(origin: Path | bytes) -> ByteSource:
    """The bytes of a file (or bytes at hand), decompressed where they are compressed. Raises OSError."""
    if isinstance(origin, bytes):
        compression = compression_of(origin[:4])
        return Held(origin) if compression is None else Decompressed(BytesIO(origin), compression)
    with origin.open("rb") as file:
        compression = compression_of(file.read(4))
    return Plain(origin) if compression is None else Decompressed(origin.open("rb"), compression)


def first_bytes(head: bytes, compression: Compression, most: int = 4_096) -> bytes:
    """The first decompressed bytes, from the first bytes of a compressed file; fewer or none where they are damaged."""
    with Decompressed(BytesIO(head), compression) as source:
        return source.window(0, most).data[:most].tobytes()


class Held:
    """Bytes in memory: a part of an archive, a test."""

    compression: Compression | None = None
    damage: int | None = None

    def __init__(self, data: bytes) -> None:
        self.size: int | None = len(data)
        self._window = Window(_readonly(data), 0)

    def window(self, offset: int, least: int) -> Window:
        """See ByteSource."""
        return self._window

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Plain:
    """A plain file, read a piece at a time into one buffer: what is walked and decoded is then in the processor's cache.

    Mapping it is no faster, counts its pages as the process' memory, and kills the process where the file is cut meanwhile.
    """

    compression: Compression | None = None
    damage: int | None = None

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.size: int | None = self._file.seek(0, 2)
        self._buffer = np.empty(0, np.uint8)
        self._window = Window(_readonly(b""), 0)

    def window(self, offset: int, least: int) -> Window:
        """See ByteSource. Any offset may be asked for; one behind the last window is taken for reading on."""
        assert self.size is not None
        held = self._window
        wanted = min(offset + least, self.size)
        if not (held.base <= offset and wanted <= held.end):
            ahead = READ_BYTES if held.base <= offset <= held.end else SINGLE_READ_BYTES
            self._window = self._read(offset, max(0, min(max(ahead, wanted - offset), self.size - offset)))
        return self._window

    def _read(self, offset: int, length: int) -> Window:
        if length > len(self._buffer):
            self._buffer = np.empty(max(length, min(READ_BYTES, self.size or 0)), np.uint8)
        filled = 0
        while filled < length:
            count = os.preadv(self._file.fileno(), [self._buffer[filled:length].data], offset + filled)
            if count == 0:
                break  # it was cut meanwhile
            filled += count
        data = self._buffer[:filled]
        data.flags.writeable = False
        return Window(data, offset)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._window, self._buffer = Window(_readonly(b""), 0), np.empty(0, np.uint8)
        self._file.close()


class Decompressed:
    """A compressed file, read once from start to end; what lies before the asked offset is let go."""

    def __init__(self, file: BinaryIO, compression: Compression) -> None:
        self.compression: Compression | None = compression
        self.size: int | None = None
        self.damage: int | None = None
        self._file = file
        self._chunks = _gunzip(self._file) if compression == "gzip" else _unzstd(self._file)
        self._window = Window(_readonly(b""), 0)

    def window(self, offset: int, least: int) -> Window:
        """See ByteSource."""
        held = self._window
        if self.size is None and offset + least > held.end:
            parts = [held.data[max(0, offset - held.base) :]]
            base, length = max(held.base, min(offset, held.end)), len(parts[0])
            while base + length < offset + max(least, CHUNK_BYTES):
                chunk = self._next(base + length)
                if chunk is None:
                    break
                parts.append(np.frombuffer(chunk, np.uint8))
                length += len(chunk)
            joined = np.concatenate(parts)
            joined.flags.writeable = False
            self._window = Window(joined, base)
        return self._window

    def _next(self, at: int) -> bytes | None:
        """The next chunk; None at the end, whose offset is `at`."""
        try:
            return next(self._chunks)
        except StopIteration:
            self.size = at
        except (zlib.error, EOFError, OSError, _zstd_error()):
            self.size = self.damage = at
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._window = Window(_readonly(b""), 0)
        self._file.close()


def _readonly(data: bytes) -> Array:
    return np.frombuffer(data, np.uint8)


def _zstd_error() -> type[Exception]:
    import zstandard  # here, because most captures are not compressed

    return zstandard.ZstdError


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    """All members of a gzip file in pieces. Raises zlib.error for damage, EOFError where it is cut."""
    member = zlib.decompressobj(31)
    pending, seen = b"", False
    while True:
        pending = pending or file.read(1 << 18)
        if not pending:
            if seen:
                raise EOFError
            return
        data = member.decompress(pending, CHUNK_BYTES)
        pending, seen = member.unconsumed_tail, True
        if data:
            yield data
        if member.eof:
            pending = (member.unused_data or file.read(1 << 18)).lstrip(b"\0")
            member, seen = zlib.decompressobj(31), False


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    """All frames of a zstd file in pieces. Raises ZstdError for damage."""
    import zstandard

    reader: Any = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW_BYTES).stream_reader(file, read_across_frames=True)
    while data := reader.read(CHUNK_BYTES):
        yield data

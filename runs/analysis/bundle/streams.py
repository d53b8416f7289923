"""Compressed bytes as streams of bounded memory: deflate, gzip, bzip2, xz, raw lzma, zstd."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

import zstandard

from runs.analysis.bundle.limits import MAX_DECODER_MEMORY_BYTES

CHUNK_BYTES = 64 << 10
MAX_STREAMS = 1 << 18  # concatenated in one file: bgzip's blocks of 64 KiB come to 16 GiB; empty ones cost time and give nothing
_BROKEN = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError)

GZIP, BZIP2, XZ, ZSTD = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"


class StreamError(Exception):
    """Compressed bytes end too early (`cut`) or make no sense."""

    def __init__(self, cut: bool) -> None:
        super().__init__("cut" if cut else "damaged")
        self.cut = cut


class Decoder(Protocol):
    """What the decoders of bz2 and lzma share; zlib's is made alike below."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """zlib's decoder with the face of bz2's."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class DecodedStream(io.RawIOBase):
    """Expanded bytes of a source. `magic`: further streams that start so follow on (gzip, bzip2 and xz may be concatenated).

    Raises StreamError from read.
    """

    def __init__(self, source: BinaryIO | io.RawIOBase, make: Callable[[], Decoder], magic: bytes | None) -> None:
        self._source, self._make, self._magic = source, make, magic
        self._decoder = make()
        self._stream_count = 1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._some(len(buffer))
        except _BROKEN as error:
            raise StreamError(cut=False) from error
        buffer[: len(data)] = data
        return len(data)

    def _some(self, most: int) -> bytes:
        while True:
            data = b""
            if self._decoder.eof:
                data = self._next_stream()
                if not data:
                    return b""
            elif self._decoder.needs_input:
                data = self._source.read(CHUNK_BYTES) or b""
                if not data:
                    raise StreamError(cut=True)
            made = self._decoder.decompress(data, most)
            if made:
                return made

    def _next_stream(self) -> bytes:
        """The start of the stream that follows, its decoder made; empty at the end or before something else."""
        if self._magic is None:
            return b""
        rest = self._decoder.unused_data.lstrip(b"\0")
        while len(rest) < len(self._magic):
            more = self._source.read(CHUNK_BYTES)
            if not more:
                return b""
            rest = (rest + more).lstrip(b"\0")
        if not rest.startswith(self._magic):
            return b""
        self._stream_count += 1
        if self._stream_count > MAX_STREAMS:
            raise StreamError(cut=False)
        self._decoder = self._make()
        return rest


class ZstdStream(io.RawIOBase):
    """Expanded bytes of zstd frames. A cut source shows as an early end: whoever reads knows how much there should be."""

    def __init__(self, source: BinaryIO | io.RawIOBase) -> None:
        decoder = zstandard.ZstdDecompressor(max_window_size=MAX_DECODER_MEMORY_BYTES // 2)
        self._reader = decoder.stream_reader(cast(BinaryIO, source), read_size=CHUNK_BYTES, read_across_frames=True, closefd=False)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._reader.read(len(buffer))
        except _BROKEN as error:
            raise StreamError(cut=False) from error
        buffer[: len(data)] = data
        return len(data)


def deflate_stream(source: io.RawIOBase) -> io.RawIOBase:
    """Raw deflate, as in a zip."""
    return DecodedStream(source, lambda: _Zlib(-zlib.MAX_WBITS), None)


def bzip2_stream(source: io.RawIOBase) -> io.RawIOBase:
    """bzip2, as in a zip: one stream."""
    return DecodedStream(source, bz2.BZ2Decompressor, None)


def lzma_stream(source: io.RawIOBase) -> io.RawIOBase:
    """LZMA1 as in a zip (APPNOTE 5.8.8): two bytes of version, two of length, then properties. Raises StreamError."""
    head = read_exactly(source, 4)
    properties = read_exactly(source, int.from_bytes(head[2:4], "little"))
    if len(properties) != 5 or properties[0] >= 225:
        raise StreamError(cut=False)
    dictionary_bytes = int.from_bytes(properties[1:5], "little")
    if dictionary_bytes > MAX_DECODER_MEMORY_BYTES:
        raise StreamError(cut=False)
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary_bytes, 4096), "lc": lc, "lp": lp, "pb": pb}]
    try:
        return DecodedStream(source, lambda: lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain), None)
    except _BROKEN as error:
        raise StreamError(cut=False) from error


def decompressed(head: bytes, source: io.RawIOBase) -> io.RawIOBase | None:
    """The expanded bytes of a file whose first bytes are `head`; None where it is not compressed. Content decides, no name."""
    if head.startswith(GZIP):
        return DecodedStream(source, lambda: _Zlib(zlib.MAX_WBITS | 16), GZIP)
    if head.startswith(BZIP2):
        return DecodedStream(source, bz2.BZ2Decompressor, BZIP2)
    if head.startswith(XZ):
        return DecodedStream(source, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DECODER_MEMORY_BYTES), XZ)
    if head.startswith(ZSTD):
        return ZstdStream(source)
    return None


def read_up_to(stream: BinaryIO | io.RawIOBase, count: int) -> bytes:
    """`count` bytes, fewer only at the end of the stream."""
    parts: list[bytes] = []
    while count and (part := stream.read(min(count, CHUNK_BYTES))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_exactly(stream: BinaryIO | io.RawIOBase, count: int) -> bytes:
    """`count` bytes. Raises StreamError(cut) where the stream ends before."""
    data = read_up_to(stream, count)
    if len(data) < count:
        raise StreamError(cut=True)
    return data


def skip(stream: BinaryIO | io.RawIOBase, count: int) -> None:
    """Pass over `count` bytes. Raises StreamError(cut) where the stream ends before."""
    while count:
        part = stream.read(min(count, CHUNK_BYTES))
        if not part:
            raise StreamError(cut=True)
        count -= len(part)

"""The bytes of a capture for filters that compare header bytes: stretches of the decompressed file, asked for in rising order."""

import mmap
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.packets.stream import ByteSource, Window, open_bytes

Origin = Path | bytes | Callable[[], Path]
"""A capture: its file, its bytes, or how to get at its file when it is needed."""

NOTHING = Window(np.empty(0, np.uint8), 0)


class Octets:
    """Opens the capture when the first stretch is asked for. A plain file is mapped, and only the pages that are read are loaded."""

    def __init__(self, origin: Origin | None) -> None:
        self._origin = origin
        self._source: ByteSource | None = None
        self._at = 0

    def stretch(self, first: int, end: int) -> Window:
        """A window that holds the bytes first … end-1 as far as the capture has them. Raises OSError."""
        if self._origin is None or end <= first:
            return NOTHING
        if callable(self._origin):
            self._origin = self._origin()
        if self._source is None:
            self._source = open_bytes(self._origin)
        if self._source.compression is None and isinstance(self._origin, Path):
            return self._mapped(self._origin, first, end)
        while self._at < first:  # what lies between is decompressed a piece at a time and let go
            window = self._source.window(self._at, 1)
            if window.end <= self._at:
                return NOTHING
            self._at = min(first, window.end)
        return self._source.window(first, end - first)

    def _mapped(self, path: Path, first: int, end: int) -> Window:
        base = first // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
        with path.open("rb") as file:
            length = min(end, file.seek(0, 2)) - base
            if length <= 0:
                return NOTHING
            return Window(np.frombuffer(mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ, offset=base), np.uint8), base)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._source is not None:
            self._source.__exit__(kind, error, trace)


def numbers(data: Array, at: Array, size: int) -> Array:
    """Big-endian numbers (u8) of 1, 2 or 4 bytes at these places of the data; the caller has checked that they are there."""
    found = data[at].astype(np.uint64)
    for place in range(1, size):
        found = found << np.uint64(8) | data[at + place]
    return found

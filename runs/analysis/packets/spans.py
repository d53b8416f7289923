"""Bytes of a capture at known places, also where the capture is compressed, or at hand in memory (recovered from a text)."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from runs.analysis.packets.stream import ByteSource, open_bytes

Span = tuple[int, int]
"""Offset in the decompressed capture, and a length."""


def read_spans(origin: Path | bytes, spans: Iterable[Span]) -> Iterator[bytes]:
    """The bytes of each span, in the order given; fewer where the file ends. Offsets must not fall. Raises OSError.

    A compressed capture is read once from its start, a piece at a time.
    """
    with open_bytes(origin) as source:
        if source.compression is None and isinstance(origin, Path):
            with origin.open("rb") as file:
                for offset, length in spans:
                    file.seek(offset)
                    yield file.read(length)
            return
        at = 0
        for offset, length in spans:
            at = _advance(source, at, offset)
            window = source.window(offset, length) if at >= offset else None
            yield b"" if window is None else window.data[offset - window.base :][:length].tobytes()


def _advance(source: ByteSource, at: int, offset: int) -> int:
    """Let go of what lies before the offset; less than the offset where the file ends earlier."""
    while at < offset:
        end = source.window(at, 1).end
        if end <= at:
            break
        at = min(offset, end)
    return max(at, 0)


def read_any(origin: Path | bytes, spans: list[Span]) -> list[bytes]:
    """The bytes of spans in any order. Raises OSError."""
    order = sorted(range(len(spans)), key=lambda i: spans[i])
    found: list[bytes] = [b""] * len(spans)
    for i, data in zip(order, read_spans(origin, (spans[i] for i in order)), strict=True):
        found[i] = data
    return found

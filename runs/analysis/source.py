"""What a parser reads from: a file's bytes on disk, or a part of a text that is evidence of a kind of its own."""

import io
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from runs.analysis.text import SAMPLE_BYTES, Line, detect_encoding, has_controls, looks_binary, read_lines, without_controls

HEAD_BYTES = 64 << 10
HEAD_LINES = 400


class Source:
    """A file (or segment) to parse. `name` is the path in the bundle: a hint for `detect`, never proof."""

    def __init__(self, path: Path | None, name: str, *, data: bytes | None = None, first_line: int = 1) -> None:
        self.path, self.name, self.first_line = path, name, first_line
        self._data = data

    @classmethod
    def of_text(cls, text: str, name: str, first_line: int = 1) -> "Source":
        """A segment: text whose first line is line `first_line` of the file it stands in."""
        return cls(None, name, data=text.encode("utf-8", "surrogatepass"), first_line=first_line)

    def open(self) -> BinaryIO:
        """The bytes, from the start. The caller closes it."""
        if self._data is not None:
            return io.BytesIO(self._data)
        assert self.path is not None
        return self.path.open("rb")

    @cached_property
    def size(self) -> int:
        """Length in bytes."""
        if self._data is not None:
            return len(self._data)
        assert self.path is not None
        return self.path.stat().st_size

    @cached_property
    def _sample(self) -> bytes:
        with self.open() as file:
            return file.read(SAMPLE_BYTES)

    @property
    def head(self) -> bytes:
        """The first bytes, at most HEAD_BYTES."""
        return self._sample[:HEAD_BYTES]

    @cached_property
    def codec(self) -> str:
        """The Python codec of the text; meaningless where `is_binary`."""
        return detect_encoding(self._sample, whole=len(self._sample) == self.size)

    @cached_property
    def is_binary(self) -> bool:
        """Whether the first bytes are no text at all."""
        return looks_binary(self.head)

    @cached_property
    def head_lines(self) -> list[Line]:
        """The first lines, at most HEAD_LINES and HEAD_BYTES, without a terminal's colours; none where the file is binary."""
        if self.is_binary:
            return []
        lines = self._numbered(io.BytesIO(self.head), HEAD_LINES)
        return [line._replace(text=without_controls(line.text)) if has_controls(line.text) else line for line in lines]

    def lines(self) -> Iterator[Line]:
        """All lines, decoded, with their numbers in the file; one pass, bounded memory."""
        with self.open() as file:
            yield from self._numbered(file, None)

    def _numbered(self, file: BinaryIO, most: int | None) -> Iterator[Line]:
        shift = self.first_line - 1
        for line in read_lines(file, self.codec):
            if most is not None and line.number > most:
                return
            yield line._replace(number=line.number + shift) if shift else line


def count_lines(source: Source) -> int:
    """Physical lines: '\\n'-separated, a last one without line end counts."""
    if source.codec.startswith("utf-16"):
        return sum(1 for _ in source.lines())
    count, last = 0, b""
    with source.open() as file:
        while chunk := file.read(1 << 20):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last not in (b"", b"\n"))

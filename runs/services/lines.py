"""Reading evidence by line or by byte for the pages that show it: never more than a page of it in memory.

Lines are found by an index that grows as far as it was needed: how many lines end before each MiB of the file. It is kept in the
local cache; losing it costs one more scan.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings

from runs.analysis.columns import Array
from runs.analysis.domain.secrets import PrivateKeys
from runs.analysis.source import Source
from runs.analysis.text import Line

STRIDE_BYTES = 1 << 20
SCAN_BYTES = 1 << 30  # what one request scans at most to find a line; the next one goes on from there
KEPT_FROM_BYTES = 8 << 20  # the index of a smaller file is made anew each time
PAGE_LINES = 500
PAGE_BYTES = 1 << 20
LINE_BYTES = 256 << 10  # of a longer line the rest is not read
LOOK_BACK_BYTES = 16 << 10  # the longest private key fits


@dataclass(frozen=True)
class LineIndex:
    """How many lines end before each multiple of STRIDE_BYTES, as far as the file was scanned."""

    ends_before: Array  # u8; [0] is 0
    scanned_bytes: int
    whole: bool

    @property
    def line_ends(self) -> int:
        """Line ends seen so far."""
        return int(self.ends_before[-1])


@dataclass(frozen=True)
class LinePage:
    """Some lines of a file. `total` is None while nobody has counted them all."""

    lines: list[Line]
    first: int
    total: int | None
    counted_to: int  # the highest line that can be shown by now
    inside_key: bool  # the first line stands in the body of a private key
    cut: frozenset[int]  # lines of which only the beginning was read

    @property
    def next_line(self) -> int | None:
        """The line after this page; None at the end."""
        after = self.lines[-1].number + 1 if self.lines else self.first
        return after if self.total is None or after <= self.total else None


def read_page(source: Source, sha256: str, first: int, count: int = PAGE_LINES) -> LinePage:
    """The lines from `first` on (at least 1): at most `count`, and no more than PAGE_BYTES unless one line is longer."""
    newline, unit = _newline(source.codec)
    index = _index(source, sha256, first + count)
    total = _total(source, index, newline, unit) if index.whole else None
    if total is not None:
        first = min(first, max(total, 1))
    elif first > index.line_ends + 1:
        first = index.line_ends + 1
    offset = _offset_of(source, index, first, newline, unit)
    with source.open() as file:
        file.seek(offset)
        data = file.read(PAGE_BYTES)
        at_end = not file.read(1)
    lines, cut = _split(data, first, offset, count, newline, unit, source.codec, at_end)
    if lines and lines[-1].number in cut and not at_end:
        counted_to = max(index.line_ends, lines[-1].number)
    else:
        counted_to = max(index.line_ends + 1, first + len(lines) - 1)
    return LinePage(lines, first, total, counted_to if total is None else total, _inside_key(source, offset), frozenset(cut))


def _split(
    data: bytes, first: int, offset: int, count: int, newline: bytes, unit: int, codec: str, at_end: bool
) -> tuple[list[Line], set[int]]:
    lines: list[Line] = []
    cut: set[int] = set()
    at = 0
    while at < len(data) and len(lines) < count:
        end = _find(data, newline, at, unit)
        if end < 0:
            if not at_end and lines:  # the next page begins with it
                break
            raw, after = data[at:], len(data)
            if not at_end:
                cut.add(first + len(lines))
        else:
            raw, after = data[at:end], end + len(newline)
        if len(raw) > LINE_BYTES:
            raw = raw[:LINE_BYTES]
            cut.add(first + len(lines))
        text = raw.decode("utf-8" if codec == "utf-8-sig" else codec, "replace")
        if not lines and offset == 0:
            text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        lines.append(Line(first + len(lines), text, offset + at))
        at = after
    return lines, cut


def _newline(codec: str) -> tuple[bytes, int]:
    return {"utf-16-le": (b"\n\0", 2), "utf-16-be": (b"\0\n", 2)}.get(codec, (b"\n", 1))


def _find(data: bytes, newline: bytes, start: int, unit: int) -> int:
    at = data.find(newline, start)
    while at >= 0 and at % unit:
        at = data.find(newline, at + 1)
    return at


def _ends_in(data: bytes, codec: str) -> int:
    if codec.startswith("utf-16"):
        units = np.frombuffer(data[: len(data) // 2 * 2], "<u2" if codec == "utf-16-le" else ">u2")
        return int(np.count_nonzero(units == 10))
    return data.count(b"\n")


def _index(source: Source, sha256: str, line: int) -> LineIndex:
    """The index, grown until it reaches the line, the file's end or the request's share of scanning."""
    kept = _load(sha256) if source.size >= KEPT_FROM_BYTES else None
    counts = [int(n) for n in kept.ends_before] if kept else [0]
    scanned = kept.scanned_bytes if kept else 0
    limit = min(source.size, scanned + SCAN_BYTES)
    if (kept and kept.whole) or counts[-1] >= line:
        return kept or LineIndex(np.array(counts, np.uint64), scanned, scanned == source.size)
    with source.open() as file:
        file.seek(scanned)
        while scanned < limit and counts[-1] < line:
            chunk = file.read(STRIDE_BYTES)
            if not chunk:
                break
            scanned += len(chunk)
            counts.append(counts[-1] + _ends_in(chunk, source.codec))
    index = LineIndex(np.array(counts, np.uint64), scanned, scanned >= source.size)
    if source.size >= KEPT_FROM_BYTES:
        _keep(sha256, index)
    return index


def _total(source: Source, index: LineIndex, newline: bytes, unit: int) -> int:
    """All lines of a file that was scanned whole: a last one without line end counts."""
    if not source.size:
        return 0
    with source.open() as file:
        file.seek(max(0, source.size - unit))
        return index.line_ends + (file.read(unit) != newline)


def _offset_of(source: Source, index: LineIndex, line: int, newline: bytes, unit: int) -> int:
    """Where a line begins: behind the end of the one before it."""
    if line <= 1:
        return 0
    chunk = max(0, int(np.searchsorted(index.ends_before, line - 1, "left")) - 1)
    left = line - 1 - int(index.ends_before[chunk])
    with source.open() as file:
        file.seek(chunk * STRIDE_BYTES)
        data = file.read(STRIDE_BYTES)
    at = -unit
    for _ in range(left):
        at = _find(data, newline, at + unit, unit)
        if at < 0:
            return min(source.size, (chunk + 1) * STRIDE_BYTES)
    return chunk * STRIDE_BYTES + at + len(newline)


def _inside_key(source: Source, offset: int) -> bool:
    if not offset:
        return False
    start = max(0, offset - LOOK_BACK_BYTES)
    with source.open() as file:
        file.seek(start - start % 2)
        before = file.read(offset - start)
    keys = PrivateKeys()
    for line in before.decode(source.codec, "replace").split("\n"):
        keys.hides(line)
    return keys.inside


def _cache_path(sha256: str) -> Path:
    return Path(settings.LOCAL_CACHE_DIR) / "lines" / sha256[:2] / f"{sha256}.npy"


def _load(sha256: str) -> LineIndex | None:
    try:
        kept = np.load(_cache_path(sha256), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if kept.dtype != np.uint64 or kept.ndim != 1 or len(kept) < 3:
        return None
    return LineIndex(kept[2:], int(kept[0]), bool(kept[1]))


def _keep(sha256: str, index: LineIndex) -> None:
    path = _cache_path(sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{secrets.token_hex(8)}")
    with part.open("wb") as file:
        np.save(file, np.concatenate((np.array([index.scanned_bytes, index.whole], np.uint64), index.ends_before)))
    os.replace(part, path)


def read_line(source: Source, sha256: str, number: int, offset: int | None = None, most: int = 4096) -> str:
    """One line: at the byte offset where that is known, else found by its number. At most `most` bytes of it."""
    newline, unit = _newline(source.codec)
    if offset is None:
        offset = _offset_of(source, _index(source, sha256, number), number, newline, unit)
    data = read_bytes(source, offset, most)
    end = _find(data, newline, 0, unit)
    text = (data if end < 0 else data[:end]).decode("utf-8" if source.codec == "utf-8-sig" else source.codec, "replace")
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").removesuffix("\r")


def read_bytes(source: Source, offset: int, count: int) -> bytes:
    """Some bytes of the file."""
    with source.open() as file:
        file.seek(offset)
        return file.read(count)

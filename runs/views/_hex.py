"""Bytes as offset, hexadecimal and ASCII, a page at a time, with secrets masked."""

from typing import Any, NamedTuple

from runs.analysis.domain.secrets import find
from runs.analysis.source import Source
from runs.services.lines import read_bytes

ROW_BYTES = 16
PAGE_BYTES = 4096
_AROUND = 1024  # bytes read beyond both ends, so that a secret across the edge of a page is found


class HexRow(NamedTuple):
    """16 bytes: their offset, in hexadecimal, as ASCII."""

    offset: str
    octets: str
    ascii: str


def hex_rows(data: bytes, first_offset: int = 0, masked: frozenset[int] = frozenset()) -> list[HexRow]:
    """Rows of bytes; those at the masked indexes show as '**' and '*'."""
    rows = []
    for start in range(0, len(data), ROW_BYTES):
        part = range(start, min(start + ROW_BYTES, len(data)))
        octets = " ".join("**" if i in masked else f"{data[i]:02x}" for i in part)
        shown = "".join("*" if i in masked else chr(data[i]) if 0x20 <= data[i] < 0x7F else "." for i in part)
        rows.append(HexRow(f"{first_offset + start:08x}", octets.ljust(ROW_BYTES * 3 - 1), shown))
    return rows


def secret_indexes(data: bytes) -> frozenset[int]:
    """Which bytes belong to a secret, line by line of what can be read as text."""
    found: set[int] = set()
    at = 0
    for line in data.split(b"\n"):
        for start, end in find(line.decode("ascii", "replace")):
            found.update(range(at + start, at + end))
        at += len(line) + 1
    return frozenset(found)


def hex_context(source: Source, offset: int | None) -> dict[str, Any]:
    """Context of a page of bytes from `offset` on."""
    last = max(0, (source.size - 1) // PAGE_BYTES * PAGE_BYTES)
    start = min((offset or 0) // PAGE_BYTES * PAGE_BYTES, last)
    low = max(0, start - _AROUND)
    data = read_bytes(source, low, start - low + PAGE_BYTES + _AROUND)
    skip = start - low
    masked = frozenset(i - skip for i in secret_indexes(data))
    page = data[skip : skip + PAGE_BYTES]
    return {
        "hex_rows": hex_rows(page, start, masked),
        "hex_first": start,
        "hex_last": start + len(page),
        "hex_masked": any(0 <= i < len(page) for i in masked),
        "hex_previous": max(0, start - PAGE_BYTES) if start else None,
        "hex_next": start + PAGE_BYTES if start < last else None,
        "hex_end": last,
    }

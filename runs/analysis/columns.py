"""Tables as named columns: numpy arrays in one container file, memory-mapped when read.

Layout: magic, length of the header (u32, little-endian), a JSON header (rows, metadata, and for each column its dtype, offset and
length), then the arrays, each starting at a multiple of 64 bytes. Strings never stand in a column: a column holds codes, and the
dictionary stands in the metadata or in a byte column of its own.
"""

import json
import mmap
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC = b"KSKCOL1\n"
ALIGNMENT = 64
MAX_HEADER_BYTES = 256 << 20

Array = NDArray[Any]


class ColumnsError(ValueError):
    """The file is not a container of columns, or it is cut."""


@dataclass(frozen=True)
class Table:
    """Columns of equal length by name, and what is true of all rows (`meta`: JSON values, dictionaries of codes)."""

    columns: Mapping[str, Array]
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        for column in self.columns.values():
            return len(column)
        return 0

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


def write(table: Table, target: BinaryIO) -> int:
    """Write a table; returns the bytes written. Raises ValueError where columns differ in length or hold Python objects."""
    rows = len(table)
    entries: dict[str, dict[str, Any]] = {}
    position = 0
    for name, column in table.columns.items():
        if len(column) != rows:
            raise ValueError(f"column {name} has {len(column)} rows, not {rows}")
        if column.dtype.hasobject:
            raise ValueError(f"column {name} holds Python objects")
        entries[name] = {"dtype": column.dtype.str, "shape": list(column.shape), "at": position}
        position = _aligned(position + column.nbytes)
    header = json.dumps({"rows": rows, "columns": entries, "meta": table.meta}, ensure_ascii=False, separators=(",", ":")).encode()
    start = _aligned(len(MAGIC) + 4 + len(header))
    target.write((MAGIC + struct.pack("<I", len(header)) + header).ljust(start, b"\0"))
    written = start
    for name, column in table.columns.items():
        gap = start + entries[name]["at"] - written
        data = np.ascontiguousarray(column)
        target.write(b"\0" * gap)
        target.write(data.data.cast("B") if data.nbytes else b"")
        written += gap + data.nbytes
    return written


def open_table(path: str | os.PathLike[str]) -> Table:
    """A table whose columns are views of the mapped file. Raises ColumnsError for anything that `write` did not make."""
    with Path(path).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(len(MAGIC) + 4)
        if len(head) < len(MAGIC) + 4 or not head.startswith(MAGIC):
            raise ColumnsError("not a container of columns")
        (length,) = struct.unpack("<I", head[len(MAGIC) :])
        if length > min(size, MAX_HEADER_BYTES):
            raise ColumnsError("the header is longer than the file")
        try:
            header = json.loads(file.read(length))
            entries = header["columns"]
        except (ValueError, KeyError, TypeError) as error:
            raise ColumnsError("the header cannot be read") from error
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = _aligned(len(head) + length)
    columns = {}
    for name, entry in entries.items():
        dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
        count = int(np.prod(shape))
        if start + entry["at"] + count * dtype.itemsize > size:
            raise ColumnsError(f"column {name} is cut")
        if count:
            columns[name] = np.frombuffer(mapped, dtype, count, start + entry["at"]).reshape(shape)
        else:
            columns[name] = np.empty(shape, dtype)
    return Table(columns, header["meta"])


def _aligned(position: int) -> int:
    return -(-position // ALIGNMENT) * ALIGNMENT

"""Columns that grow while a capture is read: kernels fill chunks, and in the end each column becomes one array."""

from typing import Any, NamedTuple

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.packets.schema import PACKETS

CHUNK_ROWS = 1 << 18
BATCH_ROWS = 1 << 14
"""Rows that one pass walks, decodes and pairs before the next: what it reads stays in the processor's cache."""


class Columns(NamedTuple):
    """The columns that kernels fill, one array each (schema.PACKETS tells what they hold)."""

    ts_ns: Any
    offset: Any
    captured_length: Any
    original_length: Any
    interface: Any
    ethertype: Any
    vlan_count: Any
    vlan: Any
    inner_vlan: Any
    network_offset: Any
    flags: Any
    ip_version: Any
    protocol: Any
    source: Any
    destination: Any
    source_port: Any
    destination_port: Any
    ttl: Any
    ip_id: Any
    fragment: Any
    outer_ip_version: Any
    outer_protocol: Any
    outer_source: Any
    outer_destination: Any
    transport_offset: Any
    payload_offset: Any
    payload_length: Any
    tcp_flags: Any
    sequence: Any
    acknowledgment: Any
    window: Any
    icmp_type: Any
    icmp_code: Any
    application: Any
    direction: Any
    conversation: Any  # while reading: the pair of endpoints, see pairs.py
    outer_conversation: Any
    line: Any
    window_scale: Any  # of a SYN: the shift, -2: no such option; not kept


_DTYPES = {**{name: about.dtype for name, about in PACKETS.items()}, "window_scale": "i1"}


def make_columns(rows: int) -> Columns:
    """Columns of so many rows, all 0."""
    return Columns(*(np.zeros(rows, _DTYPES[name]) for name in Columns._fields))


class Store:
    """Chunks of columns; `rows` counts what was taken."""

    def __init__(self, expected_rows: int = CHUNK_ROWS) -> None:
        self.rows = 0
        self._chunk_rows = max(64, min(CHUNK_ROWS, expected_rows))
        self._chunks: list[Columns] = []
        self._used = self._chunk_rows

    def room(self) -> tuple[Columns, int, int]:
        """A chunk, the first free row in it, and the row behind the last that may be filled now."""
        if self._used == self._chunk_rows:
            self._chunks.append(make_columns(self._chunk_rows))
            self._used = 0
        return self._chunks[-1], self._used, min(self._chunk_rows, self._used + BATCH_ROWS)

    def take(self, rows: int) -> None:
        """The next rows are filled."""
        self._used += rows
        self.rows += rows

    def finish(self) -> dict[str, Array]:
        """Each column as one array; the chunks are let go one column after the other."""
        chunks = [chunk._asdict() for chunk in self._chunks]
        self._chunks = []
        joined = {}
        for name in Columns._fields:
            parts = [chunk.pop(name) for chunk in chunks]
            if parts:
                parts[-1] = parts[-1][: self._used]
            joined[name] = np.concatenate(parts) if parts else np.zeros(0, _DTYPES[name])
        return joined

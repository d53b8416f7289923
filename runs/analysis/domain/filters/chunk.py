"""A stretch of a capture's frames while a filter is applied to it: its columns, its bytes, and the frames that were given up."""

from collections.abc import Iterator

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.domain.filters.octets import Octets, numbers
from runs.analysis.packets.addresses import codes_within
from runs.analysis.packets.schema import column

CHUNK_ROWS = 1 << 17
CHUNK_BYTES = 64 << 20

Rows = Array  # indexes (i8) of frames within a chunk, rising


class Networks:
    """Which addresses of a capture lie in a network, found once for all chunks."""

    def __init__(self, addresses: Table) -> None:
        self._addresses = addresses
        self._found: dict[str, tuple[Array, Array]] = {}

    def holds(self, network: str, codes: Array) -> Array:
        """Whether each of the address codes lies in the network."""
        if network not in self._found:
            within = codes_within(self._addresses, network) if len(self._addresses) else np.empty(0, np.int64)
            table = np.zeros(len(self._addresses) or 1, bool)
            table[within] = True
            self._found[network] = within, table
        within, table = self._found[network]
        if len(within) < 2:  # comparing with one number is faster than looking up each
            return codes == within[0] if len(within) else np.zeros(len(codes), bool)
        return table.take(codes)


class Chunk:
    """Rows start … stop-1 of `packets`. All masks and indexes count from `start`."""

    def __init__(self, packets: Table, start: int, stop: int, octets: Octets, networks: Networks) -> None:
        self.start, self.stop, self.networks = start, stop, networks
        self._packets, self._octets = packets, octets
        self._columns: dict[str, Array] = {}
        self._window: tuple[Array, Array] | None = None
        self.dead: Array | None = None  # frames whose bytes ended where the filter looked: libpcap's program ends with no

    def __len__(self) -> int:
        return self.stop - self.start

    def has(self, name: str) -> bool:
        """Whether the column is there; else every row has its default."""
        return name in self._packets

    def column(self, name: str) -> Array:
        """A column of `packets`."""
        if name not in self._columns:
            self._columns[name] = column(self._packets, name)[self.start : self.stop]
        return self._columns[name]

    def outer(self, name: str) -> Array:
        """'protocol', 'source' or 'destination' of the outermost IP header."""
        if not self.has("outer_ip_version"):
            return self.column(name)
        key = f"outermost {name}"
        if key not in self._columns:
            is_tunnel = self.column("outer_ip_version") != 0
            self._columns[key] = np.where(is_tunnel, self.column(f"outer_{name}"), self.column(name))
        return self._columns[key]

    def load(self, rows: Rows, at: Array | int, size: int) -> tuple[Rows, Array]:
        """The numbers (u8) of `size` bytes at these places of the frames, and the rows that have them; the others are dead."""
        places = np.broadcast_to(np.asarray(at, np.int64), len(rows))
        data, begins = self._bytes()
        captured = self.column("captured_length")[rows]
        there = (places >= 0) & (places + size <= captured)
        absolute = begins[rows] + places
        there &= (absolute >= 0) & (absolute + size <= len(data))
        if not there.all():
            self.kill(rows[~there])
            rows, absolute = rows[there], absolute[there]
        return rows, numbers(data, absolute, size)

    def kill(self, rows: Rows) -> None:
        """No further condition holds for these frames."""
        if self.dead is None:
            self.dead = np.zeros(len(self), bool)
        self.dead[rows] = True

    def alive(self, mask: Array) -> Array:
        """The mask without the dead."""
        return mask if self.dead is None else mask & ~self.dead

    def _bytes(self) -> tuple[Array, Array]:
        """The bytes of the chunk, and where each frame begins in them."""
        if self._window is None:
            offsets = self.column("offset")
            first, end = int(offsets[0]), int(offsets[-1]) + int(self.column("captured_length")[-1])
            window = self._octets.stretch(first, end)
            self._window = window.data, offsets - window.base
        return self._window


def stretches(packets: Table, has_bytes: bool) -> Iterator[tuple[int, int]]:
    """(start, stop) of the chunks: bounded in rows, and in bytes where frames may be read."""
    start, offsets = 0, packets["offset"]
    while start < len(packets):
        stop = min(start + CHUNK_ROWS, len(packets))
        if has_bytes:
            within = int(np.searchsorted(offsets[start:stop], int(offsets[start]) + CHUNK_BYTES))
            stop = start + max(1, within)
        yield start, stop
        start = stop

"""What a filter selected, packed: pages of it and places in it are found without looking at all frames."""

from bisect import bisect_right

import numpy as np

from runs.analysis.columns import Array

BLOCK_ROWS = 1 << 13


class Selection:
    """Which frames a filter selects: a bit a frame, and how many there are before each block."""

    def __init__(self, mask: Array) -> None:
        self.size, self._bits = len(mask), np.packbits(mask)
        counts = [int(np.count_nonzero(mask[at : at + BLOCK_ROWS])) for at in range(0, len(mask), BLOCK_ROWS)]
        self._before = np.concatenate(([0], np.cumsum(counts, dtype=np.int64))).tolist()

    def __len__(self) -> int:
        return int(self._before[-1])

    @property
    def nbytes(self) -> int:
        """Memory."""
        return self._bits.nbytes + 16 * len(self._before)

    def rank(self, row: int) -> int:
        """How many selected rows stand before the row."""
        row = min(max(row, 0), self.size)
        block = row // BLOCK_ROWS
        if block * BLOCK_ROWS == row:
            return int(self._before[block])
        return int(self._before[block]) + int(np.searchsorted(self._rows(block), row))

    def rows(self, first: int, count: int) -> Array:
        """The selected rows (i8) from the `first`-th (from 0), at most `count`."""
        first, parts = max(first, 0), []
        while count > 0 and first < len(self):
            block = bisect_right(self._before, first) - 1
            skip = first - self._before[block]
            part = self._rows(block)[skip : skip + count]
            parts.append(part)
            first, count = first + len(part), count - len(part)
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def holds(self, row: int) -> bool:
        """Whether the row is selected."""
        return 0 <= row < self.size and bool(self._bits[row // 8] >> (7 - row % 8) & 1)

    def _rows(self, block: int) -> Array:
        start = block * BLOCK_ROWS
        bits = np.unpackbits(self._bits[start // 8 : (start + BLOCK_ROWS) // 8], count=min(BLOCK_ROWS, self.size - start))
        return np.flatnonzero(bits) + start


class Everything:
    """The selection of no filter."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def rank(self, row: int) -> int:
        """See Selection."""
        return min(max(row, 0), self.size)

    def rows(self, first: int, count: int) -> Array:
        """See Selection."""
        first = max(first, 0)
        return np.arange(first, max(first, min(first + count, self.size)))

    def holds(self, row: int) -> bool:
        """See Selection."""
        return 0 <= row < self.size

"""What the readers of upper layers work on: the tables of a capture, and the bytes of single frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.facts.base import Endpoint
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.stream import ByteSource

MAX_FRAMES = 5_000
"""Frames of one upper protocol that are opened: facts are bounded."""


class Payload(NamedTuple):
    """A frame's transport payload, as far as it was captured."""

    row: int
    data: bytes


@dataclass(frozen=True)
class View:
    """A capture's tables and its bytes."""

    packets: Table
    conversations: Table
    addresses: Table
    source: ByteSource

    def payloads(self, rows: Iterable[int]) -> Iterator[Payload]:
        """The payloads of some frames, in rising order."""
        for row in rows:
            at = int(self.packets["payload_offset"][row])
            yield Payload(row, self.frame(row)[at:] if at else b"")

    def frame(self, row: int) -> bytes:
        """A frame's captured bytes. A compressed capture can be read in rising order only."""
        offset, length = int(self.packets["offset"][row]), int(self.packets["captured_length"][row])
        window = self.source.window(offset, length)
        return bytes(window.data[offset - window.base :][:length].tobytes())

    def first(self, mask: Array) -> list[int]:
        """The first MAX_FRAMES rows of a mask."""
        return [int(row) for row in np.flatnonzero(mask)[:MAX_FRAMES]]

    def ends(self, row: int) -> tuple[Endpoint, Endpoint]:
        """Source and destination of a frame, with ports."""
        codes = [int(self.packets[name][row]) for name in ("source", "destination")]
        texts = address_texts(self.addresses, codes)
        ports = [int(self.packets[name][row]) for name in ("source_port", "destination_port")]
        return Endpoint(texts[codes[0]], ports[0]), Endpoint(texts[codes[1]], ports[1])

    def ts_ns(self, row: int) -> int:
        """A frame's time."""
        return int(self.packets["ts_ns"][row])

    def conversation(self, row: int) -> tuple[int, int]:
        """(row in `conversations`, stream) of a frame."""
        return int(self.packets["conversation"][row]), int(self.packets["stream"][row])

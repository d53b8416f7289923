"""Talk with every field of a segment in hand: lengths, windows, TTLs, IP ids, copies, one direction only."""

from typing import Any

from runs.analysis.packets.schema import ACK, PSH, SYN
from tests.kit import MS, Talk


class Wire(Talk):
    """Steps of Talk, and `data` / `put` with fields of their own; `ttl` of each side as set in `ttls`."""

    ttls: tuple[int, int] = (57, 57)

    def put(self, client: bool, flags: int, length: int = 0, sequence: int | None = None, **fields: Any) -> "Wire":
        """A segment; `fields` as in PacketRow (window, ttl, ip_id, acknowledgment …)."""
        self._send(client, flags, length, sequence)
        self.rows[-1] = self.rows[-1]._replace(**{"ttl": self.ttls[not client], **fields})
        return self

    def data(self, client: bool, length: int = 1448, **fields: Any) -> "Wire":
        return self.put(client, PSH | ACK, length, **fields)

    def again(self, client: bool, length: int = 1448, **fields: Any) -> "Wire":
        """The last `length` bytes of that side once more."""
        return self.put(client, PSH | ACK, length, self.next[client] - length, **fields)

    def syn_ack_again(self, **fields: Any) -> "Wire":
        return self.put(False, SYN | ACK, 0, self.next[False] - 1, **fields)

    def copies(self, after_ms: float = 0.05) -> "Wire":
        """Every frame so far once more, as a second capture point sees it."""
        late = int(after_ms * MS)
        twice = [(row, row._replace(ts_ns=row.ts_ns + late, ttl=(row.ttl or 1) - 1)) for row in self.rows]
        self.rows = [row for pair in twice for row in pair]
        return self

    def only(self, client: bool) -> "Wire":
        """What a capture of one direction holds."""
        self.rows = [row for row in self.rows if (row.source == self.client) == client]
        return self

    def cut(self, first: int) -> "Wire":
        """A capture that begins in the middle."""
        self.rows = self.rows[first:]
        return self

    def goes(self, ms: float) -> "Wire":
        """Time between two frames, on top of which half a round trip comes."""
        self.now += int(ms * MS)
        return self


def wire(**ends: Any) -> Any:
    """A Wire; of no type, because the steps of Talk say that they return a Talk."""
    return Wire(**ends)

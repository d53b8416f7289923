"""What an accepting host asked of others while it held a request: the way behind a forwarder, a proxy, a published port.

Both must be local to the capturing host: the SYN+ACK to the client and the onward SYN were captured with a TTL that hosts start
with. That the one came within the other proves no more than that it may belong to it: callers cite both.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from runs.analysis.case import Case
from runs.analysis.domain.frames import capture_end_ns, frame_ns
from runs.analysis.facts.conversation import Conversation

INITIAL_TTLS = (64, 128, 255)
MOST_LOOKED_AT = 50
Key = tuple[str, int]


class Onward:
    """Conversations of a case by capture and start."""

    def __init__(self, case: Case, conversations: Iterable[Conversation]) -> None:
        self._case = case
        self._by_file: dict[Key, list[Conversation]] = {}
        for c in conversations:
            if c.protocol == "tcp" and c.syn_frame:
                self._by_file.setdefault((c.file, c.segment), []).append(c)
        for found in self._by_file.values():
            found.sort(key=lambda c: c.start_ns)
        self._starts = {key: [c.start_ns for c in found] for key, found in self._by_file.items()}

    def of(self, c: Conversation) -> list[Conversation]:
        """What the responder of `c` began to ask of others between the handshake and the close, in the order of time."""
        key = (c.file, c.segment)
        if not c.syn_ack_frame or not self._is_initial(c, c.syn_ack_frame):
            return []
        start = frame_ns(self._case, c, c.syn_ack_frame) or c.start_ns
        end = frame_ns(self._case, c, c.close_frame) if c.close_frame else None
        starts = self._starts.get(key, [])
        first = bisect_left(starts, start)
        last = min(bisect_right(starts, capture_end_ns(self._case, c) if end is None else end), first + MOST_LOOKED_AT)
        return [
            other
            for other in self._by_file.get(key, [])[first:last]
            if other.id != c.id
            and other.originator.address != c.originator.address
            and other.responder != c.responder
            and self._is_initial(other, other.syn_frame)
        ]

    def _is_initial(self, c: Conversation, frame: int) -> bool:
        packets = self._case.table(c, "packets")
        return packets is not None and 1 <= frame <= len(packets) and int(packets["ttl"][frame - 1]) in INITIAL_TTLS

"""Two conversations frame by frame: how far they go alike, and what each does then.

Frames are of one sort when they go the same way and do the same (open, carry data, keep alive, close, reset). Bare acknowledgments come
as they like and are passed over. Lengths and times always differ a little and are none of it.
"""

from typing import NamedTuple

import numpy as np

from runs.analysis.comparison.sides import Side
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.packets.schema import ACK, FIN, KEEP_ALIVE, KEEP_ALIVE_ACK, RESENT, RST, SYN

MOST_FRAMES = 2_000
SHOWN_ALIKE, SHOWN_BEHIND = 6, 6  # frames shown before and behind the first that differs


class Step(NamedTuple):
    """A frame of one side."""

    frame: int  # from 1
    since_ns: int  # from the conversation's first frame
    from_responder: bool
    sort: str  # 'syn', 'syn_ack', 'ack', 'data', 'keep_alive', 'keep_alive_ack', 'resent', 'fin', 'rst'
    length: int  # bytes of payload


class Course(NamedTuple):
    """Two conversations and where they part. Indexes into `left` and `right`; their lengths where they never part."""

    left: list[Step]
    right: list[Step]
    left_at: int
    right_at: int

    @property
    def parts(self) -> bool:
        """Whether they part at all."""
        return self.left_at < len(self.left) or self.right_at < len(self.right)


def steps(side: Side, conversation: Conversation) -> list[Step]:
    """The frames of a conversation, the first MOST_FRAMES."""
    packets, table = side.table(conversation, "packets"), side.table(conversation, "conversations")
    if packets is None or table is None or conversation.row >= len(table):
        return []
    start, count = (int(table[name][conversation.row]) for name in ("order_start", "order_count"))
    rows = np.asarray(packets["by_conversation"][start : start + min(count, MOST_FRAMES)], np.int64)
    zero = int(packets["ts_ns"][rows[0]]) if len(rows) else 0
    return [
        Step(
            row + 1,
            int(packets["ts_ns"][row]) - zero,
            bool(packets["direction"][row]),
            _sort(int(packets["tcp_flags"][row]), int(packets["payload_length"][row]), int(packets["remarks"][row])),
            int(packets["payload_length"][row]),
        )
        for row in rows.tolist()
    ]


def _sort(flags: int, length: int, remarks: int) -> str:
    if flags & RST:
        return "rst"
    if flags & SYN:
        return "syn_ack" if flags & ACK else "syn"
    if remarks & KEEP_ALIVE:
        return "keep_alive"
    if remarks & KEEP_ALIVE_ACK:
        return "keep_alive_ack"
    if remarks & RESENT:
        return "resent"
    if length:
        return "data"
    return "fin" if flags & FIN else "ack"


def course(left: list[Step], right: list[Step]) -> Course:
    """How far two conversations go alike."""
    ours, theirs = _news(left), _news(right)
    alike = 0
    while alike < min(len(ours), len(theirs)) and _same(left[ours[alike]], right[theirs[alike]]):
        alike += 1
    if alike == len(ours) == len(theirs):
        return Course(left, right, len(left), len(right))
    return Course(left, right, _at(left, ours, alike), _at(right, theirs, alike))


def _news(steps: list[Step]) -> list[int]:
    """Which frames are more than a bare acknowledgment; of data that runs in one direction only the first segment."""
    found: list[int] = []
    for n, step in enumerate(steps):
        if step.sort in ("ack", "keep_alive_ack"):
            continue
        before = steps[found[-1]] if found else None
        if step.sort == "data" and before is not None and before.sort == "data" and before.from_responder == step.from_responder:
            continue
        found.append(n)
    return found


def _same(a: Step, b: Step) -> bool:
    return a.sort == b.sort and a.from_responder == b.from_responder


def _at(steps: list[Step], news: list[int], alike: int) -> int:
    return news[alike] if alike < len(news) else len(steps)


def cite_step(side: Side, conversation: Conversation, *found: Step) -> Citation:
    """The frames of some steps, as lines where the conversation was read from a text."""
    packets = side.table(conversation, "packets")
    numbers = tuple(sorted({s.frame for s in found}))
    if packets is not None and "line" in packets:
        return Citation(conversation.file, lines=tuple(int(packets["line"][n - 1]) for n in numbers))
    return Citation(conversation.file, frames=numbers)

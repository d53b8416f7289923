"""The same conversation seen in several captures, told by its ends and initial sequence numbers."""

from collections.abc import Iterable

from runs.analysis.case import Case
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.conversation import Conversation

WITHIN_NS = 60 * SECOND_NS  # clocks of two capture hosts differ by less; the same numbers an hour later are another attempt


def once_each(case: Case, conversations: Iterable[Conversation]) -> list[Conversation]:
    """Each conversation once, in their order: where several captures saw it, the one with most of its frames (a capture before a text)."""
    conversations = list(conversations)
    if len({c.file for c in conversations}) < 2:
        return conversations
    kept: dict[tuple[str, str, tuple[int, ...]], list[Conversation]] = {}
    order: list[Conversation] = []
    for c in conversations:
        numbers = initial_sequences(case, c)
        same = kept.setdefault((str(c.originator), str(c.responder), numbers), []) if numbers else []
        twin = next((s for s in same if s.file != c.file and abs(s.start_ns - c.start_ns) <= WITHIN_NS), None)
        if twin is None:
            same.append(c)
            order.append(c)
        elif _rank(case, c) > _rank(case, twin):
            same[same.index(twin)] = c
            order[order.index(twin)] = c
    return order


def initial_sequences(case: Case, c: Conversation) -> tuple[int, ...] | None:
    """The raw numbers that relative ones count from, where a SYN was seen; None elsewhere: they prove nothing then."""
    table = case.table(c, "conversations")
    if table is None or c.protocol != "tcp" or not (c.syn_frame or c.syn_ack_frame):
        return None
    return tuple(int(n) for n in table["base_sequences"][c.row])


def _rank(case: Case, c: Conversation) -> tuple[int, bool]:
    packets = case.table(c, "packets")
    return sum(c.frames), packets is not None and "line" not in packets

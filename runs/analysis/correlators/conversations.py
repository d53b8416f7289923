"""The conversations of all captures, each traffic once: a text that shows a capture of the run adds none of its own.

Of a conversation that crosses the border of two captures the first part is told what came after it, so that nothing is missed in
it that only stands in the next file; the later part keeps its own frames and numbers.
"""

from collections.abc import Iterator, Sequence

import msgspec

from runs.analysis.case import Case
from runs.analysis.domain.conversations import MOST_JUDGED, captured_conversations
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.joined import Continuation, SameTraffic
from runs.analysis.registry import correlator


@correlator(gives=Conversation, needs=[Capture], uses=[Clock, SameTraffic, Continuation])
def conversations(case: Case) -> Iterator[Conversation]:
    """In the order of the files, and of their first frames within each."""
    told = {(s.file, s.segment) for s in case.all(SameTraffic)}
    clocks = {c.file: c for c in case.all(Clock)}
    found = [
        c
        for capture in case.all(Capture)
        if (capture.file, capture.segment) not in told
        for c in captured_conversations(case.tables, capture, clocks.get(capture.file), MOST_JUDGED)
    ]
    yield from _joined(found, case.all(Continuation))


def _joined(found: list[Conversation], continuations: Sequence[Continuation]) -> list[Conversation]:
    """The conversations, those that cross borders with what came after; later borders first, so that a chain adds up."""
    if not continuations:
        return found
    at = {(c.file, c.row): index for index, c in enumerate(found) if not c.segment}
    starts = {c.file: c.start_ns for c in reversed(found)}
    for border in sorted(continuations, key=lambda one: -starts.get(one.file, 0)):
        for row, later_row in border.crossings:
            here, there = at.get((border.earlier, row)), at.get((border.file, later_row))
            if here is not None and there is not None:
                found[here], found[there] = _joined_pair(found[here], found[there])
    return found


def _joined_pair(first: Conversation, second: Conversation) -> tuple[Conversation, Conversation]:
    turned = first.originator != second.originator  # the later part's first packet was the responder's
    step = -1 if turned else 1
    roles: dict[str | None, str] = {"originator": "responder", "responder": "originator"} if turned else {}
    later = {"payload": second.payload_bytes[::step], "acked": second.acked_bytes[::step]}
    opened = first.conn_state == "S0" and bool(second.completeness & 2)
    joined = msgspec.structs.replace(
        first,
        payload_bytes=(first.payload_bytes[0] + later["payload"][0], first.payload_bytes[1] + later["payload"][1]),
        acked_bytes=(_acked(first, later["acked"], 0), _acked(first, later["acked"], 1)),
        duration_ns=max(first.duration_ns, second.end_ns - first.start_ns),
        completeness=first.completeness | second.completeness,
        conn_state="S1" if opened else first.conn_state,
        closed_by=first.closed_by or roles.get(second.closed_by, second.closed_by),
        close=first.close or second.close,
        continued_in=second.id,
    )
    return joined, msgspec.structs.replace(second, continues=first.id)


def _acked(first: Conversation, later: tuple[int, ...], side: int) -> int:
    """Bytes acknowledged in both parts: an ACK beyond the border is for all that was under way at it."""
    return first.payload_bytes[side] + later[side] if later[side] > 0 else first.acked_bytes[side]

"""Frames of a conversation: their times, and how to cite them (a text's frames are cited by line)."""

from collections.abc import Iterable

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.packets.schema import ACK, KEEP_ALIVE, RESENT, ZERO_WINDOW_PROBE


def frame_ns(case: Case, conversation: Conversation, frame: int) -> int | None:
    """When a frame (1-based) was captured, ns UTC; None for frame 0 or a missing table."""
    packets = case.table(conversation, "packets")
    if packets is None or not 1 <= frame <= len(packets):
        return None
    return int(packets["ts_ns"][frame - 1]) + conversation.clock_offset_ns


def capture_end_ns(case: Case, conversation: Conversation) -> int:
    """When the capture ended, ns UTC: at its last frame, whosever it is."""
    packets = case.table(conversation, "packets")
    last = int(packets["ts_ns"][-1]) + conversation.clock_offset_ns if packets is not None and len(packets) else 0
    return max(last, conversation.end_ns)


def error_places(errors: Iterable[IcmpError], most: int = 20) -> tuple[Citation, ...]:
    """Where ICMP errors stand: a citation for each file, of lines where it is a text; the first `most` of each."""
    lines: dict[str, set[int]] = {}
    frames: dict[str, set[int]] = {}
    for error in errors:
        held = lines if error.line else frames
        held.setdefault(error.file, set()).add(error.line or error.frame)
    return (
        *(Citation(file, frames=tuple(sorted(numbers)[:most])) for file, numbers in frames.items()),
        *(Citation(file, lines=tuple(sorted(numbers)[:most])) for file, numbers in lines.items()),
    )


def cite(case: Case, conversation: Conversation, *frames: int) -> Citation:
    """A citation of frames (1-based; zeros are left out), as lines where the conversation was read from a text."""
    return cite_many(case, conversation, frames)


def cite_many(case: Case, conversation: Conversation, frames: Iterable[int]) -> Citation:
    """See cite."""
    numbers = tuple(sorted({f for f in frames if f > 0}))
    packets = case.table(conversation, "packets")
    if packets is not None and "line" in packets:
        return Citation(conversation.file, lines=tuple(int(packets["line"][n - 1]) for n in numbers if n <= len(packets)))
    return Citation(conversation.file, frames=numbers)


def rows_of(case: Case, conversation: Conversation) -> Array:
    """The conversation's rows of the packets table (frame number − 1), in file order."""
    packets, conversations = case.table(conversation, "packets"), case.table(conversation, "conversations")
    if packets is None or conversations is None or conversation.row >= len(conversations):
        return np.empty(0, np.int64)
    start, count = (int(conversations[name][conversation.row]) for name in ("order_start", "order_count"))
    return np.asarray(packets["by_conversation"][start : start + count], np.int64)


def request_end_frame(case: Case, conversation: Conversation) -> int:
    """The last frame in which the originator says something new; keep-alives (a byte of garbage in some) and repetitions say nothing."""
    c, packets = conversation, case.table(conversation, "packets")
    repeated = c.tcp.keep_alive or c.tcp.retransmission or c.tcp.fast_retransmission or c.tcp.spurious_retransmission
    if packets is None or not repeated:
        return c.last_data_frames[0] or c.first_data_frames[0]
    rows = rows_of(case, c)
    says = (packets["direction"][rows] == 0) & (packets["payload_length"][rows] > 0)
    new = rows[says & (packets["remarks"][rows] & (RESENT | KEEP_ALIVE | ZERO_WINDOW_PROBE) == 0)]
    return int(new[-1]) + 1 if len(new) else c.first_data_frames[0]


def acknowledging_frame(case: Case, conversation: Conversation) -> int:
    """The first frame in which the responder acknowledges the end of the originator's first segment; 0 where none does."""
    packets, first = case.table(conversation, "packets"), conversation.first_data_frames[0]
    if packets is None or not first:
        return 0
    end = int(packets["sequence"][first - 1]) + int(packets["payload_length"][first - 1])
    rows = rows_of(case, conversation)
    rows = rows[(rows >= first) & (packets["direction"][rows] == 1) & (packets["tcp_flags"][rows] & ACK != 0)]
    ahead = (packets["acknowledgment"][rows].astype(np.int64) - end) & 0xFFFFFFFF
    reached = rows[ahead < 0x80000000]
    return int(reached[0]) + 1 if len(reached) else 0

"""Captures that follow on each other: TCP conversations that are open when one ends and go on in the next.

The same ends alone prove nothing (ports are used again): the sequence numbers must go on where they stopped.
"""

from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.capture import Capture
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.schema import ACK, FIN, RST, SYN, TCP

MOST_GAP_NS = 300 * SECOND_NS  # a file of a ring buffer begins with the next packet, which may take its time
EARLY_NS = SECOND_NS  # two processes of a rotation overlap a little
BEHIND_BYTES, AHEAD_BYTES = 1 << 20, 1 << 24  # retransmissions of the last bytes; what was lost in between
MOST_ROWS = 50_000
LAST_PACKETS = 200

Ends = frozenset[tuple[str, int]]


class Crossing(NamedTuple):
    """A conversation (rows of the two tables) that goes on in the next capture. Exact: one side's next byte is the next one."""

    earlier: int
    later: int
    is_exact: bool


def follows(earlier: Capture, later: Capture) -> bool:
    """Whether one capture begins when the other ends."""
    if earlier.last_ns is None or later.first_ns is None or earlier.file == later.file:
        return False
    return -EARLY_NS <= later.first_ns - earlier.last_ns <= MOST_GAP_NS and (earlier.first_ns or 0) < later.first_ns


def crossings(case: Case, earlier: Capture, later: Capture) -> list[Crossing]:
    """The conversations that cross the border, in the order of the earlier capture."""
    open_before = _ends(case, earlier, begun=False)
    going_on = _ends(case, later, begun=True)
    found = []
    for ends, row in open_before.items():
        if ends in going_on:
            match = _goes_on(case, earlier, row, later, going_on[ends], ends)
            if match is not None:
                found.append(Crossing(row, going_on[ends], match))
    return found


def _ends(case: Case, capture: Capture, *, begun: bool) -> dict[Ends, int]:
    """TCP conversations by their ends: those still open at the end (the last of each), or those that begin without a SYN (the first)."""
    table, addresses = case.table(capture, "conversations"), case.table(capture, "addresses")
    if table is None or addresses is None:
        return {}
    wanted = table["protocol"] == TCP
    if begun:
        wanted &= table["syn_frame"] == 0
    else:
        wanted &= (table["rst_frame"] == 0) & ~(table["fin_frames"] > 0).all(axis=1)
    rows = np.flatnonzero(wanted)[:MOST_ROWS] if begun else np.flatnonzero(wanted)[-MOST_ROWS:]
    texts = address_texts(addresses, np.unique(table["addresses"][rows]))
    found: dict[Ends, int] = {}
    for row in rows.tolist():
        (a, b), (p, q) = table["addresses"][row].tolist(), table["ports"][row].tolist()
        key = frozenset(((texts[a], p), (texts[b], q)))
        if not begun or key not in found:
            found[key] = row
    return found


def _goes_on(case: Case, earlier: Capture, row: int, later: Capture, later_row: int, ends: Ends) -> bool | None:
    """Whether the numbers go on (True: exactly); None where they do not, or nothing can be compared."""
    before, after = _numbers(case, earlier, row, last=True), _numbers(case, later, later_row, last=False)
    compared = [_apart(after[end], before[end]) for end in ends if end in before and end in after]
    if not compared or not all(-BEHIND_BYTES <= apart <= AHEAD_BYTES for apart in compared):
        return None
    return 0 in compared


def _apart(number: int, expected: int) -> int:
    return (number - expected + 0x80000000 & 0xFFFFFFFF) - 0x80000000


def _numbers(case: Case, capture: Capture, row: int, *, last: bool) -> dict[tuple[str, int], int]:
    """The next sequence number of each end after its last packet, or that of its first; an end that only acknowledges speaks through the other's."""
    tables = (case.table(capture, name) for name in ("packets", "conversations", "addresses"))
    packets, conversations, addresses = tables
    if packets is None or conversations is None or addresses is None:
        return {}
    start, count = (int(conversations[name][row]) for name in ("order_start", "order_count"))
    rows: Array = np.asarray(packets["by_conversation"][start : start + count], np.int64)
    rows = rows[packets["tcp_flags"][rows] & RST == 0]
    rows = rows[-LAST_PACKETS:] if last else rows[:LAST_PACKETS]
    texts = address_texts(addresses, conversations["addresses"][row].tolist())
    names = [
        (texts[int(code)], int(port))
        for code, port in zip(conversations["addresses"][row], conversations["ports"][row], strict=True)
    ]
    found: dict[tuple[str, int], int] = {}
    for side in (0, 1):
        own = rows[packets["direction"][rows] == side]
        if len(own):
            found[names[side]] = _furthest(packets, own) if last else int(packets["sequence"][own[0]])
        elif len(rows):
            answers = rows[packets["tcp_flags"][rows] & ACK != 0]
            if len(answers):
                found[names[side]] = int(packets["acknowledgment"][answers[-1 if last else 0]])
    return found


def _furthest(packets: Table, own: Array) -> int:
    """The sequence number after the furthest of some packets of one side."""
    flags = packets["tcp_flags"][own].astype(np.int64)
    ends = packets["sequence"][own].astype(np.int64) + packets["payload_length"][own] + (flags & SYN != 0) + (flags & FIN != 0)
    base = int(ends[-1])
    return base + max(_apart(int(end) & 0xFFFFFFFF, base & 0xFFFFFFFF) for end in ends.tolist()) & 0xFFFFFFFF

"""Two captures of the same traffic: which packets both hold exactly once, how their clocks differ, and which lies nearer to the originator.

For packets of the originator the second capture's time minus the first one's is offset + way, for those of the responder offset − way:
the offset lies between the two, and half their distance is its error (the reasoning of NTP, RFC 5905 section 8).
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.facts.base import Fact
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.schema import TCP, column

MOST_CONVERSATIONS = 50
MOST_PACKETS = 400  # of one conversation
WITHIN_NS = 86_400 * 1_000_000_000  # a clock is hardly a day off
SOON_NS, MANY = 3_600 * 1_000_000_000, 5  # a handshake's numbers may come again hours later; those of a whole conversation do not

Identity = tuple[str, int, str, int, int]
"""Ends of a TCP conversation and the originator's initial sequence number."""


class Aligned(NamedTuple):
    """How the clock of the second capture stands to the first one's."""

    offset_ns: int  # second minus first
    error_ns: int
    nearer: int | None  # the capture that the originator's packets reach first: 0, 1; None: not told apart
    rows: tuple[tuple[int, int], ...]  # the packets that both hold, in the order of the first


def identities(case: Case, capture: Fact) -> dict[Identity, int]:
    """Conversations that begin with a SYN, with their rows; those that stand twice in the capture are left out."""
    table, addresses = case.table(capture, "conversations"), case.table(capture, "addresses")
    if table is None or addresses is None:
        return {}
    rows = np.flatnonzero((table["protocol"] == TCP) & (table["syn_frame"] > 0))
    texts = address_texts(addresses, [int(code) for code in table["addresses"][rows].ravel()])
    found: dict[Identity, int] = {}
    twice: set[Identity] = set()
    for row in rows.tolist():
        (a, b), (p, q) = table["addresses"][row].tolist(), table["ports"][row].tolist()
        key = (texts[a], p, texts[b], q, int(table["base_sequences"][row][0]))
        if key in found:
            twice.add(key)
        found[key] = row
    return {key: row for key, row in found.items() if key not in twice}


def align(case: Case, first: Fact, second: Fact, shared: Iterable[tuple[int, int]], resolution_ns: int) -> Aligned | None:
    """How two captures' clocks stand, from conversations (rows in each) that both hold; None without packets of both directions."""
    tables = [case.table(c, name) for c in (first, second) for name in ("packets", "conversations")]
    if any(t is None for t in tables):
        return None
    packets_a, conversations_a, packets_b, conversations_b = tables
    differences: tuple[list[int], list[int]] = ([], [])
    pairs: list[tuple[int, int]] = []
    for row_a, row_b in list(shared)[:MOST_CONVERSATIONS]:
        held_a = _once(packets_a, conversations_a, row_a)  # type: ignore[arg-type]  # None was excluded above
        held_b = _once(packets_b, conversations_b, row_b)  # type: ignore[arg-type]
        for key in held_a.keys() & held_b.keys():
            a, b = held_a[key], held_b[key]
            differences[key[0]].append(int(packets_b["ts_ns"][b]) - int(packets_a["ts_ns"][a]))  # type: ignore[index]
            pairs.append((a, b))
    furthest = max((abs(d) for side in differences for d in side), default=0)
    if not all(differences) or furthest > WITHIN_NS or (furthest > SOON_NS and len(pairs) < MANY):
        return None
    there, back = differences
    bounds, nearer = _bounds(there, back)
    low, high = bounds
    return Aligned((low + high) // 2, (high - low + 1) // 2 + resolution_ns, nearer, tuple(sorted(pairs)))


def _bounds(there: list[int], back: list[int]) -> tuple[tuple[int, int], int | None]:
    """Between what the offset lies, and which capture lies nearer to the originator."""
    if min(there) > max(back):  # the originator's packets come later to the second: the first one is nearer
        return (max(back), min(there)), 0
    if max(there) < min(back):
        return (max(there), min(back)), 1
    both = sorted([*there, *back])  # no way between them that shows: one host, or times that scatter
    return (both[0], both[-1]), None


def _once(packets: Table, conversations: Table, row: int) -> dict[tuple[int, ...], int]:
    """The packets of a conversation that stand there once: what they say, and their rows."""
    start, count = int(conversations["order_start"][row]), int(conversations["order_count"][row])
    rows: Array = np.asarray(packets["by_conversation"][start : start + min(count, MOST_PACKETS)], np.int64)
    names = ("direction", "sequence", "acknowledgment", "payload_length", "tcp_flags")
    said = [packets[name][rows].tolist() for name in names] + [column(packets, "ip_id")[rows].tolist()]
    held: dict[tuple[int, ...], int] = {}
    twice: set[tuple[int, ...]] = set()
    for at, key in zip(rows.tolist(), zip(*said, strict=True), strict=True):
        if key in held:
            twice.add(key)
        held[key] = at
    return {key: at for key, at in held.items() if key not in twice}

"""Which data segments of a direction were sent again because they were lost: what the loss rules count.

Wireshark's remarks are kept as the guide defines them, but two of its ways do not fit counting. A segment that comes within one
round trip behind a higher one is 'out of order' to it, although a sender's own capture shows most fast recoveries just so: here
it counts where the capture held the same bytes before, or where its IP id says that it was sent after its successors. And a
segment that fills a gap sooner than a round trip after the gap opened, or whose IP id is older than its successors', was only
overtaken: nobody can have asked for it again in that time. And what a
sender repeats because a router told it a smaller MTU is path MTU discovery, not loss.

Source: Wireshark user's guide, TCP analysis; RFC 6864 (IP ids), RFC 1191 and RFC 8201.
"""

from collections.abc import Iterable

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.domain.onward import INITIAL_TTLS
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.packets.schema import OUT_OF_ORDER, RESENT, SPURIOUS_RETRANSMISSION, column

HALF = 1 << 31
OVERTAKEN_NS = 1_000_000  # queues of one host's processors overtake each other by less
MOST_LOOKED_AT = 100
NEAR_IDS = 4_096  # ids of one sender further apart than this say nothing of their order

Row = tuple[str, int, int]


def sent_again(packets: Table, own: Array, round_trip_ns: int = 0, remarks: int = RESENT) -> Array:
    """A mask over `own`, one direction's data rows in file order without copies: which of them repeat lost data.

    `round_trip_ns`: the initial round trip, 0 where it is not known; `remarks`: the TCP remarks that count as they stand.
    """
    marked: Array = packets["remarks"][own] & remarks != 0
    asked = np.flatnonzero(packets["remarks"][own] & (OUT_OF_ORDER | remarks) != 0)
    if not len(asked):
        return marked
    _, first, inverse = np.unique(packets["sequence"][own], return_index=True, return_inverse=True)
    is_seen = first[inverse[asked]] < asked
    ids = column(packets, "ip_id")[own].astype(np.int64)
    before = np.maximum(asked - 1, 0)
    later = (ids[asked] - ids[before]) & 0xFFFF
    has_id = (ids[asked] != 0) & (ids[before] != 0)
    is_newer = has_id & (later > 0) & (later < NEAR_IDS)
    is_older = has_id & (later > 0x10000 - NEAR_IDS)
    offsets = (packets["sequence"][own].astype(np.int64) - int(packets["sequence"][own[0]]) + HALF) & 0xFFFFFFFF
    opened = np.minimum(np.searchsorted(np.maximum.accumulate(offsets), offsets[asked], side="right"), asked)
    times = packets["ts_ns"][own]
    is_overtaken = is_older | (~is_newer & (times[asked] - times[opened] < max(round_trip_ns, OVERTAKEN_NS)))
    is_disordered = packets["remarks"][own[asked]] & OUT_OF_ORDER != 0
    marked[asked] = is_seen | np.where(is_disordered, is_newer, ~is_overtaken)
    return marked


def sent_in_vain(packets: Table, own: Array, peers: Array) -> Array:
    """A mask over `own`: what was sent again although its receiver had it, so that no data was lost.

    It had been acknowledged, or was captured before at the receiver's own host: there the peer's packets (`peers`: its rows) leave
    with a TTL that hosts start with, and the data comes from behind a router.
    """
    had: Array = packets["remarks"][own] & SPURIOUS_RETRANSMISSION != 0
    if not len(own) or not len(peers):
        return had
    leaves, comes = packets["ttl"][peers[:MOST_LOOKED_AT]], packets["ttl"][own[:MOST_LOOKED_AT]]
    if np.isin(leaves, INITIAL_TTLS).all() and not np.isin(comes, (0, *INITIAL_TTLS)).any():
        _, first, inverse = np.unique(packets["sequence"][own], return_index=True, return_inverse=True)
        had |= first[inverse] < np.arange(len(own))
    return had


def too_big_errors(errors: Iterable[IcmpError]) -> dict[Row, list[IcmpError]]:
    """'Fragmentation needed' and 'packet too big' by conversation: (file, segment, row)."""
    found: dict[Row, list[IcmpError]] = {}
    for e in errors:
        is_too_big = (e.icmp_type, e.icmp_code) == (3, 4) if e.version == 4 else e.icmp_type == 2
        if is_too_big and e.conversation_row is not None:
            found.setdefault((e.file, e.segment, e.conversation_row), []).append(e)
    return found


def answers_too_big(packets: Table, own: Array, errors: Iterable[IcmpError]) -> Array:
    """A mask over `own`: what was under way when a router told a smaller MTU, sent once more within a second."""
    answers = np.zeros(len(own), bool)
    for e in errors:
        ahead = own[own < e.frame - 1]
        if not len(ahead) or not 1 <= e.frame <= len(packets):
            continue
        base = int(packets["sequence"][ahead[0]])
        reached = int(((packets["sequence"][ahead].astype(np.int64) - base) & 0xFFFFFFFF).max())
        offset = (packets["sequence"][own].astype(np.int64) - base) & 0xFFFFFFFF
        start = int(packets["ts_ns"][e.frame - 1])
        times = packets["ts_ns"][own]
        answers |= (offset <= reached) & (own >= e.frame) & (times - start <= SECOND_NS)
    return answers

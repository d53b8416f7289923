"""Frames that a capture holds twice: one packet seen at two interfaces, on a mirrored port, before and behind a bridge."""

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.packets.schema import FIN, RST, SYN, column

ANY_ID_NS = 1_000_000  # no retransmission timer is that short
MOST_PAIRED = 0.8  # of a conversation's frames
SAME_ID_NS = 50_000_000  # with an equal IP id, which a retransmission does not have


def without_copies(packets: Table, rows: Array) -> Array:
    """The rows of one direction with payload, less those that only repeat a packet; in file order."""
    if len(rows) < 2:
        return rows
    order = np.lexsort((rows, packets["sequence"][rows]))
    ordered = rows[order]
    sequence, length = packets["sequence"][ordered], packets["payload_length"][ordered]
    times, ids = packets["ts_ns"][ordered], column(packets, "ip_id")[ordered]
    later = np.diff(times)
    same = (sequence[1:] == sequence[:-1]) & (length[1:] == length[:-1])
    same_id = (ids[1:] == ids[:-1]) & (ids[1:] != 0)
    is_copy = np.zeros(len(rows), bool)
    is_copy[1:] = same & (later >= 0) & ((later < ANY_ID_NS) | (same_id & (later < SAME_ID_NS)))
    kept: Array = np.sort(ordered[~is_copy])
    return kept


def first_sights(packets: Table, rows: Array) -> Array:
    """Rows of a conversation, whatever their flags, less those that only repeat a packet; in file order.

    Two equal packets within a millisecond may be two: without an IP id, another TTL tells that they are one, or that nearly all
    packets come in pairs; of pure ACKs, the TTL only.
    """
    if len(rows) < 2:
        return rows
    if (np.diff(packets["ts_ns"][rows]) >= SAME_ID_NS).all():
        return rows  # nothing is that near to its copy
    names = ("direction", "sequence", "acknowledgment", "payload_length", "tcp_flags", "icmp_type", "fragment")
    keys = [column(packets, name)[rows].astype(np.int64) for name in names]
    order = np.lexsort((rows, *keys))
    ordered, later = rows[order], np.diff(packets["ts_ns"][rows[order]])
    alike = np.logical_and.reduce([np.diff(key[order]) == 0 for key in keys])
    ids, ttls = column(packets, "ip_id")[ordered], packets["ttl"][ordered].astype(np.int64)
    same_id = (np.diff(ids.astype(np.int64)) == 0) & (ids[1:] != 0)
    says = (packets["payload_length"][ordered] > 0) | (packets["tcp_flags"][ordered] & (SYN | FIN | RST) != 0)
    no_id = (ids[1:] == 0) & (ids[:-1] == 0)
    near = alike & (later >= 0) & (later < ANY_ID_NS)
    sure = (near & (same_id | (no_id & (np.abs(np.diff(ttls)) == 1)))) | (alike & same_id & (later >= 0) & (later < SAME_ID_NS))
    likely = near & no_id & says[1:]
    if 2 * np.count_nonzero(likely) < MOST_PAIRED * np.count_nonzero(says & (ids == 0)):
        likely[:] = False  # two timers that ran out together
    is_copy = np.zeros(len(rows), bool)
    is_copy[1:] = sure | likely
    kept: Array = np.sort(ordered[~is_copy])
    return kept

"""Frames that a capture holds twice: one packet seen at two interfaces, on a mirrored port, before and behind a bridge."""

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.packets.schema import column

ANY_ID_NS = 1_000_000  # no retransmission timer is that short
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

"""Sequence numbers that are sent again and again, found for all conversations of a capture at once."""

import numpy as np

from runs.analysis.columns import Array, Table
from runs.analysis.domain.copies import ANY_ID_NS, SAME_ID_NS
from runs.analysis.packets.schema import KEEP_ALIVE, OUT_OF_ORDER, RESENT, RST, SYN, TCP, ZERO_WINDOW_PROBE, column


def repeating_sides(packets: Table, least_sendings: int, least_ns: int) -> set[tuple[int, int]]:
    """(conversation's row, direction) of all in which one sequence number with payload is sent so often over so long.

    Each sending after the first must be a repetition by the TCP analysis (a number that comes round again is none); keep-alives,
    window probes and frames that the capture holds twice are no sendings.
    """
    remarks, conversations = packets["remarks"], packets["conversation"]
    again = (remarks & (RESENT | OUT_OF_ORDER) != 0) & (packets["protocol"] == TCP) & (conversations >= 0)
    affected = np.unique(conversations[again])
    if not len(affected):
        return set()
    is_affected = np.zeros(int(affected[-1]) + 1, bool)
    is_affected[affected] = True
    data = (packets["payload_length"] > 0) & (packets["tcp_flags"] & (SYN | RST) == 0)
    data &= (remarks & (KEEP_ALIVE | ZERO_WINDOW_PROBE) == 0) & (packets["protocol"] == TCP)
    data &= (conversations >= 0) & (conversations < len(is_affected))
    rows = np.flatnonzero(data)
    rows = rows[is_affected[conversations[rows]]]
    keys = [packets[name][rows].astype(np.int64) for name in ("sequence", "direction", "conversation")]
    order = np.lexsort((rows, *keys))
    rows, keys = rows[order], [key[order] for key in keys]
    same = np.logical_and.reduce([np.diff(key) == 0 for key in keys])
    kept = ~_is_copy(packets, rows, same)
    return _long_enough(packets, rows[kept], [key[kept] for key in keys], least_sendings, least_ns)


def _is_copy(packets: Table, rows: Array, same: Array) -> Array:
    """Which rows only repeat the packet before them (see domain/copies.py)."""
    ids, later = column(packets, "ip_id")[rows], np.diff(packets["ts_ns"][rows])
    alike = same & (np.diff(packets["payload_length"][rows].astype(np.int64)) == 0) & (later >= 0)
    same_id = (ids[1:] == ids[:-1]) & (ids[1:] != 0)
    found = np.zeros(len(rows), bool)
    found[1:] = alike & ((later < ANY_ID_NS) | (same_id & (later < SAME_ID_NS)))
    return found


def _long_enough(packets: Table, rows: Array, keys: list[Array], least_sendings: int, least_ns: int) -> set[tuple[int, int]]:
    if not len(rows):
        return set()
    begins = np.flatnonzero(np.r_[True, np.logical_or.reduce([np.diff(key) != 0 for key in keys])])
    ends = np.r_[begins[1:], len(rows)] - 1
    repeated = np.cumsum(np.r_[0, packets["remarks"][rows] & (RESENT | OUT_OF_ORDER) != 0])
    all_repeated = repeated[ends + 1] - repeated[begins + 1] == ends - begins
    span = packets["ts_ns"][rows[ends]] - packets["ts_ns"][rows[begins]]
    found = begins[(ends - begins + 1 >= least_sendings) & (span >= least_ns) & all_repeated]
    _, directions, conversations = keys
    return set(zip(conversations[found].tolist(), directions[found].tolist(), strict=True))

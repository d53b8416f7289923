"""The upper layers of some frames in words, read from the capture: for the page that is looked at, never for all frames."""

from collections.abc import Sequence
from pathlib import Path

from runs.analysis.columns import Table
from runs.analysis.packets.schema import ETHERTYPE_ARP, ICMPV6, TCP, UDP, column
from runs.analysis.packets.stream import open_bytes
from runs.analysis.packets.upper.told import told

MOST_DECOMPRESSED = 64 << 20  # a compressed capture is read from its start: further in, the header's words must do
MOST_BYTES = 4_096  # of a frame


def told_frames(origin: Path, packets: Table, rows: Sequence[int]) -> dict[int, str]:
    """The info of those frames (rows of `packets`) whose bytes say more than their headers. Raises OSError."""
    wanted = sorted(row for row in rows if _says_more(packets, row))
    if not wanted or "line" in packets:
        return {}
    found: dict[int, str] = {}
    with open_bytes(origin) as source:
        for row in wanted:
            offset, length = int(packets["offset"][row]), min(int(packets["captured_length"][row]), MOST_BYTES)
            if offset < 0 or (source.compression and offset > MOST_DECOMPRESSED):
                continue
            window = source.window(offset, length)
            words = told(packets, row, bytes(window.data[offset - window.base :][:length].tobytes()))
            if words:
                found[row] = words
    return found


def _says_more(packets: Table, row: int) -> bool:
    if not packets["ip_version"][row]:
        return bool(packets["ethertype"][row] == ETHERTYPE_ARP)
    protocol = int(packets["protocol"][row])
    if protocol == ICMPV6:
        return 133 <= int(column(packets, "icmp_type")[row]) <= 136
    return protocol in (TCP, UDP) and int(packets["payload_length"][row]) > 0

"""The upper layers of some frames in words, read from the capture: for the page that is looked at, never for all frames."""

from collections.abc import Sequence
from pathlib import Path

from runs.analysis.columns import Table
from runs.analysis.packets.schema import ETHERTYPE_ARP, ICMPV6, TCP, UDP, column
from runs.analysis.packets.stream import ByteSource, open_bytes
from runs.analysis.packets.upper.options import option_words
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
            words = told(packets, row, _bytes_of(source, packets, row))
            if words:
                found[row] = words
    return found


def told_options(origin: Path, packets: Table, conversations: Table, rows: Sequence[int]) -> dict[int, str]:
    """The TCP options of those frames whose header has any worth a word. Raises OSError."""
    wanted = sorted(row for row in rows if _has_options(packets, row))
    if not wanted or "line" in packets:
        return {}
    found: dict[int, str] = {}
    with open_bytes(origin) as source:
        for row in wanted:
            start, end = (int(packets[name][row]) for name in ("transport_offset", "payload_offset"))
            bases = conversations["base_sequences"][int(packets["conversation"][row])]
            base = int(bases[1 - int(packets["direction"][row])])
            words = option_words(_bytes_of(source, packets, row)[start + 20 : end], base, int(packets["acknowledgment"][row]))
            if words:
                found[row] = words
    return found


def _bytes_of(source: ByteSource, packets: Table, row: int) -> bytes:
    """A frame's first bytes; none of a text's, nor far into a compressed capture."""
    offset, length = int(packets["offset"][row]), min(int(packets["captured_length"][row]), MOST_BYTES)
    if offset < 0 or (source.compression and offset > MOST_DECOMPRESSED):
        return b""
    window = source.window(offset, length)
    return bytes(window.data[offset - window.base :][:length].tobytes())


def _has_options(packets: Table, row: int) -> bool:
    if int(packets["protocol"][row]) != TCP or int(packets["conversation"][row]) < 0:
        return False
    start = int(packets["transport_offset"][row])
    return start > 0 and int(packets["payload_offset"][row]) - start > 20


def _says_more(packets: Table, row: int) -> bool:
    if not packets["ip_version"][row]:
        return bool(packets["ethertype"][row] == ETHERTYPE_ARP)
    protocol = int(packets["protocol"][row])
    if protocol == ICMPV6:
        return 133 <= int(column(packets, "icmp_type")[row]) <= 136
    return protocol in (TCP, UDP) and int(packets["payload_length"][row]) > 0

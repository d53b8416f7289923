"""TCP and UDP checksums of whole frames, held against their bytes: a bounded sample, so that a large capture costs no more than a small one."""

from collections.abc import Iterator

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.facts.frame_checksums import FrameChecksums
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.internet_checksum import ChecksumCounter, folded, pseudo_sum, word_sum
from runs.analysis.packets.schema import IS_CUT, IS_FRAGMENT, IS_LATER_FRAGMENT, IS_MALFORMED, TCP, UDP, column
from runs.analysis.packets.upper.view import View

FIRST_FRAMES, SPREAD_FRAMES = 500, 500
FIELD_AT = {TCP: 16, UDP: 6}
_UNFIT = IS_FRAGMENT | IS_LATER_FRAGMENT | IS_MALFORMED | IS_CUT


def frame_checksums(view: View) -> Iterator[FrameChecksums]:
    """One fact of a capture that holds whole TCP segments or UDP datagrams."""
    packets, counter = view.packets, ChecksumCounter()
    rows = _sample(view)
    sources = address_texts(view.addresses, [int(packets["source"][row]) for row in rows])
    for row in rows:
        protocol, source = int(packets["protocol"][row]), int(packets["source"][row])
        at = int(packets["transport_offset"][row])
        length = int(packets["payload_offset"][row]) - at + int(packets["payload_length"][row])
        data = view.frame(row)[at : at + length]
        field_at = FIELD_AT[protocol]
        if length < field_at + 2 or len(data) < length:
            continue
        stated = int.from_bytes(data[field_at : field_at + 2], "big")
        if protocol == UDP and stated == 0:  # RFC 768: the sender computed none
            continue
        sender, receiver = (view.addresses["address"][int(packets[name][row])].tobytes() for name in ("source", "destination"))
        pseudo = pseudo_sum(sender, receiver, protocol, length)
        right = folded(word_sum(data) + pseudo) == 0xFFFF
        counter.add(sources[source], row + 1, right=right, unfinished=stated == pseudo, ttl=int(packets["ttl"][row]))
    yield from counter.facts()


def _sample(view: View) -> list[int]:
    """The first whole frames, and others spread over the rest; of a compressed capture, which is read from its start, the first alone."""
    packets = view.packets
    whole = (packets["captured_length"] == packets["original_length"]) & (packets["payload_offset"] > 0)
    whole &= np.isin(packets["protocol"], (TCP, UDP)) & (column(packets, "flags") & _UNFIT == 0)
    rows: Array = np.flatnonzero(whole)
    first, rest = rows[:FIRST_FRAMES], rows[FIRST_FRAMES:]
    if view.source.compression is None and len(rest):
        spread = np.linspace(0, len(rest) - 1, min(SPREAD_FRAMES, len(rest))).astype(np.int64)
        first = np.concatenate([first, rest[spread]])
    return [int(row) for row in first]

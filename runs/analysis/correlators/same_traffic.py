"""Texts of captures: a tcpdump text whose records are frames of a capture in the same run.

A record and a frame are the same packet when endpoints, flags and payload length agree and their times differ by what most of the
text's records differ by. That offset is voted for, so a text in local time, without a date or relative to its first packet is
found as well, and so is one that was filtered or cut short.
"""

from collections.abc import Iterator

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.joined import SameTraffic
from runs.analysis.packets.schema import TCP, UDP
from runs.analysis.registry import correlator

LEAST_SHARE = 0.8
LEAST_RECORDS = 2
VOTERS = 64
CANDIDATES = 2_000
KEY_COLUMNS = ("source_port", "destination_port", "tcp_flags", "payload_length")
_MIX = np.uint64(0x9E3779B97F4A7C15)


@correlator(gives=SameTraffic, needs=[Capture])
def same_traffic(case: Case) -> Iterator[SameTraffic]:
    """For each text the capture that holds most of it, if it holds four fifths."""
    captures = [c for c in case.all(Capture) if not c.is_text]
    for text in (c for c in case.all(Capture) if c.is_text):
        best = max(
            (m for m in (match(case, text, capture) for capture in captures) if m is not None),
            key=lambda m: m.matched,
            default=None,
        )
        if best is not None:
            yield best


def match(case: Case, text: Capture, capture: Capture) -> SameTraffic | None:
    """How a text and a capture agree; None where they do not."""
    records, frames = case.table(text, "packets"), case.table(capture, "packets")
    if records is None or frames is None or len(records) < LEAST_RECORDS or not len(frames):
        return None
    addresses, known = case.table(text, "addresses"), case.table(capture, "addresses")
    text_keys, frame_keys = _keys(records, addresses), _keys(frames, known)
    grain = max(text.resolution_ns, capture.resolution_ns)
    text_ns, frame_ns = records["ts_ns"] // grain, frames["ts_ns"] // grain
    offset = _voted_offset(text_keys, text_ns, frame_keys, frame_ns)
    if offset is None:
        return None
    pairs: dict[tuple[int, int], list[int]] = {}
    first, last = int(text_ns.min()) + offset, int(text_ns.max()) + offset
    within = np.flatnonzero((frame_ns >= first) & (frame_ns <= last))
    for row in within[np.isin(frame_keys[within], text_keys)].tolist():
        pairs.setdefault((int(frame_keys[row]), int(frame_ns[row])), []).append(row)
    matched, differing = [], []
    for row in range(len(records)):
        same = pairs.get((int(text_keys[row]), int(text_ns[row] + offset)))
        if same:
            matched.append(same.pop(0))
        else:
            differing.append(int(records["line"][row]) if "line" in records else row + 1)
    if len(matched) < max(LEAST_RECORDS, LEAST_SHARE * len(records)):
        return None
    return SameTraffic(
        file=text.file,
        segment=text.segment,
        capture=capture.file,
        matched=len(matched),
        text_count=len(records),
        capture_count=len(frames),
        first_frame=min(matched) + 1,
        offset_ns=int(offset) * grain,
        differing_lines=tuple(differing[:20]),
    )


def _keys(packets: Table, addresses: Table | None) -> Array:
    """A 64-bit key a packet: addresses and protocol; of TCP and UDP ports, flags and payload length too."""
    codes = _address_keys(addresses)
    key = np.zeros(len(packets), np.uint64)
    with_ports = np.isin(packets["protocol"], (TCP, UDP))  # of the others a text and a capture count lengths differently
    telling = (np.where(with_ports, packets[name], 0) for name in KEY_COLUMNS)
    for column in (codes[packets["source"]], codes[packets["destination"]], packets["protocol"], *telling):
        key = (key ^ column.astype(np.uint64)) * _MIX
        key ^= key >> np.uint64(29)
    return key


def _address_keys(addresses: Table | None) -> Array:
    """A 64-bit key for each address code, equal in all captures."""
    if addresses is None or not len(addresses):
        return np.zeros(1, np.uint64)
    halves = np.ascontiguousarray(addresses["address"]).view(np.uint64).reshape(len(addresses), 2)
    keys: Array = (halves[:, 0] * _MIX) ^ halves[:, 1]
    return keys


def _voted_offset(text_keys: Array, text_times: Array, frame_keys: Array, frame_times: Array) -> int | None:
    """The difference of times that most of the first records have with a frame of the same key."""
    votes: list[Array] = []
    voters = np.unique(np.linspace(0, len(text_keys) - 1, min(VOTERS, len(text_keys))).astype(int))
    for row in voters.tolist():
        same = np.flatnonzero(frame_keys == text_keys[row])[:CANDIDATES]
        votes.append(np.unique(frame_times[same] - text_times[row]))
    offsets, counts = np.unique(np.concatenate(votes), return_counts=True)
    if not len(offsets):
        return None
    best: list[int] = offsets[counts == counts.max()].tolist()
    return min(best, key=abs)

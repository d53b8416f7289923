"""Offsets between clocks, from events that two sources saw exactly once: packets in two captures, a SYN and curl's 'Trying'.

The captures' clocks are the reference: the one with most frames for the others, and any of them for a client's log. An offset that has no
error bar is none: packets of one direction alone, or an endpoint that was tried more than once, give nothing.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.domain.capture_points import align, identities
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import ClockOffset
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.schema import TCP
from runs.analysis.registry import correlator

CLIENT_ERROR_NS = 20_000_000
"""Between curl's 'Trying' and its SYN lies a system call; a busy host may take some milliseconds for it."""
MOST_CAPTURES = 40
MOST_LISTED = 20


class Attempted(NamedTuple):
    """A first SYN of a conversation: capture, its time (UTC by the capture, corrected), frame, and what the originator then sent."""

    capture: str
    ts_ns: int
    frame: int
    request_bytes: int
    answered: bool


@correlator(gives=ClockOffset, needs=[Capture], uses=[CurlAttempt])
def clock_offsets(case: Case) -> Iterator[ClockOffset]:
    """At most one for each capture, and one for each client's log."""
    captures = [c for c in case.all(Capture) if not c.is_text and c.frame_count]
    captures = sorted(captures, key=lambda c: (-c.frame_count, c.file))[:MOST_CAPTURES]
    known = {c.file: identities(case, c) for c in captures} if len(captures) > 1 else {}
    corrections: dict[str, int] = {}
    for at, capture in enumerate(captures):
        corrections[capture.file] = 0
        for reference in captures[:at]:
            shared = [(known[reference.file][key], row) for key, row in known[capture.file].items() if key in known[reference.file]]
            offset = _of_captures(case, reference, capture, shared, corrections[reference.file])
            if offset is not None:
                corrections[capture.file] = offset.reference_ns - offset.face_ns
                yield offset
                break
    yield from _of_clients(case, captures, corrections)


def _of_captures(
    case: Case, reference: Capture, capture: Capture, shared: list[tuple[int, int]], correction: int
) -> ClockOffset | None:
    aligned = align(case, reference, capture, shared, max(reference.resolution_ns, capture.resolution_ns)) if shared else None
    packets = case.table(capture, "packets")
    if aligned is None or packets is None:
        return None
    face = int(packets["ts_ns"][aligned.rows[0][1]])
    return ClockOffset(
        file=capture.file,
        reference=reference.file,
        event="packets",
        face_ns=face,
        zone="Z",
        reference_ns=face - aligned.offset_ns + correction,
        error_ns=aligned.error_ns,
        count=len(aligned.rows),
        place=Citation(capture.file, frames=tuple(sorted(b + 1 for _, b in aligned.rows[:MOST_LISTED]))),
        reference_place=Citation(reference.file, frames=tuple(sorted(a + 1 for a, _ in aligned.rows[:MOST_LISTED]))),
    )


def _of_clients(case: Case, captures: list[Capture], corrections: dict[str, int]) -> Iterator[ClockOffset]:
    """Logs of curl with times: an endpoint tried once by the logs and once in a capture, and with the same request."""
    curls = case.all(CurlAttempt)
    tried = Counter(t.endpoint for c in curls for t in c.tries)
    told: set[tuple[str, int]] = set()
    wanted = {t.endpoint for c in curls for t in c.tries if t.at is not None and tried[t.endpoint] == 1}
    if not wanted:
        return
    attempted = _attempted(case, captures, corrections)
    for curl in curls:
        for one in curl.tries:
            seen = attempted.get((one.endpoint.address, one.endpoint.port or 0), {})
            if one.at is None or one.endpoint not in wanted or (curl.file, curl.segment) in told:
                continue
            if any(len(of_capture) != 1 for of_capture in seen.values()) or not seen:
                continue
            first = min((of_capture[0] for of_capture in seen.values()), key=lambda a: a.capture)
            if first.request_bytes != curl.request_bytes or first.answered != (curl.status is not None):
                continue
            told.add((curl.file, curl.segment))
            yield ClockOffset(
                file=curl.file,
                segment=curl.segment,
                reference=first.capture,
                event="connect",
                face_ns=one.at.wall_ns,
                has_date=one.at.has_date,
                zone=one.at.zone,
                reference_ns=first.ts_ns,
                error_ns=one.at.precision_ns + CLIENT_ERROR_NS,
                place=Citation(curl.file, lines=(one.line,)),
                reference_place=Citation(first.capture, frames=(first.frame,)),
            )


def _attempted(
    case: Case, captures: list[Capture], corrections: dict[str, int]
) -> dict[tuple[str, int], dict[str, list[Attempted]]]:
    """First SYNs by the endpoint that they went to and the capture; of one endpoint two in a capture are kept."""
    found: dict[tuple[str, int], dict[str, list[Attempted]]] = {}
    for capture in captures:
        table, addresses = case.table(capture, "conversations"), case.table(capture, "addresses")
        packets = case.table(capture, "packets")
        if table is None or addresses is None or packets is None:
            continue
        rows = np.flatnonzero((table["protocol"] == TCP) & (table["syn_frame"] > 0))
        texts = address_texts(addresses, [int(code) for code in table["addresses"][rows, 1]])
        for row in rows.tolist():
            end = (texts[int(table["addresses"][row][1])], int(table["ports"][row][1]))
            kept = found.setdefault(end, {}).setdefault(capture.file, [])
            if len(kept) < 2:
                frame = int(table["syn_frame"][row])
                sent, answered = (int(n) for n in table["payload_bytes"][row])
                at = int(packets["ts_ns"][frame - 1]) + corrections[capture.file]
                kept.append(Attempted(capture.file, at, frame, sent, answered > 0))
    return found

"""Every single try to reach an end, with its time and what became of it: conversations, and a client's logs that no capture has.

Attempts of the reachability matrix stand for many equal tries; what came before and after a moment is told by the tries alone.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite
from runs.analysis.domain.phases import is_refused
from runs.analysis.domain.scans import is_vain
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.conversation import Conversation

SILENT_NS = 5 * SECOND_NS
LEAST_SYN_NS = SECOND_NS  # a SYN is repeated after a second
Fate = Literal["answered", "refused", "no answer to SYN", "no response"]


class Trial(NamedTuple):
    """One try; `at_ns` UTC."""

    target: Endpoint
    at_ns: int
    fate: Fate
    places: tuple[Citation, ...]


def trials(case: Case) -> Iterator[Trial]:
    """Those whose fate is clear, in no order; scans and what is cut off are left to others."""
    for c in case.all(Conversation):
        fate = _fate(c) if c.protocol == "tcp" and c.syn_frame and c.continues is None else None
        if fate is not None:
            yield Trial(
                c.responder,
                c.start_ns,
                fate,
                (cite(case, c, c.syn_frame, c.rst_frame or c.first_data_frames[0], c.first_data_frames[1]),),
            )
    for a in case.all(Attempt):
        if a.client is not None and a.conversation is None and a.count == 1 and a.at_ns is not None and not a.superseded:
            told = _told_fate(a)
            if told is not None:
                yield Trial(a.target, a.at_ns, told, a.citations[:4])


def _fate(c: Conversation) -> Fate | None:
    if c.payload_bytes[1]:
        return "answered"
    if is_vain(c):
        return "refused" if is_refused(c) else "no answer to SYN" if c.duration_ns >= LEAST_SYN_NS else None
    is_silent = c.handshake_complete and c.payload_bytes[0] and c.duration_ns >= SILENT_NS and c.continued_in is None
    return "no response" if is_silent else None


def _told_fate(a: Attempt) -> Fate | None:
    """What the client's own log says; a failed connect does not tell a refusal from silence, unless it was waited for."""
    phase = a.phase("first_byte")
    if phase is not None and phase.result in ("ok", "failed"):
        return "answered" if phase.result == "ok" else "no response"
    return None

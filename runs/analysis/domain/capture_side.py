"""At which end of a conversation its capture was taken: by the addresses of the host that wrote it, else by the TTLs that packets came with.

Packets that leave the capturing host have a TTL that hosts start with (64, 128, 255); those that came over a router have less. Where both ends'
packets have a whole TTL (one link) or none of it is known, the side is not known.
"""

from typing import Literal, NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.domain.onward import INITIAL_TTLS
from runs.analysis.domain.places import same_host
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import CaptureStatistics
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.joined import CaptureRun
from runs.analysis.facts.network import Interfaces
from runs.analysis.packets.schema import column

READS = (CaptureRun, CaptureStatistics, Interfaces)  # what a rule declares that asks here

Side = Literal["originator", "responder", "under way"]


class Taken(NamedTuple):
    """The side, and what shows it: frames (from 1) with their TTLs, or lines. 'under way': not at the originator, perhaps at the responder."""

    side: Side
    frames: tuple[int, ...] = ()
    ttls: tuple[int, ...] = ()
    places: tuple[Citation, ...] = ()


class CaptureSides:
    """The captures of a run; each is looked at once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._sent: dict[tuple[str, int], dict[int, tuple[int, int]]] = {}
        self._owned: dict[str, dict[str, tuple[Citation, ...]]] = {}

    def of(self, c: Conversation) -> Taken | None:
        """Where the capture of a TCP conversation with a SYN was taken; None: not known."""
        own = self._own(c.file)
        if (c.originator.address in own) != (c.responder.address in own):
            side: Side = "responder" if c.responder.address in own else "originator"
            return Taken(side, places=own[c.responder.address if side == "responder" else c.originator.address])
        return self._by_ttl(c)

    def _by_ttl(self, c: Conversation) -> Taken | None:
        packets, conversations = self._case.table(c, "packets"), self._case.table(c, "conversations")
        if packets is None or conversations is None or not 1 <= c.syn_frame <= len(packets):
            return None
        came = int(column(packets, "ttl")[c.syn_frame - 1])
        responder = int(conversations["addresses"][c.row][1])
        sent = self._packets_of(c).get(responder)
        answer, frame = sent if sent is not None else (0, 0)
        if not came or answer < 0:
            return None
        if came in INITIAL_TTLS:
            return Taken("originator", (c.syn_frame, frame), (came, answer)) if answer and answer not in INITIAL_TTLS else None
        if answer in INITIAL_TTLS:
            return Taken("responder", (c.syn_frame, frame), (came, answer))
        return Taken("under way", (c.syn_frame,), (came,))

    def _packets_of(self, c: Conversation) -> dict[int, tuple[int, int]]:
        """By address (its code) the TTL of its packets and the first frame; −1: some have a whole TTL and some have not."""
        key = (c.file, c.segment)
        if key not in self._sent:
            packets = self._case.table(c, "packets")
            assert packets is not None
            known = np.flatnonzero(column(packets, "ttl") > 0)
            pairs = packets["source"][known].astype(np.int64) * 256 + column(packets, "ttl")[known]
            values, first = np.unique(pairs, return_index=True)
            found: dict[int, tuple[int, int]] = {}
            for value, at in zip(values.tolist(), known[first].tolist(), strict=True):
                code, ttl = divmod(value, 256)
                other = found.get(code)
                mixed = other is not None and (other[0] in INITIAL_TTLS) != (ttl in INITIAL_TTLS)
                found[code] = (-1, 0) if mixed or (other is not None and other[0] < 0) else other or (ttl, at + 1)
            self._sent[key] = found
        return self._sent[key]

    def _own(self, file: str) -> dict[str, tuple[Citation, ...]]:
        """The addresses of the host whose tcpdump wrote the capture, with the lines that say so."""
        if file not in self._owned:
            written = {r.statistics_file for r in self._case.all(CaptureRun) if r.file == file}
            runs = [s for s in self._case.all(CaptureStatistics) if s.file in written and s.host is not None]
            self._owned[file] = {
                a.address: (Citation(i.file, lines=(a.line,)),)
                for s in runs
                for i in self._case.all(Interfaces)
                if same_host(s, i)
                for n in i.interfaces
                for a in n.addresses
            }
        return self._owned[file]

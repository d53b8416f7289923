"""DNS messages as tcpdump prints them: questions and answers become CapturedQuery facts.

40312+ A? www.example.net. (33)                       40312 1/0/0 A 192.0.2.80 (49)
40312+ [1au] AAAA? www.example.net. (44)              40312 NXDomain* q: A? www.example.net. 0/1/0 (98)
Source: print-domain.c of tcpdump 4.99.
"""

import re
from dataclasses import dataclass, field

from runs.analysis.domain.tcpdump_packets import Packet
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.name_query import CapturedQuery

DNS_PORTS = (53,)
MAX_QUERIES = 5_000
MAX_FRAMES = 50
MAX_ANSWERS = 20
_QUERY = re.compile(
    r"(\d{1,5})(?: \w{1,9})?[+%]{0,2} (?:\[[^\]]{1,40}\] ){0,3}(?:(?:Type)?([A-Z0-9-]{1,12})|Type(\d{1,5}))\? (\S{1,255})"
)
_ANSWER = re.compile(
    r"(\d{1,5})(?: (?!q:)([A-Za-z]\w{1,15}))?([*|$-]{0,4}) (?:q: (?:Type)?([A-Z0-9-]{1,12})\? (\S{1,255}) )?(\d{1,5})/(\d{1,5})/(\d{1,5})(?: (.*))?"
)
_RECORD = re.compile(r"(?:(\S+\.) )?(?:\[[\w,]{1,40}\] )?(A|AAAA|CNAME|NS|PTR|MX|TXT|SOA|SRV|HTTPS|SVCB) ([^,]{1,300})")
_RCODES = {"NXDomain": "NXDOMAIN", "ServFail": "SERVFAIL", "Refused": "REFUSED", "FormErr": "FORMERR", "NotImp": "NOTIMP"}


@dataclass
class _Asked:
    name: str
    record_type: str
    identifier: int
    client: Endpoint
    server: Endpoint
    query_ns: int
    frames: list[int] = field(default_factory=list)
    answer: dict[str, object] = field(default_factory=dict)


class Queries:
    """Collects the questions of one text."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, int | None, str, int], list[_Asked]] = {}
        self._count = 0

    def read(self, packet: Packet, frame: int, ts_ns: int) -> None:
        """Look at a UDP packet of port 53."""
        if packet.destination_port in DNS_PORTS:
            self._question(packet, frame, ts_ns)
        elif packet.source_port in DNS_PORTS:
            self._reply(packet, frame, ts_ns)

    def _question(self, packet: Packet, frame: int, ts_ns: int) -> None:
        match = _QUERY.match(packet.words)
        if match is None:
            return
        kind, name = match[2] or f"TYPE{match[3]}", match[4].rstrip(".")
        known = self._asked.setdefault((packet.source, packet.source_port, packet.destination, int(match[1])), [])
        same = next((one for one in known if (one.name, one.record_type) == (name, kind)), None)
        if same is None:
            if self._count >= MAX_QUERIES:
                return
            self._count += 1
            same = _Asked(name, kind, int(match[1]), *_ends(packet), ts_ns)
            known.append(same)
        if len(same.frames) < MAX_FRAMES:
            same.frames.append(frame)

    def _reply(self, packet: Packet, frame: int, ts_ns: int) -> None:
        match = _ANSWER.match(packet.words)
        if match is None:
            return
        known = self._asked.setdefault((packet.destination, packet.destination_port, packet.source, int(match[1])), [])
        name = (match[5] or "").rstrip(".")
        same = next((one for one in known if not one.answer and name in ("", one.name)), None)
        if same is None:
            if not name or self._count >= MAX_QUERIES:
                return
            self._count += 1
            server, client = _ends(packet)
            same = _Asked(name, match[4] or "", int(match[1]), client, server, ts_ns)
            known.append(same)
        words = (match[9] or "") if match[6] != "0" else ""
        found = _RECORD.findall(words)[: min(MAX_ANSWERS, int(match[6]))]
        same.answer = {
            "response_frame": frame,
            "response_ns": ts_ns,
            "rcode": _RCODES.get(match[2] or "", (match[2] or "NOERROR").upper()),
            "answers": tuple(f"{owner.rstrip('.') or same.name} {kind} {_data(data)}" for owner, kind, data in found),
            "truncated": "|" in match[3],
        }

    def facts(self) -> list[CapturedQuery]:
        """The questions, in the order of their first frames."""
        asked = sorted((one for same in self._asked.values() for one in same), key=_first)
        return [
            CapturedQuery(
                name=one.name,
                record_type=one.record_type,
                identifier=one.identifier,
                client=one.client,
                server=one.server,
                query_frames=tuple(one.frames),
                query_ns=one.query_ns,
                **one.answer,  # type: ignore[arg-type]
            )
            for one in asked
        ]


def _first(one: _Asked) -> int:
    frame = one.answer.get("response_frame")
    return one.frames[0] if one.frames else frame if isinstance(frame, int) else 0


def _ends(packet: Packet) -> tuple[Endpoint, Endpoint]:
    return Endpoint(packet.source, packet.source_port), Endpoint(packet.destination, packet.destination_port)


def _data(text: str) -> str:
    """A record's data without what follows it: sections behind the answers, the message's length."""
    return re.sub(r" (?:ns|ar): .*$| \(\d+\)$", "", text.strip()).rstrip(".")

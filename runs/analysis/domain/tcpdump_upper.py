"""What the packets of a tcpdump text say above their headers: ARP, DNS and ICMP errors as facts, like a capture's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runs.analysis.columns import Table
from runs.analysis.domain.tcpdump_dns import DNS_PORTS, Queries
from runs.analysis.domain.tcpdump_icmp import IcmpErrors
from runs.analysis.domain.tcpdump_packets import Packet
from runs.analysis.domain.tcpdump_sequence import Sequences
from runs.analysis.facts.arp import ArpResolution
from runs.analysis.facts.base import Fact

REQUEST, REPLY = 1, 2
MAX_RESOLUTIONS = 5_000
MAX_LISTED = 50


@dataclass
class _Seen:
    """Requests of one address for another, or answers of one."""

    first_ns: int
    last_ns: int
    frames: list[int] = field(default_factory=list)
    count: int = 0
    macs: dict[str, None] = field(default_factory=dict)


@dataclass
class Upper:
    """Collects the facts of one text."""

    queries: Queries = field(default_factory=Queries)
    errors: IcmpErrors = field(default_factory=IcmpErrors)
    _asked: dict[tuple[str, str], _Seen] = field(default_factory=dict)
    _answers: dict[tuple[str, str], _Seen] = field(default_factory=dict)

    def read(self, packet: Packet, frame: int, ts_ns: int, sequences: Sequences) -> None:
        """Look at a packet that is no TCP segment."""
        if packet.protocol == "arp":
            self._arp(packet, frame, ts_ns)
        elif packet.protocol in ("icmp", "icmpv6"):
            inner, sequence = packet.quoted, None
            if inner is not None and inner.protocol == "tcp":
                here, there = (inner.source, inner.source_port), (inner.destination, inner.destination_port)
                sequence = sequences.quoted(here, there, inner.flags, inner.sequence)
            self.errors.read(packet, frame - 1, sequence)
        elif packet.protocol == "udp" and (packet.source_port in DNS_PORTS or packet.destination_port in DNS_PORTS):
            self.queries.read(packet, frame, ts_ns)

    def _arp(self, packet: Packet, frame: int, ts_ns: int) -> None:
        if packet.icmp_code == REQUEST and packet.source != packet.destination:
            held, key = self._asked, (packet.source, packet.destination)
        elif packet.icmp_code in (REQUEST, REPLY):
            held, key = self._answers, ("", packet.source)  # a text does not print whom an answer is for
        else:
            return
        if key in held or len(held) < MAX_RESOLUTIONS:
            seen = held.setdefault(key, _Seen(ts_ns, ts_ns))
            seen.last_ns = max(seen.last_ns, ts_ns)
            seen.count += 1
            if len(seen.frames) < MAX_LISTED:
                seen.frames.append(frame)
            if packet.mac and len(seen.macs) < MAX_LISTED:
                seen.macs[packet.mac] = None

    def facts(self, tables: Mapping[str, Table]) -> list[Fact]:
        """All facts, once the tables are made."""
        made: list[Fact] = [*self.errors.facts(tables), *self.queries.facts()]
        for (asker, target), asked in self._asked.items():
            answers = self._answers.get(("", target), _Seen(asked.first_ns, asked.first_ns))
            made.append(
                ArpResolution(
                    asker=asker,
                    target=target,
                    request_frames=tuple(asked.frames),
                    request_count=asked.count,
                    reply_frames=tuple(answers.frames),
                    reply_count=answers.count,
                    macs=tuple(answers.macs),
                    first_ns=asked.first_ns,
                    last_ns=max(asked.last_ns, answers.last_ns),
                )
            )
        return made

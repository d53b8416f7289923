"""ICMP errors of a tcpdump text: the packet that each one quotes (-v), or names by its destination, and its conversation.

    IP 192.0.2.1 > 192.0.2.20: ICMP host 192.0.2.10 unreachable - admin prohibited, length 68
    IP6 2001:db8::1 > 2001:db8::20: ICMP6, destination unreachable, unreachable port, 2001:db8::10 udp port 53, length 60

Without -v a text quotes nothing: then the last packet on the way from the error's receiver to the named destination stands for it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np

from runs.analysis.columns import Table
from runs.analysis.domain.tcpdump_packets import Packet, split_end
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.conversations import protocol_name
from runs.analysis.packets.rows import PROTOCOL_NUMBERS
from runs.analysis.packets.schema import ICMP, ICMPV6, TCP, UDP, column
from runs.analysis.packets.stream import open_bytes
from runs.analysis.packets.upper.icmp import Quoted, errors_quoting
from runs.analysis.packets.upper.view import View

MAX_ERRORS = 5_000
MAX_SEARCHED = 100_000  # packets before an error among which the named one is looked for
_UNKNOWN = protocol_name(255)
_ERRORS = {"icmp": (3, 4, 5, 11, 12), "icmpv6": (1, 2, 3, 4)}
_NAMED = re.compile(
    r"(?i)ICMP6?,? (?:destination unreachable, [a-z ]+,? )?(?:(?:host|net) )?(?P<host>[\w.:%-]+?)"
    r"(?: (?P<protocol>tcp|udp|sctp) port (?P<port>[\w-]+))?(?: protocol \S+)?(?: unreachable|[, ]|$)"
)
_MTU = re.compile(r"(?i)\bmtu (\d{1,7})")


@dataclass
class IcmpErrors:
    """Collects the errors of one text."""

    quoted: dict[int, Quoted] = field(default_factory=dict)
    named: dict[int, tuple[str, str, int | None]] = field(default_factory=dict)  # destination, protocol or '', port
    mtus: dict[int, int] = field(default_factory=dict)

    def read(self, packet: Packet, row: int, sequence: int | None) -> None:
        """Look at an ICMP packet; `sequence`: of the quoted packet, absolute."""
        if packet.icmp_type not in _ERRORS[packet.protocol] or len(self.quoted) + len(self.named) >= MAX_ERRORS:
            return
        if (mtu := _MTU.search(packet.words)) is not None:
            self.mtus[row] = int(mtu[1])
        inner = packet.quoted
        if inner is not None and inner.source:
            self.quoted[row] = Quoted(
                PROTOCOL_NUMBERS.get(inner.protocol, 255),
                inner.source,
                inner.destination,
                inner.source_port or 0,
                inner.destination_port or 0,
                inner.ttl or 0,
                inner.ip_id or 0,
                sequence if inner.protocol == "tcp" else None,
            )
        elif (named := _NAMED.match(packet.words)) is not None:
            host, port = split_end(named["host"])
            if named["port"]:
                port = split_end(f"192.0.2.1.{named['port']}")[1]
            self.named[row] = (host, (named["protocol"] or "").lower(), port)

    def facts(self, tables: Mapping[str, Table]) -> Iterator[IcmpError]:
        """The errors with their conversations, in the order of the text."""
        if not self.quoted and not self.named:
            return
        packets = tables["packets"]
        with open_bytes(b"") as nothing:
            view = View(packets, tables["conversations"], tables["addresses"], nothing)
            shown = dict(self.quoted)
            for row, named in self.named.items():
                shown[row] = _quoted(view, row, *named)
            for error in errors_quoting(view, shown):
                yield msgspec.structs.replace(
                    error,
                    quoted_protocol="" if error.quoted_protocol == _UNKNOWN else error.quoted_protocol,
                    mtu=self.mtus.get(error.frame - 1),
                    quoted_source=_without_0(error.quoted_source),
                    quoted_destination=_without_0(error.quoted_destination),
                    original_ttl=error.original_ttl or None,
                )


def _without_0(end: Endpoint) -> Endpoint:
    return end if end.port else Endpoint(end.address)


def _quoted(view: View, row: int, host: str, protocol: str, port: int | None) -> Quoted:
    """What stands for a packet that is named only by where it should go."""
    packets = view.packets
    receiver = view.ends(row)[1].address
    first = max(0, row - MAX_SEARCHED)
    part = slice(first, row)
    kind = column(packets, "icmp_type")[part]
    is_error = (packets["protocol"][part] == ICMP) & np.isin(kind, _ERRORS["icmp"])
    is_error |= (packets["protocol"][part] == ICMPV6) & np.isin(kind, _ERRORS["icmpv6"])
    same = (packets["source"][part] == packets["destination"][row]) & ~is_error
    if protocol:
        same &= packets["protocol"][part] == PROTOCOL_NUMBERS[protocol]
    if port is not None:
        same &= packets["destination_port"][part] == port
    rows = first + np.flatnonzero(same)
    texts = address_texts(view.addresses, packets["destination"][rows])
    codes = [code for code, text in texts.items() if text == host]
    rows = rows[np.isin(packets["destination"][rows], codes)]
    if not len(rows):
        return Quoted(PROTOCOL_NUMBERS.get(protocol, 255), receiver, host, 0, port or 0, 0, 0, None)
    last = int(rows[-1])
    number = int(packets["protocol"][last])
    here, there = (
        int(packets[name][last]) if number in (TCP, UDP, ICMP, ICMPV6) else 0 for name in ("source_port", "destination_port")
    )
    sequence = int(packets["sequence"][last]) if number == TCP else None
    return Quoted(number, receiver, host, here, there, 0, int(column(packets, "ip_id")[last]), sequence)

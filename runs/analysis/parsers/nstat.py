"""`nstat` of Linux (also -az): the kernel's counters of IP, TCP, UDP and ICMP, by the names of RFC 1213 and Linux' own.

    #kernel
    IpInReceives                    184233             0.0
    TcpRetransSegs                  371                0.0
    TcpExtListenOverflows           2                  0.0

Yields ProtocolCounters for each command. Refuses `netstat -s`, which writes sentences.
"""

import re

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.sockets import ProtocolCounter, ProtocolCounters
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("nstat.title", en="the kernel's counters (nstat)", ja="カーネルの統計 (nstat)")
MAX_COUNTERS = 5_000
_PROTOCOLS = "MPTcpExt|TcpExt|IpExt|Ip6|Ip|Tcp|UdpLite6|UdpLite|Udp6|Udp|Icmp6|IcmpMsg|Icmp|Sctp|TlsExt|Tls"
_LINE = re.compile(rf"(?P<protocol>{_PROTOCOLS})(?P<name>[A-Z0-9]\w{{1,60}})\s+(?P<value>\d{{1,20}})(?:\s+\d+\.\d+)?\s*$")
_SURE = re.compile(rf"#kernel\s*$|(?:{_PROTOCOLS})[A-Z0-9]\w{{1,60}}\s+\d{{1,20}}\s+\d+\.\d+\s*$")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two counters, or one under its command."""
    return recognise(head, TITLE, _SURE, ("nstat",), least=2)


def parse(source: Source) -> Parsed:
    """The counters of each command."""
    return parse_sections(source, _counters, "listings")


def _counters(section: Section) -> list[Fact]:
    found = [
        ProtocolCounter(line=line.number, protocol=match["protocol"], text=match["name"], value=int(match["value"]))
        for line in section.lines
        if (match := _LINE.match(line.text[:200])) is not None
    ][:MAX_COUNTERS]
    if not found:
        return []
    return [
        ProtocolCounters(
            host=section.host,
            counters=tuple(found),
            command=section.command,
            first_line=first_full_line(section),
            last_line=last_full_line(section),
        )
    ]

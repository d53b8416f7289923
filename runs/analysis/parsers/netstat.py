"""netstat: -an (Linux, macOS, Windows), -rn and `route -n`, -s. Several with prompts in one file.

    Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
    tcp        0      0 0.0.0.0:8443            0.0.0.0:*               LISTEN      812/nginx
    Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
    0.0.0.0         192.0.2.254     0.0.0.0         UG    100    0        0 eth3
    Tcp:
        42 segments retransmitted

Yields a SocketTable with Listeners, a RoutingTable for each IP version, or ProtocolCounters. Refuses ss and `ip route`.
"""

import re

from runs.analysis.domain.netstat_routes import BSD_HEAD, LINUX6_HEAD, LINUX_HEAD, read_routes
from runs.analysis.domain.shell import Section
from runs.analysis.domain.socket_listing import MAX_SOCKETS, TOO_MANY, covered, endpoint_of, facts_of, state_of
from runs.analysis.domain.terminal import first_full_line, last_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.sockets import ProtocolCounter, ProtocolCounters, Socket
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("netstat.title", en="sockets, routes or counters (netstat, route)", ja="ソケット・経路・統計 (netstat, route)")
MAX_COUNTERS = 5_000
_ROW = re.compile(
    r"\s*(?:[0-9a-f]{8,16}\s+(?:[0-9a-f]{1,8}\s+)?)?(?P<protocol>(?:tcp|udp|icm|raw|sctp)\w*)\s+(?:(?P<receive>\d{1,12})\s+(?P<send>\d{1,12})\s+)?(?P<local>\S+[:.](?:\d{1,5}|\*|[\w-]+))"
    r"\s+(?P<peer>\S+[:.](?:\d{1,5}|\*|[\w-]+))(?:\s+(?P<state>[A-Z][A-Z_0-9]+))?(?:\s+(?P<rest>.*))?$",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?:\*|.*[.\da-fA-F])\.(?:\d{1,5}|\*)$")
_PROCESS = re.compile(r"(?P<pid>\d{1,9})(?:/(?P<name>\S+))?")
_PROTOCOL = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9]{1,11}):\s*$")
_COUNTER = re.compile(r"\s+(?:(?P<value>\d{1,18}) (?P<text>[^\d:].{2,120})|(?P<name>[A-Za-z][\w ]{2,40}): (?P<after>\d{1,18}))\s*$")
_SURE = re.compile(
    r"Active (?:Internet|UNIX domain|Connections)|Proto\s+Recv-Q\s+Send-Q\s+Local Address\s+Foreign Address"
    r"|Kernel (?:IP|IPv6) routing table|Routing tables\s*$|\s+\d+ segments (?:retransmit\w*|sent out|received)"
    rf"|{LINUX_HEAD.pattern}|{LINUX6_HEAD.pattern}|{BSD_HEAD.pattern}|tcp[46]?\s+\d+\s+\d+\s+\S+\s+\S+\s+[A-Z_0-9]{{4,}}"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by netstat's titles, columns or rows."""
    return recognise(head, TITLE, _SURE, ("netstat", "route"))


def parse(source: Source) -> Parsed:
    """What each command shows."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    count = 0
    for section in typed_sections(source, commands):
        if len(facts) > 10_000:
            break
        routes = read_routes(section)
        counters = _counters(section)
        sockets = _sockets(section, MAX_SOCKETS - count, problems)
        count += len(sockets) + len(counters) + sum(len(table.routes) for table in routes)
        facts += routes
        if sockets:
            letters = "".join(re.findall(r"\s-([A-Za-z]+)", section.command or ""))
            listening = any(one.state == "LISTEN" for one in sockets)
            facts += facts_of("netstat", sockets, section, covered(section.command), "a" in letters or "l" in letters or listening)
        if counters:
            facts.append(
                ProtocolCounters(
                    host=section.host,
                    counters=tuple(counters),
                    command=section.command,
                    first_line=first_full_line(section),
                    last_line=last_full_line(section),
                )
            )
    return Parsed(facts=[*facts, *commands], problems=problems[:100], counts={"rows": count})


def _sockets(section: Section, room: int, problems: list[Problem]) -> list[Socket]:
    found: list[Socket] = []
    for line in section.lines:
        match = _ROW.match(line.text[:1000])
        if match is None or len(found) >= room:
            if match is not None:
                problems.append(Problem(TOO_MANY(most=MAX_SOCKETS), line=line.number, lost=True))
                break
            continue
        dotted = bool(_DOTTED.match(match["local"]) and _DOTTED.match(match["peer"]))
        peer = endpoint_of(match["peer"], dotted)
        process = _PROCESS.match(match["rest"] or "")
        found.append(
            Socket(
                line=line.number,
                protocol=match["protocol"].lower(),
                state=state_of(match["state"]),
                local=endpoint_of(match["local"], dotted),
                peer=None if peer.port is None else peer,
                receive_queue=int(match["receive"]) if match["receive"] else None,
                send_queue=int(match["send"]) if match["send"] else None,
                process=process["name"].rstrip(":") if process and process["name"] else None,
                pid=int(process["pid"]) if process else None,
            )
        )
    return found


def _counters(section: Section) -> list[ProtocolCounter]:
    found: list[ProtocolCounter] = []
    protocol = ""
    for line in section.lines:
        text = line.text[:300]
        if (named := _PROTOCOL.match(text)) is not None:
            protocol = named["name"]
        elif protocol and (counter := _COUNTER.match(text)) is not None and len(found) < MAX_COUNTERS:
            words, value = (counter["text"], counter["value"]) if counter["value"] else (counter["name"], counter["after"])
            found.append(ProtocolCounter(line=line.number, protocol=protocol, text=words.strip(), value=int(value)))
    return found

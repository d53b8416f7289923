"""`lsof -i` of Linux and macOS.

    COMMAND   PID  USER   FD   TYPE DEVICE SIZE/OFF NODE NAME
    nginx     812  root    6u  IPv4  23117      0t0  TCP *:8443 (LISTEN)
    relay    4711 alice    5u  IPv6  23118      0t0  TCP [::1]:52110->[::1]:9100 (ESTABLISHED)

Yields a SocketTable and a Listener for each listening socket. Refuses listings of plain files alone.
"""

import re

from runs.analysis.domain.shell import Section
from runs.analysis.domain.socket_listing import MAX_SOCKETS, TOO_MANY, endpoint_of, facts_of, state_of
from runs.analysis.domain.terminal import recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.sockets import Socket
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("lsof.title", en="sockets by process (lsof -i)", ja="プロセス別ソケット (lsof -i)")
_ROW = re.compile(
    r"(?P<process>\S{1,32})\s+(?P<pid>\d{1,9})\s+(?:\d+\s+)?\S+\s+\d+[a-zA-Z-]*\s+IPv[46]\s+\S+\s+\S+\s+(?P<protocol>TCP|UDP|ICMP\w*)\s+"
    r"(?P<local>[^\s>]+?)(?:->(?P<peer>\S+))?(?:\s+\((?P<state>[A-Z_0-9]+)\))?\s*$"
)
_SURE = re.compile(rf"COMMAND\s+PID\s+(?:TID\s+)?(?:TASKCMD\s+)?USER\s+FD\s+TYPE\s+DEVICE\s|{_ROW.pattern.replace('?P<', '?P<s_')}")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by lsof's columns or a socket."""
    return recognise(head, TITLE, _SURE, ("lsof",))


def parse(source: Source) -> Parsed:
    """A table for each command."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    count = 0
    for section in typed_sections(source, commands):
        sockets = _sockets(section, MAX_SOCKETS - count, problems)
        count += len(sockets)
        if sockets and len(facts) < 10_000:
            facts += facts_of("lsof", sockets, section, (), any(one.state == "LISTEN" for one in sockets))
    return Parsed(facts=[*facts, *commands], problems=problems[:100], counts={"sockets": count})


def _sockets(section: Section, room: int, problems: list[Problem]) -> list[Socket]:
    found: list[Socket] = []
    for line in section.lines:
        match = _ROW.match(line.text[:1000])
        if match is not None and len(found) >= room:
            problems.append(Problem(TOO_MANY(most=MAX_SOCKETS), line=line.number, lost=True))
            break
        if match is not None:
            found.append(
                Socket(
                    line=line.number,
                    protocol=match["protocol"].lower(),
                    state=state_of(match["state"]),
                    local=endpoint_of(match["local"]),
                    peer=endpoint_of(match["peer"]) if match["peer"] else None,
                    process=match["process"],
                    pid=int(match["pid"]),
                )
            )
    return found

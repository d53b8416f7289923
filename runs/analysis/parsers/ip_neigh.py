"""`ip neigh`, `ip -6 neigh` of Linux.

    192.0.2.254 dev eth0 lladdr 02:00:00:00:00:fe REACHABLE
    fe80::1 dev eth0 lladdr 02:00:00:00:00:fe router STALE
    192.0.2.99 dev eth0 INCOMPLETE

Yields a Neighbours for each command. Refuses `arp -an` and `ndp -an`.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_quoted, matching, outside_fences
from runs.analysis.domain.shell import sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Neighbour, Neighbours
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("ip_neigh.title", en="the neighbour table (ip neigh)", ja="近隣テーブル (ip neigh)")
MAX_NEIGHBOURS = 100_000
_LINE = re.compile(
    r"(?P<address>[0-9A-Fa-f.:]{2,45}) (?:dev (?P<device>\S+) )?(?:lladdr (?P<mac>[0-9a-f:]{11,59}) )?"
    r"(?P<more>(?:used \S+ |probes \d+ |extern_learn |proxy )*)"
    r"(?P<router>router )?(?:ref \d+ )?(?P<state>REACHABLE|STALE|DELAY|PROBE|FAILED|INCOMPLETE|PERMANENT|NOARP|NONE)\s*$"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a line of the form."""
    lines = outside_fences(head.head_lines)
    found = matching(lines, _LINE)
    if not found:
        return None
    return because(TITLE, found[0], TYPICAL if is_quoted(lines, found[0]) else CERTAIN)


def parse(source: Source) -> Parsed:
    """A Neighbours for each command."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    count = 0
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < 1000:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        found = []
        for line in section.lines:
            match = _LINE.match(line.text[:500])
            if match is not None and count < MAX_NEIGHBOURS:
                count += 1
                found.append(
                    Neighbour(
                        line=line.number,
                        address=match["address"],
                        device=match["device"],
                        mac=match["mac"],
                        state=match["state"],
                        router=match["router"] is not None,
                    )
                )
        if found:
            facts.append(
                Neighbours(
                    host=section.host,
                    neighbours=tuple(found),
                    command=section.command,
                    first_line=section.command_line or found[0].line,
                    last_line=found[-1].line,
                )
            )
    return Parsed(facts=[*facts[:1000], *commands], counts={"neighbours": count})

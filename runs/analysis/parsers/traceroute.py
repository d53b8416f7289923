"""traceroute and traceroute6, with every `!` mark.

    [root@edge ~]# traceroute -n 198.51.100.9
    traceroute to 198.51.100.9 (198.51.100.9), 30 hops max, 60 byte packets
     1  192.0.2.254  0.182 ms  0.130 ms  0.141 ms
     2  * * *
     3  203.0.113.1  0.397 ms !X  0.382 ms !X  0.363 ms !X

Yields a Traceroute for each run. Refuses lists of hops without their first line or command.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_quoted, matching, outside_fences
from runs.analysis.domain.shell import Section, program, sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.reachability import Traceroute, TracerouteHop
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("traceroute.title", en="traceroute", ja="traceroute")
NOT_READ = message("traceroute.not_read", en="this line is no hop: {text}", ja="ホップとして読めない行: {text}")
MAX_RUNS = 1_000
MAX_HOPS = 256
_HEAD = re.compile(r"traceroute6? to (?P<name>\S+) \((?P<address>[^)\s]+)\)(?: from \S+)?,? *(?P<max>\d+) hops max")
_HOP = re.compile(r"\s*(?P<number>\d{1,3})[:?]?\s+(?P<rest>(?:\*|[\w.:%-]+(?: \([^)]*\))?|<?\d+ ms).*)$")
_RTT = re.compile(r"<?(\d{1,6}(?:\.\d{1,6})?) ?ms")
_MARK = re.compile(r"![A-Z](?:-\d+)?|!<\d+>|!(?=\s|$)")
_END = re.compile(r"(?<![\w.:])((?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?:%\w+)?(?![\w.])")
_NAMED = re.compile(r"([\w.-]*[A-Za-z][\w.-]*) \(([^)]+)\)")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the first line that traceroute prints."""
    lines = outside_fences(head.head_lines)
    found = matching(lines, _HEAD)
    if not found:
        return None
    return because(TITLE, found[0], TYPICAL if is_quoted(lines, found[0]) else CERTAIN)


def parse(source: Source) -> Parsed:
    """A Traceroute for each first line."""
    runs: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < MAX_RUNS:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        if len(runs) < MAX_RUNS:
            runs += _runs(section, problems)
    return Parsed(facts=[*runs[:MAX_RUNS], *commands], problems=problems, counts={"runs": len(runs)})


def _runs(section: Section, problems: list[Problem]) -> list[Traceroute]:
    command = section.command if section.command and program(section.command).startswith("trace") else None
    found: list[Traceroute] = []
    head: re.Match[str] | None = None
    first = last = 0
    hops: list[TracerouteHop] = []
    for line in section.lines:
        match = _HEAD.match(line.text)
        if match is not None:
            if head is not None:
                found.append(_finish(head, hops, first, last, command, section.host))
            head, first, last, hops = match, line.number, line.number, []
            continue
        hop = _HOP.match(line.text[:2000])
        if head is not None and hop is not None and len(hops) < MAX_HOPS:
            hops.append(_hop(int(hop["number"]), hop["rest"], line.number))
            last = line.number
        elif head is not None and line.text.strip() and len(problems) < 100:
            problems.append(Problem(NOT_READ(text=line.text.strip()[:100]), line=line.number))
    if head is not None:
        found.append(_finish(head, hops, first, last, command, section.host))
    return found


def _hop(number: int, rest: str, line: int) -> TracerouteHop:
    named = _NAMED.findall(rest)
    addresses = [address for _, address in named] + _END.findall(rest)
    return TracerouteHop(
        number=number,
        line=line,
        addresses=tuple(dict.fromkeys(addresses)),
        names=tuple(dict.fromkeys(name for name, address in named if name != address)),
        rtts_ns=tuple(_ms(rtt) for rtt in _RTT.findall(rest))[:32],
        stars=len(re.findall(r"(?<!\S)\*(?!\S)", rest)),
        marks=tuple(dict.fromkeys(_MARK.findall(rest))),
    )


def _ms(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 1_000_000 + int(part.ljust(6, "0") or 0)


def _finish(
    head: re.Match[str], hops: list[TracerouteHop], first: int, last: int, command: str | None, host: str | None
) -> Traceroute:
    name, address = head["name"], head["address"]
    target = address or name
    return Traceroute(
        host=host,
        target=target,
        name=name if name != target else None,
        command=command,
        max_hops=int(head["max"][:4]) if head["max"] else None,
        first_line=first,
        last_line=last,
        hops=tuple(hops),
        reached=any(target in hop.addresses and not hop.marks for hop in hops),
    )

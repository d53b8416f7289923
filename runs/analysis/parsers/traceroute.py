"""traceroute and traceroute6 of Linux, BSD, macOS and routers, and tcptraceroute, with every `!` mark.

    [root@edge ~]# traceroute -n 198.51.100.9
    traceroute to 198.51.100.9 (198.51.100.9), 30 hops max, 60 byte packets
     1  192.0.2.254  0.182 ms  0.130 ms  0.141 ms
     2  * * *
     3  203.0.113.1  0.397 ms !X  0.382 ms !X  0.363 ms !X

Hops that share a number stand in lines of their own on BSD and Cisco. BSD's first line goes to the standard error: hops alone, from
the first on, are a traceroute with an unknown target. Yields a Traceroute for each run. Refuses other numbered lists.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_document, is_page, is_quoted, matching, outside_fences
from runs.analysis.domain.ping_target import asked_target
from runs.analysis.domain.shell import Section, program, read_prompt, sections
from runs.analysis.domain.traceroute_hops import HOP, MORE, STRICT, least_mtu, read_hop
from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.reachability import Traceroute
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, TYPICAL, Parsed, Problem, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 6
TITLE = message("traceroute.title", en="traceroute", ja="traceroute")
NOT_READ = message("traceroute.not_read", en="this line is no hop: {text}", ja="ホップとして読めない行: {text}")
MAX_RUNS = 1_000
MAX_HOPS = 256
LEAST_HOPS = 2
_PROGRAMS = ("traceroute", "traceroute6", "tcptraceroute")
_HEAD = re.compile(
    r"traceroute6? to (?P<name>\S+) \((?P<address>[^)\s]+)\)(?: from \S+(?: \(\S+\))?)?,? *(?:port \d+, )?(?P<max>\d+) hops max"
    r"|Tracing the route to (?:(?P<cname>[^\s()]+) \((?P<caddress>[\d.]{7,15}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\)"
    r"|(?P<cbare>[\d.]{7,15}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))\s*$"
    r"|Tracing the path to (?P<tname>\S+?)(?: \((?P<taddress>[^)\s]+)\))? on TCP port \d+[^,]{0,60}, (?P<tmax>\d+) hops max"
)
_FAILURE = re.compile(
    r"(?:tcp)?traceroute6?: (?P<text>(?:sendto|sendmsg|bind|socket|connect|unknown host|findsaddr|can't find|no such).*)"
    r"|(?P<bare>(?:connect|send): (?:Network is unreachable|Operation not permitted|No route to host)|[\w.-]{1,255}: Name or service not known"
    r"|[\w.-]{1,255}: Temporary failure in name resolution)\s*$"
)
_BESIDE = re.compile(
    r"traceroute6?: (?:[Ww]arning|wrote )|Type escape sequence|VRF info|\s*MPLS Label|Selected device|\^C|Cannot handle |--- "
    r"|\s*\[MPLS|Press |\s*\*\s*$"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the first line that traceroute prints; strong by hops in order where nothing else stands."""
    lines = outside_fences(head.head_lines)
    if is_page(lines):
        return None
    found = matching(lines, _HEAD)
    if found:
        return because(TITLE, found[0], TYPICAL if is_quoted(lines, found[0]) or is_document(name, lines) else CERTAIN)
    first = _headless(lines)
    return because(TITLE, first, STRONG) if first and not is_document(name, lines) else None


def _headless(lines: list[Line]) -> int:
    """The line of the first of several hops, numbered 1, 2 … with times in two of them; 0 where other lines stand among them."""
    full = [line for line in lines if line.text.strip() and not _BESIDE.match(line.text) and read_prompt(line.text) is None]
    hops = [(line, hop) for line in full if (hop := STRICT.match(line.text[:2000])) is not None]
    if len(hops) < LEAST_HOPS or sum(bool(hop["times"]) for _, hop in hops) < LEAST_HOPS:
        return 0
    if any(int(hop["number"]) != number for number, (_, hop) in enumerate(hops, 1)):
        return 0
    others = [line for line in full if not STRICT.match(line.text[:2000]) and not MORE.match(line.text[:2000])]
    return 0 if others else hops[0][0].number


def parse(source: Source) -> Parsed:
    """A Traceroute for each first line, or for each command."""
    runs: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < MAX_RUNS:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        if len(runs) < MAX_RUNS:
            runs += _runs(section, problems)
    return Parsed(facts=[*runs[:MAX_RUNS], *commands], problems=problems, counts={"runs": len(runs)})


class _Run:
    """One run while it is read."""

    def __init__(self, section: Section, head: re.Match[str] | None, line: int, command: str | None) -> None:
        part = head.groupdict() if head is not None else {}
        self.host, self.command, self.has_head = section.host, command, head is not None
        name = part.get("name") or part.get("cname") or part.get("tname")
        self.target = part.get("address") or part.get("caddress") or part.get("cbare") or part.get("taddress") or name
        self.target = self.target or asked_target(command or "")
        self.name = name if name != self.target else None
        most = part.get("max") or part.get("tmax")
        self.most = int(most[:4]) if most else None
        self.first = self.last = line
        self.hops: list[tuple[int, int, str]] = []  # number, line, text
        self.failure: tuple[str, int] | None = None

    def read(self, line: Line) -> bool:
        """Whether the line is a part of the run."""
        text = line.text[:2000]
        failed = _FAILURE.search(text)
        if failed is not None:
            self.failure = self.failure or ((failed["text"] or failed["bare"]).strip()[:300], line.number)
            self.last, text = line.number, text[: failed.start()]
        hop = HOP.match(text)
        if hop is not None and len(self.hops) < MAX_HOPS:
            self.hops.append((int(hop["number"]), line.number, hop["rest"]))
        elif self.hops and (more := MORE.match(text)) is not None:
            number, first, rest = self.hops[-1]
            self.hops[-1] = (number, first, f"{rest} {more['rest']}"[:4000])
        else:
            return failed is not None
        self.last = line.number
        return True

    def finish(self) -> Traceroute:
        hops = tuple(read_hop(number, rest, line) for number, line, rest in self.hops)
        sizes = [(size, line) for _, line, rest in self.hops if (size := least_mtu(rest)) is not None]
        size, size_line = min(sizes, key=lambda told: told[0], default=(None, 0))
        target = (self.target or "").partition("%")[0].lower()
        failure, failure_line = self.failure or (None, 0)
        return Traceroute(
            host=self.host,
            target=self.target,
            name=self.name,
            command=self.command,
            max_hops=self.most,
            first_line=self.first,
            last_line=self.last,
            hops=hops,
            reached=any(target in (a.lower() for a in hop.addresses) and not hop.marks for hop in hops),
            path_mtu=size,
            path_mtu_line=size_line,
            failure=failure,
            failure_line=failure_line,
        )


def _runs(section: Section, problems: list[Problem]) -> list[Traceroute]:
    command = section.command if section.command and program(section.command) in _PROGRAMS else None
    found: list[_Run] = []
    for line in section.lines:
        head = _HEAD.match(line.text)
        if head is not None:
            found = [run for run in found if run.has_head or run.hops]
            found.append(_Run(section, head, line.number, command))
            continue
        if not found and (command or STRICT.match(line.text[:2000])):
            found.append(_Run(section, None, line.number, command))
        if not found or found[-1].read(line) or not line.text.strip() or _BESIDE.match(line.text):
            continue
        if found[-1].has_head and len(problems) < 100:
            problems.append(Problem(NOT_READ(text=line.text.strip()[:100]), line=line.number))
    return [run.finish() for run in found if run.has_head or run.hops or run.failure]

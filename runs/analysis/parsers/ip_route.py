"""`ip route`, `ip -6 route` and `ip route show …` of Linux; several with prompts in one file.

    default via 192.0.2.254 dev eth0 proto dhcp metric 100
    10.7.0.0/16 dev tun3 scope link src 10.7.0.2
    unreachable 2001:db8:9::/48 dev lo metric 1024 error -113 pref medium
    2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium

Yields a RoutingTable for each command and family. Refuses `route -n` and `netstat -rn`, which have other columns.
"""

import re
from ipaddress import ip_network

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_quoted, outside_fences
from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.shell import read_prompt, sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Route, RoutingTable
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, TYPICAL, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("ip_route.title", en="a routing table (ip route)", ja="経路表 (ip route)")
NOT_READ = message("ip_route.not_read", en="this line is no route: {text}", ja="経路として読めない行: {text}")
MAX_ROUTES = 200_000
_KINDS = "unreachable|blackhole|prohibit|local|broadcast|multicast|anycast|throw|unicast"
_ROUTE = re.compile(
    rf"\s*(?:(?P<kind>{_KINDS})\s+)?(?P<prefix>default|[0-9A-Fa-f.:]+(?:/\d{{1,3}})?)\s+"
    r"(?P<rest>(?:via|dev|proto|nexthop|scope|table|metric|from|src)\b.*)?$"
)
_NEXT = re.compile(r"\s+nexthop\s+(?P<rest>.*)$")
_SURE = re.compile(
    rf"\s*(?:(?:{_KINDS})\s+)?(?:default|[0-9A-Fa-f.:]+(?:/\d{{1,3}})?)\s+(?:via\s+(?:inet6? )?[0-9A-Fa-f.:]+\s+)?dev\s+\S+"
    r"(?:\s|$)(?!lladdr|.*\b(?:REACHABLE|STALE|INCOMPLETE|FAILED|DELAY|PROBE|PERMANENT|NOARP)\b)"
)
_COMMAND = re.compile(r"(?:sudo\s+)?ip\s+(?:-\S+\s+)*r(?:o|ou|out|oute)?(?:\s|$)")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two routes, strong by one."""
    lines = outside_fences(head.head_lines)
    found = [line.number for line in lines if _SURE.match(line.text[:500])]
    asked = [line.number for line in lines if (prompt := read_prompt(line.text)) and _COMMAND.match(prompt.command)]
    if not found and not asked:
        return None
    if is_quoted(lines, (found or asked)[0]):
        return because(TITLE, (found or asked)[0], TYPICAL)
    return because(TITLE, (asked or found)[0], CERTAIN if len(found) + len(asked) > 1 else STRONG)


def parse(source: Source) -> Parsed:
    """A table for each command; a listing without a prompt is one table."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    count = 0
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < 1000:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        if section.command is not None and not _COMMAND.match(section.command):
            continue
        routes: list[Route] = []
        six = bool(section.command and re.search(r"\s-6\b|\s-f(?:amily)? inet6", section.command))
        for line in section.lines:
            match = _ROUTE.match(line.text[:1000])
            following = _NEXT.match(line.text[:1000]) if routes else None
            if match is not None and match["prefix"] and count < MAX_ROUTES:
                count += 1
                routes.append(_route(match, line.number, six))
                six = six or ":" in routes[-1].destination
            elif following is not None:
                routes.append(_read(following["rest"], line.number, routes[-1].destination, routes[-1].kind))
            elif line.text.strip() not in ("", "cache") and len(problems) < 100:
                problems.append(Problem(NOT_READ(text=line.text.strip()[:100]), line=line.number))
        if routes or section.command:
            facts += _tables(
                routes, six, section.command, section.host, section.command_line, [line.number for line in section.lines]
            )
    return Parsed(facts=[*facts[:1000], *commands], problems=problems, counts={"routes": count})


def _tables(
    routes: list[Route], six: bool, command: str | None, host: str | None, command_line: int, numbers: list[int]
) -> list[RoutingTable]:
    by_family = {4: [r for r in routes if ":" not in r.destination], 6: [r for r in routes if ":" in r.destination]}
    made = []
    for version, own in by_family.items():
        if own or (command and not routes and version == (6 if six else 4)):
            made.append(
                RoutingTable(
                    host=host,
                    version=version,
                    routes=tuple(own),
                    command=command,
                    first_line=command_line or (numbers[0] if numbers else 1),
                    last_line=max((r.line for r in own), default=command_line or 1),
                    partial=bool(command and (is_filtered(command) or re.search(r"\s(?:get|dev|via|proto|match)\s", command))),
                )
            )
    return made


def _route(match: re.Match[str], line: int, six: bool) -> Route:
    prefix = match["prefix"]
    rest = match["rest"] or ""
    if prefix == "default":
        via = re.search(r"\bvia (?:inet6? )?(\S+)", rest)
        prefix = "::/0" if six or (via is not None and ":" in via[1]) or "pref medium" in rest else "0.0.0.0/0"
    else:
        try:
            prefix = str(ip_network(prefix, strict=False))
        except ValueError:
            prefix = prefix[:60]
    return _read(rest, line, prefix, match["kind"] or "unicast")


def _read(rest: str, line: int, destination: str, kind: str) -> Route:
    said = dict(re.findall(r"\b(via|dev|src|proto|metric) (?:inet6? )?(\S+)", rest))
    return Route(
        line=line,
        destination=destination,
        via=said.get("via"),
        device=said.get("dev"),
        source=said.get("src"),
        protocol=said.get("proto"),
        metric=int(said["metric"][:9]) if said.get("metric", "").isdigit() else None,
        kind=kind,
    )

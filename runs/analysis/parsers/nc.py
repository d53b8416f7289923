"""What `nc -v`, ncat, telnet and socat say of a connection, and the commands that printed nothing.

    nc: connect to 192.0.2.7 port 9100 (tcp) timed out: Operation now in progress
    nc: connect to 192.0.2.7 port 9101 (tcp) failed: Connection refused
    Connection to 192.0.2.7 9102 port [tcp/jetdirect] succeeded!
    Ncat: Connection refused.

Yields a PortProbe for each line that tells a result, and ShellCommands. Refuses other programs' outputs.
"""

import re
from typing import Literal

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_quoted, matching, outside_fences
from runs.analysis.domain.services import port_of
from runs.analysis.domain.shell import program, read_prompt, sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.reachability import PortProbe
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("nc.title", en="a connection test (nc)", ja="接続試験 (nc)")
MAX_PROBES = 20_000
_LINE = re.compile(
    r"nc(?:\.openbsd|\.traditional)?: (?:connect(?:x)? to (?P<a>\S+) port (?P<ap>\S+) \((?P<proto>tcp|udp)\)) (?P<aw>.+)"
    r"|Connection to (?P<b>\S+?)(?: \([^)]*\))? (?:port )?(?P<bp>\d+)(?: port)? \[(?P<bproto>tcp|udp)[^\]]*\] (?P<bw>succeeded!)"
    r"|(?P<c>\S+) \[(?P<ca>[^\]]+)\] (?P<cp>\d+) \([^)]*\) : (?P<cw>.+)|Ncat: (?P<dw>Connect(?:ed to|ion) .+)"
    r"|telnet: (?:Unable to connect to remote host|connect to address (?P<e>[^\s:]+(?::[^\s]+)*)): (?P<ew>.+)"
    r"|.*socat\[\d+\] E connect\(.*?(?P<f>\[?[0-9A-Fa-f.:]+\]?):(?P<fp>\d+).*?\): (?P<fw>.+)"
)
_CONNECTED = re.compile(r"Connected to (?:\[)?(?P<address>[^\]\s]+?)\]?[: ](?P<port>\d+)")
_PROGRAMS = ("nc", "ncat", "netcat", "telnet", "socat")


def _runs_nc(command: str) -> bool:
    return any(program(part.strip()) in _PROGRAMS for part in re.split(r"[|;]|\bdo\b", command))


def detect(head: Source, name: str) -> Reason | None:
    """Certain by nc's words; typical by a prompt that runs it and nothing else."""
    lines = outside_fences(head.head_lines)
    found = matching(lines, _LINE)
    if found:
        return because(TITLE, found[0], TYPICAL if is_quoted(lines, found[0]) else CERTAIN)
    prompts = [(line.number, prompt.command) for line in lines if (prompt := read_prompt(line.text)) and prompt.command]
    if (
        prompts
        and all(_runs_nc(command) for _, command in prompts)
        and len(prompts) * 4 >= len([one for one in lines if one.text.strip()])
    ):
        return because(TITLE, prompts[0][0], TYPICAL)
    return None


def parse(source: Source) -> Parsed:
    """Each result with its command."""
    probes: list[Fact] = []
    commands: list[Fact] = []
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < MAX_PROBES:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        for line in section.lines:
            match = _LINE.match(line.text[:2000])
            if match is None or len(probes) >= MAX_PROBES:
                continue
            target, port = _target(match, section.command)
            words = next(match[group] for group in ("aw", "bw", "cw", "dw", "ew", "fw") if match[group])
            probes.append(
                PortProbe(
                    host=section.host,
                    target=target,
                    port=port,
                    protocol="udp" if "udp" in (match["proto"], match["bproto"]) else "tcp",
                    result=_result(words),
                    line=line.number,
                    text=line.text[:300],
                    command=section.command,
                )
            )
    return Parsed(facts=[*probes, *commands], counts={"probes": len(probes)})


def _target(match: re.Match[str], command: str | None) -> tuple[str, int | None]:
    target = match["a"] or match["b"] or match["ca"] or match["e"] or match["f"]
    port = match["ap"] or match["bp"] or match["cp"] or match["fp"]
    if target:
        return target.strip("[]"), port_of(port) if port else None
    connected = _CONNECTED.match(match["dw"] or "")
    if connected is not None:
        return connected["address"], port_of(connected["port"])
    words = [word for word in (command or "").split() if not word.startswith("-")]
    if len(words) >= 3:
        return words[-2], port_of(words[-1])
    return "", None


def _result(words: str) -> Literal["open", "refused", "timed_out", "unreachable", "failed"]:
    lower = words.lower()
    if "succeeded" in lower or "connected to" in lower or lower.startswith("open"):
        return "open"
    if "refused" in lower:
        return "refused"
    if "timed out" in lower or "timeout" in lower:
        return "timed_out"
    return "unreachable" if "unreachable" in lower or "no route" in lower else "failed"

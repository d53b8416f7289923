"""What nc (OpenBSD's, macOS', BusyBox', the old one), ncat, telnet, bash, socat and PowerShell's Test-NetConnection say of a connection.

    nc: connect to 192.0.2.7 port 9100 (tcp) timed out: Operation now in progress
    nc: connect to 192.0.2.7 port 9101 (tcp) failed: Connection refused
    Connection to 192.0.2.7 9102 port [tcp/jetdirect] succeeded!
    Ncat: Connection refused.

Commands that printed nothing are kept too. Yields a PortProbe for each line that tells a result, and ShellCommands. Refuses other
programs' outputs.
"""

import re
from collections.abc import Iterator

from runs.analysis.domain.detection import because, is_document, is_page, is_quoted, outside_fences
from runs.analysis.domain.port_probes import CONNECTED, ESCAPE, FIELD, TRYING, Probe, asked_end, read_probe
from runs.analysis.domain.services import port_of
from runs.analysis.domain.shell import Section, program, read_prompt
from runs.analysis.domain.terminal import typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.reachability import PortProbe
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 6
TITLE = message("nc.title", en="a connection test (nc)", ja="接続試験 (nc)")
MAX_PROBES = 20_000
_PROGRAMS = ("nc", "ncat", "netcat", "telnet", "socat", "Test-NetConnection", "tnc")


def _runs_nc(command: str) -> bool:
    return any(program(part.strip()) in _PROGRAMS for part in re.split(r"[|;]|\bdo\b", command))


def detect(head: Source, name: str) -> Reason | None:
    """Certain by words of a result; typical by a prompt that runs nc and nothing else."""
    lines = outside_fences(head.head_lines)
    if is_page(lines):
        return None
    found = [line.number for line in lines if read_probe(line.text) is not None or ESCAPE.match(line.text) or _is_field(line.text)]
    if found:
        return because(TITLE, found[0], TYPICAL if is_quoted(lines, found[0]) or is_document(name, lines) else CERTAIN)
    prompts = [(line.number, prompt.command) for line in lines if (prompt := read_prompt(line.text)) and prompt.command]
    if (
        prompts
        and all(_runs_nc(command) for _, command in prompts)
        and len(prompts) * 4 >= len([one for one in lines if one.text.strip()])
    ):
        return because(TITLE, prompts[0][0], TYPICAL)
    return None


def _is_field(text: str) -> bool:
    match = FIELD.match(text)
    return match is not None and match["name"] == "TcpTestSucceeded"


def parse(source: Source) -> Parsed:
    """Each result with its command."""
    probes: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        host, port = asked_end(section.command) if section.command and _runs_nc(section.command) else (None, None)
        for probe, line in _results(section):
            if len(probes) < MAX_PROBES:
                probes.append(
                    PortProbe(
                        host=section.host,
                        target=probe.target or host or "",
                        port=probe.port if probe.port is not None else port,
                        protocol=probe.protocol,
                        result=probe.result,
                        line=line.number,
                        text=line.text[:300],
                        command=section.command,
                    )
                )
    return Parsed(facts=[*probes, *commands], counts={"probes": len(probes)})


def _results(section: Section) -> Iterator[tuple[Probe, Line]]:
    """The results of a section; what stands in several lines (telnet, PowerShell) is one."""
    tried: Probe | None = None
    warned: tuple[Probe, Line] | None = None  # PowerShell's warning, whose table follows unless it is asked to be quiet
    fields: dict[str, str] = {}
    has_telnet = any(ESCAPE.match(line.text) for line in section.lines) or program(section.command or "") == "telnet"
    for line in section.lines:
        if (trying := TRYING.match(line.text)) is not None:
            tried = Probe(trying["target"], port_of(trying["port"]) if trying["port"] else None, "tcp", "failed")
        elif tried is not None and has_telnet and CONNECTED.match(line.text) is not None:
            yield tried._replace(result="open"), line
            tried = None
        elif (field := FIELD.match(line.text)) is not None:
            fields[field["name"]] = field["value"]
            if field["name"] == "TcpTestSucceeded":
                target, port = fields.get("RemoteAddress") or fields.get("ComputerName"), fields.get("RemotePort", "")
                yield Probe(target, port_of(port), "tcp", "open" if field["value"] == "True" else "failed"), line
                fields, warned = {}, None
        elif (probe := read_probe(line.text)) is not None:
            if line.text.startswith(("WARNING: TCP", "警告: TCP")):
                warned = probe, line
                continue
            yield (probe._replace(target=probe.target or tried.target, port=probe.port or tried.port) if tried else probe), line
            tried = None
    if warned is not None:
        yield warned

"""`docker ps` (also -a) and `docker port`: containers, their state, and which host ports lead to which of theirs.

    CONTAINER ID   IMAGE         COMMAND        CREATED       STATUS                     PORTS                    NAMES
    3f9c1a2b4d5e   web:1.4       "/serve"       2 hours ago   Up 2 hours (healthy)       0.0.0.0:9080->8080/tcp   web-1
    7a11be990c21   db:16         "postgres"     2 hours ago   Exited (137) 5 minutes ago                          db-1
    8080/tcp -> 0.0.0.0:9080

Yields a Container for each line of `docker ps`, and one for all lines of a `docker port`. Columns are found by the head's places.
Refuses tables of other programs.
"""

import re
from collections.abc import Iterator

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.shell import program, read_prompt
from runs.analysis.facts.container import Container, PublishedPort
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("docker_ps.title", en="docker ps or docker port", ja="docker ps・docker port")
MAX_CONTAINERS = 5_000
_HEAD = re.compile(r"CONTAINER ID\s+IMAGE\s+COMMAND\s+CREATED\s+STATUS\s+PORTS\s+NAMES")
_PORT = re.compile(r"(?P<inner>\d{1,5})/(?P<protocol>tcp|udp|sctp) -> (?P<address>\[?[0-9A-Fa-f.:]+\]?):(?P<outer>\d{1,5})\s*$")
_MAPPING = re.compile(
    r"(?P<address>\[?[0-9A-Fa-f.:]*?\]?):(?P<outer>\d{1,5})(?:-(?P<outer_last>\d{1,5}))?"
    r"->(?P<inner>\d{1,5})(?:-(?P<inner_last>\d{1,5}))?/(?P<protocol>tcp|udp|sctp)"
)
_COLUMNS = ("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES")
_STATUS = re.compile(r"(?P<word>Up|Exited|Created|Restarting|Paused|Dead|Removal)(?: \((?P<code>\d{1,3})\))?")
_HEALTH = re.compile(r"\((healthy|unhealthy|health: starting)\)")
_STATES = {
    "Up": "running",
    "Exited": "exited",
    "Created": "created",
    "Restarting": "restarting",
    "Paused": "paused",
    "Dead": "dead",
}


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the head of `docker ps`, or by lines of `docker port` alone."""
    if found := matching(head.head_lines, _HEAD):
        return because(TITLE, found[0], CERTAIN)
    full = [line for line in head.head_lines if line.text.strip() and read_prompt(line.text) is None]
    found = matching(full, _PORT)
    return because(TITLE, found[0], CERTAIN if len(found) > 1 else STRONG) if found and len(found) == len(full) else None


def parse(source: Source) -> Parsed:
    """One pass."""
    made: list[Container] = []
    commands: list[ShellCommand] = []
    ports: list[PublishedPort] = []
    places: list[int] = []
    asked: str | None = None
    for line in bounded_lines(source):
        text = line.text
        if (prompt := read_prompt(text)) is not None:
            if prompt.command and len(commands) < 100:
                commands.append(ShellCommand(text=prompt.command, line=line.number, host=prompt.host))
            words = prompt.command.split()
            asked = words[-1] if program(prompt.command) in ("docker", "podman") and "port" in words[:-1] else None
        elif _HEAD.match(text):
            places = [text.index(name) for name in _COLUMNS]
        elif (port := _PORT.match(text)) is not None:
            if len(ports) < 1000:
                ports.append(_published(port, int(port["outer"]), int(port["inner"]), line.number))
        elif places and text.strip() and len(made) < MAX_CONTAINERS:
            made.append(_container(text, places, line.number))
    if ports:
        made.append(Container(name=asked, ports=tuple(ports), line=ports[0].line))
    return Parsed(facts=[*made, *commands], counts={"containers": len(made)})


def _container(text: str, places: list[int], line: int) -> Container:
    cells = [text[at:end].strip() for at, end in zip(places, [*places[1:], None], strict=True)]
    status, health = _STATUS.match(cells[4]), _HEALTH.search(cells[4])
    return Container(
        name=cells[6][:300] or None,
        id=cells[0][:64] or None,
        image=cells[1][:300] or None,
        state=_STATES.get(status["word"], status["word"].lower()) if status else None,
        exit_code=int(status["code"]) if status and status["code"] else None,
        health=health[1] if health else None,
        ports=tuple(_mappings(cells[5], line)),
        line=line,
    )


def _mappings(cell: str, line: int) -> Iterator[PublishedPort]:
    for match in _MAPPING.finditer(cell[:4000]):
        outer, inner = int(match["outer"]), int(match["inner"])
        for shift in range(min(1000, max(1, int(match["outer_last"] or outer) - outer + 1))):
            yield _published(match, outer + shift, inner + shift, line)


def _published(match: re.Match[str], outer: int, inner: int, line: int) -> PublishedPort:
    return PublishedPort(match["address"].strip("[]") or "::", outer, inner, match["protocol"], line)

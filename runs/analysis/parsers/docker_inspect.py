"""`docker inspect` of containers: state, exit code, networks, and which host ports lead to which of theirs.

    $ docker inspect web-1
    [
        {
            "Id": "3f9c…",
            "Name": "/web-1",
            "State": { "Status": "running", "ExitCode": 0 },
            "NetworkSettings": { "Ports": { "8080/tcp": [ { "HostIp": "0.0.0.0", "HostPort": "9080" } ] } }

Yields a Container for each. A port's line is that of its HostPort. Refuses other JSON, and documents above 20 MB.
"""

import re
from typing import Any

import msgspec

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, matching
from runs.analysis.domain.shell import read_prompt
from runs.analysis.facts.container import Container, PublishedPort
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, Parsed, Problem, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 3
TITLE = message("docker_inspect.title", en="docker inspect", ja="docker inspect")
NOT_JSON = message(
    "docker_inspect.not_json",
    en="the JSON document cannot be read: cut or changed",
    ja="JSON として読めない（途中で切れているか変更されている）",
)
MAX_CHARACTERS = 20 << 20
MAX_CONTAINERS = 1_000
MAX_PORTS = 1_000
_KEY = re.compile(r'\s*"(?:HostConfig|NetworkSettings|GraphDriver|RestartCount|LogPath)"\s*:')


def detect(head: Source, name: str) -> Reason | None:
    """Certain by keys that docker writes, in a JSON array or object."""
    lines = [line for line in head.head_lines if line.text.strip() and read_prompt(line.text) is None]
    found = matching(lines, _KEY) or [n.number for n in lines[:1] if '"HostConfig":' in n.text]
    return because(TITLE, found[0], CERTAIN) if lines and lines[0].text.strip()[:1] in "[{" and found else None


def parse(source: Source) -> Parsed:
    """The whole document."""
    commands: list[ShellCommand] = []
    lines: list[Line] = []
    size = 0
    for line in bounded_lines(source):
        prompt = read_prompt(line.text)
        if prompt is not None:
            if prompt.command and len(commands) < 100:
                commands.append(ShellCommand(text=prompt.command, line=line.number, host=prompt.host))
            continue
        size += len(line.text)
        if size > MAX_CHARACTERS:
            break
        lines.append(line)
    text = "\n".join(line.text for line in lines)
    try:
        read = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        first = lines[0].number if lines else 1
        return Parsed(facts=commands, problems=[Problem(NOT_JSON(), line=first, lost=True)], counts={"containers": 0})
    records = [one for one in (read if isinstance(read, list) else [read]) if isinstance(one, dict)][:MAX_CONTAINERS]
    starts = [line.number for line in lines if re.match(r'\s*"Id"\s*:', line.text)]
    made = []
    for at, record in enumerate(records):
        first = starts[at] if at < len(starts) else lines[0].number
        last = starts[at + 1] if at + 1 < len(starts) else lines[-1].number + 1
        made.append(_container(record, [line for line in lines if first <= line.number < last], first))
    return Parsed(facts=[*made, *commands], counts={"containers": len(made)})


def _dict(record: Any, *names: str) -> dict[str, Any]:
    for name in names:
        record = record.get(name) if isinstance(record, dict) else None
    return record if isinstance(record, dict) else {}


def _text(value: Any) -> str | None:
    return value[:300] if isinstance(value, str) and value else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 31 else None


def _container(record: dict[str, Any], lines: list[Line], first: int) -> Container:
    state, settings = _dict(record, "State"), _dict(record, "NetworkSettings")
    published = _dict(settings, "Ports") or _dict(record, "HostConfig", "PortBindings")
    networks = [network for network in _dict(settings, "Networks").values() if isinstance(network, dict)]
    addresses = [network.get(name) for network in networks for name in ("IPAddress", "GlobalIPv6Address")]
    return Container(
        name=(_text(record.get("Name")) or "").lstrip("/") or None,
        id=_text(record.get("Id")),
        image=_text(_dict(record, "Config").get("Image")),
        state=_text(state.get("Status")),
        exit_code=_whole(state.get("ExitCode")),
        restart_count=_whole(record.get("RestartCount")),
        health=_text(_dict(state, "Health").get("Status")),
        addresses=tuple(dict.fromkeys(one for one in addresses if isinstance(one, str) and one))[:50],
        ports=tuple(_ports(published, lines, first))[:MAX_PORTS],
        exposed=tuple(name[:20] for name in published)[:MAX_PORTS],
        line=first,
    )


def _ports(published: dict[str, Any], lines: list[Line], first: int) -> list[PublishedPort]:
    made = []
    for name, bindings in published.items():
        inner, _, protocol = name.partition("/")
        for binding in bindings if isinstance(bindings, list) else ():
            outer = binding.get("HostPort") if isinstance(binding, dict) else None
            if not (isinstance(outer, str) and outer.isdecimal() and inner.isdecimal() and len(outer) < 6 and len(inner) < 6):
                continue
            place = next((line.number for line in lines if '"HostPort"' in line.text and f'"{outer}"' in line.text), first)
            address = binding.get("HostIp")
            shown = address if isinstance(address, str) and address else "0.0.0.0"  # noqa: S104  # what docker means by none
            made.append(PublishedPort(shown, int(outer), int(inner), protocol or "tcp", place))
    return made

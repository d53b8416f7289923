"""Forwarders, read from the commands that people ran: socat, ssh -L, kubectl port-forward, docker run -p."""

import re
from collections.abc import Iterator
from typing import Literal

from runs.analysis.case import Case
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.joined import Forwarder
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.registry import correlator

Families = Literal["4", "6", "46"]

_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[\w.-]+)"
SOCAT = re.compile(
    rf"\bTCP(?P<lf>[46]?)-L(?:ISTEN)?:(?P<lport>\d{{1,5}})(?P<options>(?:,[^\s`'\"]*)?)['\"]?\s+['\"]?TCP(?P<tf>[46]?)(?:-CONNECT)?:(?P<host>{_HOST}):(?P<port>\d{{1,5}})",
    re.IGNORECASE,
)
SOCAT_BIND = re.compile(rf",bind=(?P<bind>{_HOST})", re.IGNORECASE)
SSH = re.compile(rf"\bssh\b.*?\s-\w*L\s*(?:(?P<bind>{_HOST}|\*):)?(?P<lport>\d{{1,5}}):(?P<host>{_HOST}):(?P<port>\d{{1,5}})")
KUBECTL = re.compile(
    r"\bkubectl\b.*\bport-forward\s+(?:\S+\s+)*?(?P<host>(?:pod|svc|service|deploy\w*)/\S+|\S+)\s+(?P<lport>\d{1,5}):(?P<port>\d{1,5})"
)
DOCKER = re.compile(
    rf"\bdocker\b.*\brun\b.*?\s(?:-p|--publish)[\s=](?:(?P<bind>{_HOST}):)?(?P<lport>\d{{1,5}}):(?P<port>\d{{1,5}})"
)


@correlator(gives=Forwarder, needs=[ShellCommand])
def forwarders(case: Case) -> Iterator[Forwarder]:
    """A Forwarder for each mapping; the same mapping written in several places is one."""
    seen: set[tuple[str, str, str]] = set()
    for command in sorted(case.all(ShellCommand), key=lambda c: (not c.ran, c.file, c.line)):
        for forwarder in _mappings(command):
            key = (forwarder.program, str(forwarder.listen), str(forwarder.target))
            if key not in seen:
                seen.add(key)
                yield forwarder


def _mappings(command: ShellCommand) -> Iterator[Forwarder]:
    place = Citation(command.file, lines=(command.line,))
    for m in SOCAT.finditer(command.text):
        bind = SOCAT_BIND.search(m["options"])
        families: Families = "4" if m["lf"] == "4" else "6" if m["lf"] == "6" else "46"
        yield _made("socat", bind["bind"] if bind else "*", m["lport"], m["host"], m["port"], families, place, command.text)
    for m in SSH.finditer(command.text):
        yield _made("ssh", m["bind"] or "localhost", m["lport"], m["host"], m["port"], "46", place, command.text)
    for m in KUBECTL.finditer(command.text):
        yield _made("kubectl", "localhost", m["lport"], m["host"], m["port"], "46", place, command.text)
    for m in DOCKER.finditer(command.text):
        yield _made("docker", m["bind"] or "*", m["lport"], "container", m["port"], "46", place, command.text)


def _made(
    program: str, bind: str, listen_port: str, host: str, port: str, families: Families, place: Citation, command: str
) -> Forwarder:
    listen = Endpoint(bind.strip("[]"), int(listen_port))
    target = Endpoint(host.strip("[]"), int(port))
    return Forwarder(
        file=place.file, program=program, listen=listen, target=target, families=families, citation=place, command=command
    )

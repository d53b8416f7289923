"""firewalld: `firewall-cmd --list-all`, `--list-all-zones`, `--zone=… --list-all`.

    public (active)
      target: default
      interfaces: eth3
      services: dhcpv6-client ssh
      ports: 8443/tcp
      masquerade: no
      rich rules:
        rule family="ipv4" source address="198.51.100.0/24" reject

Yields a FirewalldZone for each zone. Refuses iptables' and nft's listings of the same rules.
"""

import re
from collections.abc import Iterator

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.firewalld import FirewalldZone
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("firewalld.title", en="zones of firewalld", ja="firewalld のゾーン")
MAX_ZONES = 1_000
MAX_ITEMS = 2_000
_ZONE = re.compile(r"(?P<name>[A-Za-z][\w.-]{0,63})(?: \((?P<states>(?:active|default|, )+)\))?\s*$")
_FIELD = re.compile(r"\s{2}(?P<name>[a-z][a-z-]*(?: [a-z]+)?):\s*(?P<value>.*?)\s*$")
_LISTS = {
    "interfaces": "interfaces", "sources": "sources", "services": "services", "ports": "ports", "source-ports": "source_ports",
    "protocols": "protocols", "forward-ports": "forward_ports", "icmp-blocks": "icmp_blocks", "rich rules": "rich_rules",
}  # fmt: skip
_BY_LINE = ("forward_ports", "rich_rules")  # an item a line, beneath the name
_SURE = re.compile(
    r"\s{2}(?:icmp-block-inversion: (?:yes|no)|rich rules:|source-ports:.*)\s*$|[A-Za-z][\w.-]{0,63} \((?:default, )?active\)\s*$"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by two of firewalld's own lines, or one under its command."""
    return recognise(head, TITLE, _SURE, ("firewall-cmd",), least=2)


def parse(source: Source) -> Parsed:
    """The zones of each command."""
    return parse_sections(source, _zones, "zones")


class _Zone:
    def __init__(self, name: str, line: int, states: str) -> None:
        self.said: dict[str, object] = {
            "name": name,
            "line": line,
            "is_active": "active" in states,
            "is_default": "default" in states,
        }
        self.lists: dict[str, list[tuple[str, int]]] = {}
        self.open: str | None = None

    def read(self, text: str, line: int) -> None:
        match = _FIELD.match(text)
        if match is None:
            if self.open is not None and text.strip():
                self._add(self.open, text.strip(), line)
            return
        name, value = match["name"], match["value"]
        self.open = None
        if name in _LISTS:
            field = _LISTS[name]
            self.lists.setdefault(field, [])
            self.open = field if field in _BY_LINE else None
            for item in [value] * bool(value) if field in _BY_LINE else value.split():
                self._add(field, item, line)
        elif name == "target":
            self.said["target"] = value
        elif name in ("forward", "masquerade"):
            self.said[name] = {"yes": True, "no": False}.get(value)

    def _add(self, field: str, item: str, line: int) -> None:
        if len(self.lists[field]) < MAX_ITEMS:
            self.lists[field].append((item[:1000], line))


def _zones(section: Section) -> Iterator[Fact]:
    zone: _Zone | None = None
    count = 0
    for line in section.lines:
        text = line.text[:4096]
        head = _ZONE.match(text)
        if head is not None:
            if zone is not None and "target" in zone.said and count < MAX_ZONES:
                count += 1
                yield _fact(zone, section)
            zone = _Zone(head["name"], line.number, head["states"] or "")
        elif zone is not None:
            zone.read(text, line.number)
    if zone is not None and "target" in zone.said:
        yield _fact(zone, section)


def _fact(zone: _Zone, section: Section) -> FirewalldZone:
    lists = {field: tuple(items) for field, items in zone.lists.items()}
    return FirewalldZone(host=section.host, command=section.command, **zone.said, **lists)  # type: ignore[arg-type]  # the struct's own names

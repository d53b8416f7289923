"""`scutil --dns` of macOS: the resolvers, which of them answers for which domain, and the scoped ones of each interface.

    DNS configuration

    resolver #1
      search domain[0] : example.net
      nameserver[0] : 192.0.2.53
      if_index : 6 (en0)
      flags    : Request A records
      reach    : 0x00000002 (Reachable)

Yields a ResolverConfig for the resolvers that are asked for every name, and one for each that is asked for a domain or by an interface
alone. Refuses resolv.conf.
"""

import re
from collections.abc import Iterator

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.resolver import ResolverConfig
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 3
TITLE = message("scutil_dns.title", en="the resolvers (scutil --dns)", ja="リゾルバの設定 (scutil --dns)")
MAX_RESOLVERS = 1_000
MAX_ITEMS = 100
_HEAD = re.compile(r"resolver #\d{1,6}\s*$")
_SCOPED = re.compile(r"DNS configuration \(for scoped queries\)")
_FIELD = re.compile(r"\s+(?P<name>[a-z_ ]+?)(?:\[\d+\])?\s*: (?P<value>.*?)\s*$")
_SURE = re.compile(r"DNS configuration\s*(?:\(for scoped queries\))?\s*$|resolver #\d{1,6}\s*$")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a resolver's first line."""
    return recognise(head, TITLE, _SURE)


def parse(source: Source) -> Parsed:
    """The resolvers of each command."""
    return parse_sections(source, _resolvers, "resolvers")


def _resolvers(section: Section) -> Iterator[Fact]:
    is_scoped = False
    held: list[Line] = []
    count = 0
    for line in [*section.lines, Line(0, "resolver #0", 0)]:
        if (scoped := _SCOPED.match(line.text)) or _HEAD.match(line.text):
            found = _resolver(held, is_scoped, section) if held else None
            if found is not None and count < MAX_RESOLVERS:
                count += 1
                yield found
            is_scoped = is_scoped or bool(scoped)
            held = [] if scoped else [line]
        elif held:
            held.append(line)


def _resolver(lines: list[Line], is_scoped: bool, section: Section) -> ResolverConfig | None:
    said: dict[str, list[tuple[str, int]]] = {}
    for line in lines:
        match = _FIELD.match(line.text[:500])
        if match is not None and len(said.setdefault(match["name"], [])) < MAX_ITEMS:
            said[match["name"]].append((match["value"][:255], line.number))
    if "nameserver" not in said:
        return None  # multicast DNS: a domain without a server
    domain = said.get("domain", [("", 0)])[0][0]
    interface = re.search(r"\(([^)]+)\)", said.get("if_index", [("", 0)])[0][0])
    return ResolverConfig(
        host=section.host,
        servers=tuple(said["nameserver"]),
        search=tuple(said.get("search domain", ())),
        options=tuple((f"timeout:{value}", number) for value, number in said.get("timeout", ())),
        domain=domain or None,
        interface=interface[1] if interface and is_scoped else None,
        unreachable=tuple(number for value, number in said.get("reach", ()) if "Not Reachable" in value),
        command=section.command,
        first_line=lines[0].number,
        last_line=max(line.number for line in lines if line.text.strip()),
    )

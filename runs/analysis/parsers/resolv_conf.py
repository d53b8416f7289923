"""/etc/resolv.conf: nameserver, search, domain, options.

    # made by the DHCP client
    search example.net
    nameserver 192.0.2.53
    options timeout:2 attempts:1

Yields a ResolverConfig for each command that shows one. Refuses dnsmasq's and BIND's own configurations.
"""

import re

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.resolver import ResolverConfig
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("resolv_conf.title", en="the resolver's configuration (resolv.conf)", ja="リゾルバの設定 (resolv.conf)")
MAX_ITEMS = 100
_LINE = re.compile(r"\s*(?P<key>nameserver|search|domain|options|sortlist)\s+(?P<rest>\S.*?)\s*$")
_SURE = re.compile(r"\s*nameserver\s+[0-9A-Fa-f.:]{3,45}(?:%\w+)?\s*(?:#.*)?$")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a name server's line."""
    return recognise(head, TITLE, _SURE)


def parse(source: Source) -> Parsed:
    """A configuration for each command; without prompts one for the file."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        found = _config(section)
        if found is not None and len(facts) < 1000:
            facts.append(found)
    return Parsed(
        facts=[*facts, *commands], counts={"servers": sum(len(f.servers) for f in facts if isinstance(f, ResolverConfig))}
    )


def _config(section: Section) -> ResolverConfig | None:
    said: dict[str, list[tuple[str, int]]] = {"nameserver": [], "search": [], "domain": [], "options": [], "sortlist": []}
    last = 0
    for line in section.lines:
        match = _LINE.match(line.text[:1000])
        if match is None:
            continue
        last = line.number
        words = re.sub(r"\s[#;].*", "", match["rest"]).split()
        room = MAX_ITEMS - len(said[match["key"]])
        said[match["key"]] += [(word[:255], line.number) for word in words[:room]]
    if not last:
        return None
    return ResolverConfig(
        host=section.host,
        servers=tuple(said["nameserver"]),
        search=tuple(said["search"] or said["domain"]),
        options=tuple(said["options"]),
        command=section.command,
        first_line=first_full_line(section),
        last_line=last,
    )

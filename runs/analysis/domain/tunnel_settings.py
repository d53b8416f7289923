"""A tunnel's settings by what they mean, in whichever syntax they stand: `ip -6 tunnel add`, `ip tunnel show`, VyOS, EdgeOS.

Sources: ip-tunnel(8), ip-link(8) (ip6tnl), RFC 2473 section 4.1.1 (encapsulation limit, 4 where nothing is said), VyOS' manual on tunnels.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from runs.analysis.domain.routing import parsed
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.network import Tunnel
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.router import RouterConfig

DEFAULT_LIMIT = "4"
FIELDS = ("encapsulation", "remote", "local", "device", "encapsulation limit")
MAX_WORDS = 200
_ENCAPSULATIONS = {
    "IPv4 in IPv6": ("ip/ipv6", "ip4ip6", "ipip6", "ipv4/ipv6", "ip4/ip6"),
    "IPv6 in IPv6": ("ipv6/ipv6", "ip6ip6"),
    "any IP in IPv6": ("any/ipv6", "any"),
    "IPv4 in IPv4": ("ip/ip", "ipip"),
    "IPv6 in IPv4": ("ipv6/ip", "sit"),
    "GRE in IPv4": ("gre/ip", "gre"),
    "GRE in IPv6": ("gre/ipv6", "ip6gre", "gre6"),
}
_MEANINGS = {word: meaning for meaning, words in _ENCAPSULATIONS.items() for word in words}
_ADD = re.compile(
    r"\bip\s+(?:-\w+\s+)*(?:tunnel|tunl|tun)\s+(?:add|change)\s+(.*)|\bip\s+(?:-\w+\s+)*link\s+add\s+(.*\btype\s+ip6tnl\b.*)",
    re.DOTALL,
)
_WORDS = ("mode", "remote", "local", "dev", "encaplimit", "name", "type")


class TunnelSettings(NamedTuple):
    """One statement of a tunnel: its fields in words that all syntaxes share, each with the line that says it (0: not said there)."""

    name: str
    syntax: str  # 'ip tunnel add', 'ip tunnel show', 'vyos'
    by: Fact
    line: int
    fields: dict[str, str]  # of FIELDS; without one that is not said
    lines: dict[str, int]

    def place(self, *fields: str) -> Citation:
        """Where it stands: the lines of some fields, else its own."""
        lines = {self.lines.get(f, 0) for f in fields} - {0}
        return Citation(self.by.file, lines=tuple(sorted(lines or {self.line})))

    def value(self, field: str) -> str | None:
        """A field's value; an encapsulation limit that is not said is the default one of tunnels over IPv6."""
        if field == "encapsulation limit" and field not in self.fields and "in IPv6" in self.fields.get("encapsulation", ""):
            return DEFAULT_LIMIT
        return self.fields.get(field)


def encapsulation(word: str | None) -> str | None:
    """'IPv4 in IPv6' for 'ip/ipv6', 'ip4ip6' and 'ipip6'; an unknown word as it stands."""
    return None if not word else _MEANINGS.get(word.lower(), word.lower())


def tunnel_settings(facts: Iterable[Fact]) -> Iterator[TunnelSettings]:
    """Every statement of a tunnel with at least one end."""
    for fact in facts:
        if isinstance(fact, Tunnel):
            said = {"encapsulation": fact.mode, "remote": fact.remote, "local": fact.local, "device": fact.device}
            yield from _made(fact.name, "ip tunnel show", fact, fact.line, said | {"encapsulation limit": fact.encapsulation_limit})
        elif isinstance(fact, RouterConfig):
            for one in fact.tunnels:
                said = {"encapsulation": one.encapsulation, "remote": one.remote, "local": one.local, "device": one.device}
                lines = {"remote": one.remote_line, "local": one.local_line}
                said |= {"encapsulation limit": one.encapsulation_limit}
                yield from _made(one.name, fact.language, fact, one.line, said, lines)
        elif isinstance(fact, ShellCommand) and (match := _ADD.search(fact.text[:2000])) is not None:
            yield from _of_command(fact, (match[1] or match[2]).replace("\\", " ").split()[:MAX_WORDS])


def _of_command(command: ShellCommand, words: list[str]) -> Iterator[TunnelSettings]:
    options = {word: after for word, after in pairwise(words) if word in _WORDS}
    name = options.get("name") or (words[0] if words and words[0] not in _WORDS else "")
    said = {"encapsulation": options.get("mode"), "remote": options.get("remote"), "local": options.get("local")}
    said |= {"device": options.get("dev"), "encapsulation limit": options.get("encaplimit")}
    yield from _made(name, "ip tunnel add", command, command.line, said)


def _made(
    name: str, syntax: str, by: Fact, line: int, said: dict[str, str | None], lines: dict[str, int] | None = None
) -> Iterator[TunnelSettings]:
    fields = {f: value for f, value in said.items() if value}
    for end in ("remote", "local"):
        address = parsed(fields.get(end, ""))
        if end in fields and address is not None:
            fields[end] = str(address)
    if "encapsulation" in fields:
        fields["encapsulation"] = encapsulation(fields["encapsulation"]) or ""
    if "remote" in fields or "local" in fields:
        yield TunnelSettings(name, syntax, by, line, fields, lines or {})


def same_tunnel(a: TunnelSettings, b: TunnelSettings) -> bool:
    """Whether two statements speak of one tunnel: one name, or one end in common and none that names another pair."""
    if a.name and a.name == b.name:
        return True
    ends = [(a.fields.get(end), b.fields.get(end)) for end in ("remote", "local")]
    return all(x and x == y for x, y in ends)


def differing(a: TunnelSettings, b: TunnelSettings) -> list[str]:
    """The fields in which they differ, as far as both say them (the encapsulation limit by its default)."""
    return [f for f in FIELDS if a.value(f) and b.value(f) and a.value(f) != b.value(f)]


def said_once(a: TunnelSettings, b: TunnelSettings) -> list[str]:
    """The fields that only one of them says: the other leaves them to its system."""
    return [f for f in FIELDS if bool(a.value(f)) != bool(b.value(f))]

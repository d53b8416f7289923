"""`ip tunnel show` and `ip -6 tunnel show` of Linux.

    wan6: ip/ipv6 remote 2001:db8:ff::1 local 2001:db8:77::2 dev eth3 encaplimit none hoplimit 64 tclass 0x00 flowlabel 0x00000
    gre9: gre/ip remote 198.51.100.9 local 192.0.2.7 ttl inherit key 9

Yields a Tunnel for each line. Refuses `ip link` listings.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_quoted, matching, outside_fences
from runs.analysis.domain.shell import sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.network import Tunnel
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("ip_tunnel.title", en="tunnels (ip tunnel show)", ja="トンネル一覧 (ip tunnel show)")
MAX_TUNNELS = 10_000
_LINE = re.compile(
    r"(?P<name>[\w.@-]{1,64}): (?P<mode>[a-z0-9]{2,6}/ip(?:v6)?)\s+(?:remote (?P<remote>\S+) )(?:local (?P<local>\S+))(?P<rest>.*)"
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a line of the form."""
    lines = outside_fences(head.head_lines)
    found = matching(lines, _LINE)
    if not found:
        return None
    return because(TITLE, found[0], TYPICAL if is_quoted(lines, found[0]) else CERTAIN)


def parse(source: Source) -> Parsed:
    """Each tunnel with its line."""
    tunnels: list[Fact] = []
    commands: list[Fact] = []
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < 1000:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        for line in section.lines:
            match = _LINE.match(line.text[:2000])
            if match is None or len(tunnels) >= MAX_TUNNELS:
                continue
            said = dict(re.findall(r"\b(dev|encaplimit|hoplimit|ttl) (\S+)", match["rest"]))
            tunnels.append(
                Tunnel(
                    host=section.host,
                    name=match["name"],
                    mode=match["mode"],
                    remote=_known(match["remote"]),
                    local=_known(match["local"]),
                    device=said.get("dev"),
                    encapsulation_limit=said.get("encaplimit"),
                    hop_limit=said.get("hoplimit") or said.get("ttl"),
                    line=line.number,
                )
            )
    return Parsed(facts=[*tunnels, *commands], counts={"tunnels": len(tunnels)})


def _known(address: str) -> str | None:
    """None for 'any' and '::', which stand for no address."""
    return None if address in ("any", "::", "0.0.0.0") else address  # noqa: S104  # no socket is bound here

"""`ip rule` and `ip -6 rule` of Linux: policy routing.

    $ ip rule
    0:	from all lookup local
    100:	from 192.0.2.18 fwmark 0x10/0xff lookup wan9
    32766:	from all lookup main

Yields a RoutingPolicy for each command. Refuses commands that add rules: notes read them.
"""

import re

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.policy_routing import PolicyRule, RoutingPolicy
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("ip_rule.title", en="the routing policy (ip rule)", ja="ポリシールーティング (ip rule)")
MAX_RULES = 50_000
_RULE = re.compile(r"(?P<priority>\d{1,10}):\s+(?P<text>(?P<negated>not )?from (?P<source>\S+)(?P<rest>.*))$")
_SURE = re.compile(
    r"\d{1,10}:\s+(?:not )?from \S+(?: \S+){0,24}? (?:(?:lookup|table) \S+|blackhole|unreachable|prohibit|goto \d+|nop)(?:\s|$)"
)
_WORD = re.compile(r"\b(to|iif|oif|fwmark|lookup|table|goto) (\S+)")
_ACTION = re.compile(r"\b(blackhole|unreachable|prohibit|nop|goto)\b")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a rule."""
    return recognise(head, TITLE, _SURE)


def parse(source: Source) -> Parsed:
    """A policy for each command."""
    return parse_sections(source, _policies, "policies")


def _policies(section: Section) -> list[Fact]:
    found: list[PolicyRule] = []
    for line in section.lines:
        match = _RULE.match(line.text[:1000].rstrip())
        if match is None or len(found) >= MAX_RULES:
            continue
        said, action = dict(_WORD.findall(match["rest"])), _ACTION.search(match["rest"])
        found.append(
            PolicyRule(
                line=line.number,
                priority=int(match["priority"]),
                text=match["text"].strip(),
                negated=bool(match["negated"]),
                source=None if match["source"] == "all" else match["source"],
                destination=None if said.get("to") == "all" else said.get("to"),
                in_interface=said.get("iif"),
                out_interface=said.get("oif"),
                mark=said.get("fwmark"),
                table=said.get("lookup") or said.get("table"),
                action=action[1] if action else "lookup",
            )
        )
    if not found:
        return []
    six = bool(re.search(r"\s-6\b|inet6", section.command or "")) or any(":" in f"{one.source}{one.destination}" for one in found)
    return [
        RoutingPolicy(
            host=section.host,
            version=6 if six else 4,
            rules=tuple(found),
            command=section.command,
            first_line=first_full_line(section),
            last_line=last_full_line(section),
        )
    ]

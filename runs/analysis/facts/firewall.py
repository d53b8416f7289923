"""Packet-filter rules as listed by pfctl (later kinds have their own structs here)."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class PfRule(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `pfctl -sr` or pf.conf."""

    line: int
    text: str
    action: str  # 'pass', 'block', 'anchor', 'scrub', 'scrub-anchor', 'nat', 'rdr', 'no', 'other'
    direction: str | None = None  # 'in', 'out'; None: both
    quick: bool = False
    interface: str | None = None
    family: str | None = None  # 'inet', 'inet6'
    protocols: tuple[str, ...] = ()
    source: str = "any"  # as written: address, table, list, 'any'
    source_ports: tuple[str, ...] = ()
    destination: str = "any"
    destination_ports: tuple[str, ...] = ()  # '9080', '1000:2000', '!= 22', '> 1023'
    returns: bool = False  # block return, return-rst, return-icmp
    anchor: str | None = None
    understood: bool = True  # every word of the rule was read


class PfRuleset(Fact, frozen=True, kw_only=True):
    """A listing of pf rules, whole or grepped."""

    evidence_name: ClassVar[Message] = message("evidence.pf_ruleset", en="the packet filter's rules", ja="パケットフィルタの規則")

    command: str | None = None
    command_line: int = 0
    rules: tuple[PfRule, ...] = ()
    listed: tuple[tuple[str, int], ...] = ()  # anchors named by `pfctl -s Anchors`, with their lines
    first_line: int = 1
    last_line: int = 1
    grepped: bool = False  # the output went through grep or rg: rules may be missing
    grep_flawed: bool = False  # … and that grep could not have matched
    no_match_line: int = 0  # '[matchなし]', '(no match)': a person's or a script's remark instead of output

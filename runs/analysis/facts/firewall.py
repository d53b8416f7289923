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


class IptablesRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of iptables: a line of iptables-save, `iptables -S` or `iptables -L -v -n`. None: not narrowed by it."""

    line: int
    text: str
    table: str
    chain: str
    target: str | None  # 'ACCEPT', 'DROP', 'REJECT', 'SNAT', a chain's name
    protocol: str | None = None
    source: str | None = None  # prefix as written; '! …' where negated
    destination: str | None = None
    in_interface: str | None = None
    out_interface: str | None = None
    source_ports: str | None = None  # as written: '80', '1000:2000', '22,80'
    destination_ports: str | None = None
    states: tuple[str, ...] = ()  # of conntrack: 'RELATED', 'ESTABLISHED'
    reject_with: str | None = None
    to: str | None = None  # where SNAT and DNAT translate to
    packets: int | None = None  # counters of -v or iptables-save -c
    understood: bool = True  # every match was read


class IptablesChain(msgspec.Struct, frozen=True, kw_only=True):
    """A chain with its policy (None: of one's own making) and the counters of its policy."""

    table: str
    name: str
    policy: str | None
    line: int
    packets: int | None = None


class IptablesRuleset(Fact, frozen=True, kw_only=True):
    """One listing of iptables or ip6tables."""

    evidence_name: ClassVar[Message] = message(
        "evidence.iptables_ruleset", en="the packet filter's rules (iptables)", ja="iptables の規則"
    )

    version: int = 4
    command: str | None = None
    form: str  # 'save', 'list', 'vyos'
    chains: tuple[IptablesChain, ...] = ()
    rules: tuple[IptablesRule, ...] = ()
    first_line: int = 1
    last_line: int = 1
    grepped: bool = False
    prescribed: bool = False  # commands in a document: no listing of what is in force

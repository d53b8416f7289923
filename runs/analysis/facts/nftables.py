"""Rules of nftables. A rule has the form of iptables' rules, so that both are evaluated alike."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.facts.firewall import IptablesRule
from runs.analysis.messages import Message, message


class NftChain(msgspec.Struct, frozen=True, kw_only=True):
    """A chain. Without a hook it is reached by jumps alone."""

    line: int
    table: str  # family and name: 'inet filter'
    name: str
    kind: str | None = None  # 'filter', 'nat', 'route'
    hook: str | None = None  # 'input', 'forward', 'output', 'prerouting', 'postrouting', 'ingress'
    priority: str | None = None  # as written: 'filter', '0', 'dstnat + 10'
    policy: str | None = None  # 'ACCEPT', 'DROP'; of a base chain
    policy_line: int = 0


class NftRule(IptablesRule, frozen=True, kw_only=True):
    """A rule of nft in the form of iptables' rules, with what that form has no place for.

    Addresses, ports and interfaces may be lists with commas, ranges and names of sets ('@blocked').
    """

    family: int | None = None  # 4, 6: what the rule's own matches presuppose
    not_states: tuple[str, ...] = ()  # 'ct state != …'
    goto: bool = False
    verdict_key: str | None = None  # of a verdict map: the field that its keys stand for: 'destination_ports', 'states'
    verdicts: tuple[tuple[str, str], ...] = ()  # its keys with their verdicts: 'ACCEPT', a chain, 'goto ' and a chain


class NftRuleset(Fact, frozen=True, kw_only=True):
    """One listing of nft. `rules`: table is family and name ('inet filter'), target in capitals as iptables has it, or a chain."""

    evidence_name: ClassVar[Message] = message("evidence.nft_ruleset", en="the packet filter's rules (nft)", ja="nftables の規則")

    chains: tuple[NftChain, ...] = ()
    rules: tuple[NftRule, ...] = ()
    sets: tuple[tuple[str, tuple[str, ...], int], ...] = ()  # 'inet filter blocked', elements (the first 1,000), line
    open_sets: tuple[str, ...] = ()  # the sets whose members are not all given, or come and go by themselves
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
    partial: bool = False  # one chain or table, or a grep
    gaps: bool = False  # rules of the chains that are given may be missing: a grep, a cut, a file that includes others
    script: bool = False  # a file for `nft -f`: what is in force may differ

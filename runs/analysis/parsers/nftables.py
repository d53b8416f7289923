"""`nft list ruleset`, `nft -a list table …`, and files for `nft -f`.

    table inet filter {
        chain forward {
            type filter hook forward priority filter; policy drop;
            ct state established,related accept
            iifname "eth3" tcp dport { 443, 8443 } accept # handle 7
        }
    }

Yields an NftRuleset for each command. Refuses iptables in all its forms.
"""

import re
from dataclasses import dataclass, field

import msgspec

from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.nft_sets import MOST_MEMBERS, NftSet
from runs.analysis.domain.nft_syntax import read_rule
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.nftables import NftChain, NftRule, NftRuleset
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Problem, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 5
TITLE = message("nftables.title", en="rules of nftables", ja="nftables の規則")
TOO_MANY = message(
    "nftables.too_many", en="more than {most:count} rules; the rest is not read", ja="規則が {most:count} 件を超え、以降は読まない"
)
CUT = message(
    "nftables.cut",
    en="the table or chain that opens here is never closed: the text was cut",
    ja="ここから始まる表またはチェーンが閉じていない（途中で切れた一覧）",
)
_TERSE = re.compile(r"\bnft\b.* (?:-\w*t\w*|--terse)\b")
MAX_RULES = 50_000
MAX_CHAINS = 10_000
MAX_RULE = 65_536  # characters
_TABLE = re.compile(r"\s*(?:add )?table (?P<family>ip6|ip|inet|arp|bridge|netdev) (?P<name>[\w.-]+)\s*\{")
_CHAIN = re.compile(r"\s*chain (?P<name>[\w.-]+)\s*\{")
_SET = re.compile(r"\s*(?:set|map) (?P<name>[\w.-]+)\s*\{")
_BASE = re.compile(
    r"\s*type (?P<kind>\w+) hook (?P<hook>\w+)(?: device \S+)? priority (?P<priority>[^;]+);(?:\s*policy (?P<policy>\w+);)?"
)
_POLICY = re.compile(r"\s*policy (?P<policy>accept|drop);")
_SCRIPT = re.compile(r"#!.*\bnft\b|(?:flush|destroy|delete) (?:ruleset|table)\b|define \w+\s*=")
_QUOTED = re.compile(r'"[^"]*"')
_ELSEWHERE = re.compile(
    r"include\b|(?:(?:add|insert|replace|delete|create) )(?:rule|chain|element)\b"
)  # what is not read, or not here
_SURE = re.compile(f"{_TABLE.pattern.replace('?P<', '?P<t_')}$|{_BASE.pattern.replace('?P<', '?P<b_')}")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a table's first line or a base chain's."""
    return recognise(head, TITLE, _SURE, ("nft",))


@dataclass
class _Listing:
    """One listing while it is read."""

    chains: list[NftChain] = field(default_factory=list)
    rules: list[NftRule] = field(default_factory=list)
    sets: list[NftSet] = field(default_factory=list)
    table: str = ""
    opened: list[tuple[str, int]] = field(default_factory=list)  # 'table', 'chain', 'set', with lines
    begun: tuple[str, int] | None = None  # a rule whose braces are still open, with its first line
    gaps: bool = False
    script: bool = False

    def read(self, line: Line) -> bool:
        """Whether there is room for more."""
        text = line.text[:8192]
        stripped = text.strip()
        inside = self.opened[-1][0] if self.opened else ""
        if inside == "set" and self.sets[-1].read(stripped):
            pass
        elif self.begun is not None:
            return self._rule(f"{self.begun[0]} {stripped}"[:MAX_RULE], self.begun[1])
        elif (table := _TABLE.match(text)) is not None:
            self.table = f"{table['family']} {table['name']}"
            self.opened = [("table", line.number)]
        elif inside and (chain := _CHAIN.match(text)) is not None:
            self.opened.append(("chain", line.number))
            if len(self.chains) < MAX_CHAINS:
                self.chains.append(NftChain(line=line.number, table=self.table, name=chain["name"]))
        elif inside and (named := _SET.match(text)) is not None:
            self.opened.append(("set", line.number))
            self.sets.append(NftSet(f"{self.table} {named['name']}", line.number))
        elif inside == "table" and stripped.endswith("{"):  # a flow table, a helper, a quota
            self.opened.append(("other", line.number))
        elif stripped in ("}", "};"):
            self.opened = self.opened[:-1]
        elif inside == "chain" and stripped and not stripped.startswith("#") and self.chains:
            return self._statement(stripped, line.number)
        elif _ELSEWHERE.match(stripped):
            self.gaps = True
        elif _SCRIPT.match(stripped):
            self.script = True
        return True

    def _statement(self, text: str, number: int) -> bool:
        chain = self.chains[-1]
        if (base := _BASE.match(text)) is not None:
            policy = base["policy"] or _policy_behind(text[base.end() :]) or "accept"
            self.chains[-1] = NftChain(
                line=chain.line, table=chain.table, name=chain.name, kind=base["kind"], hook=base["hook"],
                priority=base["priority"].strip(), policy=policy.upper(), policy_line=number,
            )  # fmt: skip
            return True
        if policy_line := _POLICY.match(text):
            self.chains[-1] = msgspec.structs.replace(chain, policy=policy_line["policy"].upper(), policy_line=number)
            return True
        return self._rule(text, number)

    def _rule(self, text: str, number: int) -> bool:
        bare = _QUOTED.sub("", text)
        if bare.count("{") > bare.count("}") and len(text) < MAX_RULE:
            self.begun = (text, number)
            return True
        self.begun = None
        if len(self.rules) >= MAX_RULES:
            return False
        chain = self.chains[-1]
        if _ELSEWHERE.match(text):
            self.gaps = True
        else:
            self.rules.append(read_rule(text.rstrip(";"), number, chain.table, chain.name))
        return True


def _policy_behind(text: str) -> str | None:
    match = _POLICY.match(text)
    return match["policy"] if match else None


def parse(source: Source) -> Parsed:
    """A ruleset for each command; without prompts one for the file."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    count = 0
    for section in typed_sections(source, commands):
        listing, broken = _Listing(), False
        for line in section.lines:
            if not listing.read(line):
                problems.append(Problem(TOO_MANY(most=MAX_RULES), line=line.number, lost=True))
                broken = True
                break
        if listing.opened and (listing.chains or listing.rules):
            problems.append(Problem(CUT(), line=listing.opened[-1][1], lost=True))
        count += len(listing.rules)
        if listing.table and len(facts) < 1000:
            facts.append(_fact(listing, section, broken))
    return Parsed(facts=[*facts, *commands], problems=problems[:100], counts={"rules": count})


def _fact(listing: _Listing, section: Section, broken: bool) -> NftRuleset:
    command = section.command
    cut = bool(listing.opened) or listing.begun is not None
    grepped = bool(command and is_filtered(command))
    terse = bool(command and _TERSE.search(command))
    sets = listing.sets[:1000]
    return NftRuleset(
        host=section.host,
        chains=tuple(listing.chains),
        rules=tuple(listing.rules),
        sets=tuple((s.name, tuple(s.members[:MOST_MEMBERS]), s.line) for s in sets),
        open_sets=tuple(s.name for s in sets if terse or s.changes or len(s.members) > MOST_MEMBERS),
        command=command,
        first_line=first_full_line(section),
        last_line=last_full_line(section),
        partial=cut or grepped or bool(command and re.search(r"\blist (?:chain|table|set|map)\b", command)),
        gaps=cut or grepped or broken or listing.gaps or len(listing.chains) >= MAX_CHAINS,
        script=listing.script,
    )

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

from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.nft_syntax import read_rule
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line, recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.firewall import IptablesRule
from runs.analysis.facts.nftables import NftChain, NftRuleset
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Problem, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 2
TITLE = message("nftables.title", en="rules of nftables", ja="nftables の規則")
TOO_MANY = message(
    "nftables.too_many", en="more than {most:count} rules; the rest is not read", ja="規則が {most:count} 件を超え、以降は読まない"
)
CUT = message(
    "nftables.cut",
    en="the table or chain that opens here is never closed: the text was cut",
    ja="ここから始まる表またはチェーンが閉じていない（途中で切れた一覧）",
)
MAX_RULES = 50_000
MAX_CHAINS = 10_000
_TABLE = re.compile(r"\s*(?:add )?table (?P<family>ip6|ip|inet|arp|bridge|netdev) (?P<name>[\w.-]+)\s*\{")
_CHAIN = re.compile(r"\s*chain (?P<name>[\w.-]+)\s*\{")
_SET = re.compile(r"\s*(?:set|map) (?P<name>[\w.-]+)\s*\{")
_BASE = re.compile(
    r"\s*type (?P<kind>\w+) hook (?P<hook>\w+)(?: device \S+)? priority (?P<priority>[^;]+);(?:\s*policy (?P<policy>\w+);)?"
)
_POLICY = re.compile(r"\s*policy (?P<policy>accept|drop);")
_ELEMENT = re.compile(r"[\w.:/-]+")
_SURE = re.compile(f"{_TABLE.pattern.replace('?P<', '?P<t_')}$|{_BASE.pattern.replace('?P<', '?P<b_')}")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a table's first line or a base chain's."""
    return recognise(head, TITLE, _SURE, ("nft",))


@dataclass
class _Listing:
    """One listing while it is read."""

    chains: list[NftChain] = field(default_factory=list)
    rules: list[IptablesRule] = field(default_factory=list)
    sets: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    table: str = ""
    opened: list[tuple[str, int]] = field(default_factory=list)  # 'table', 'chain', 'set', with lines
    elements: list[str] | None = None

    def read(self, line: Line) -> bool:
        """Whether there is room for more."""
        text = line.text[:8192]
        stripped = text.strip()
        if (table := _TABLE.match(text)) is not None:
            self.table = f"{table['family']} {table['name']}"
            self.opened = [("table", line.number)]
        elif self.opened and (chain := _CHAIN.match(text)) is not None:
            self.opened.append(("chain", line.number))
            if len(self.chains) < MAX_CHAINS:
                self.chains.append(NftChain(line=line.number, table=self.table, name=chain["name"]))
        elif self.opened and (named := _SET.match(text)) is not None:
            self.opened.append(("set", line.number))
            self.elements = []
            self.sets.append((f"{self.table} {named['name']}", (), line.number))
        elif stripped in ("}", "};"):
            self._close()
        elif self.opened and self.opened[-1][0] == "set":
            self._element(stripped)
        elif self.opened and self.opened[-1][0] == "chain" and stripped and not stripped.startswith("#") and self.chains:
            return self._statement(stripped, line.number)
        return True

    def _close(self) -> None:
        if not self.opened:
            return
        what, _ = self.opened.pop()
        if what == "set" and self.elements is not None:
            name, _, line = self.sets[-1]
            self.sets[-1] = (name, tuple(self.elements[:1000]), line)

    def _element(self, text: str) -> None:
        if self.elements is None or text.startswith(
            ("type ", "typeof ", "flags ", "size ", "timeout ", "auto-merge", "counter", "gc-")
        ):
            return
        body = text.removeprefix("elements = {")
        self.elements += _ELEMENT.findall(body)[: 1000 - len(self.elements)]

    def _statement(self, text: str, number: int) -> bool:
        chain = self.chains[-1]
        if (base := _BASE.match(text)) is not None:
            policy = base["policy"] or _policy_behind(text[base.end() :]) or "accept"
            self.chains[-1] = NftChain(
                line=chain.line, table=chain.table, name=chain.name, kind=base["kind"], hook=base["hook"],
                priority=base["priority"].strip(), policy=policy.upper(), policy_line=number,
            )  # fmt: skip
            return True
        if _POLICY.match(text):
            return True
        if len(self.rules) >= MAX_RULES:
            return False
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
        listing = _Listing()
        for line in section.lines:
            if not listing.read(line):
                problems.append(Problem(TOO_MANY(most=MAX_RULES), line=line.number, lost=True))
                break
        if listing.opened and (listing.chains or listing.rules):
            problems.append(Problem(CUT(), line=listing.opened[-1][1], lost=True))
        count += len(listing.rules)
        if listing.table and len(facts) < 1000:
            facts.append(_fact(listing, section))
    return Parsed(facts=[*facts, *commands], problems=problems[:100], counts={"rules": count})


def _fact(listing: _Listing, section: Section) -> NftRuleset:
    command = section.command
    return NftRuleset(
        host=section.host,
        chains=tuple(listing.chains),
        rules=tuple(listing.rules),
        sets=tuple(listing.sets[:1000]),
        command=command,
        first_line=first_full_line(section),
        last_line=last_full_line(section),
        partial=bool(listing.opened)
        or bool(command and (is_filtered(command) or re.search(r"\blist (?:chain|table|set|map)\b", command))),
    )

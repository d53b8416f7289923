"""Listings of packet filters of Linux, iptables and nft, asked alike: what they would do with a packet, what their rejects send."""

from collections.abc import Sequence

from runs.analysis.case import Case
from runs.analysis.domain import iptables_walk, nft_walk
from runs.analysis.domain.iptables_walk import Decision, Packet
from runs.analysis.domain.wording import quoted
from runs.analysis.facts.firewall import IptablesRule, IptablesRuleset
from runs.analysis.facts.nftables import NftRule, NftRuleset

Listing = IptablesRuleset | NftRuleset
TRANSLATES_DESTINATION = ("DNAT", "REDIRECT", "NETMAP")
TRANSLATES_SOURCE = ("SNAT", "MASQUERADE", "NETMAP")


def in_force(case: Case) -> list[Listing]:
    """The listings of filter rules, whole or in part, but for greps and what a document prescribes."""
    found: list[Listing] = [r for r in case.all(IptablesRuleset) if not r.grepped and not r.prescribed]
    return [r for r in [*found, *case.all(NftRuleset)] if filter_rules(r) or _filter_chains(r)]


def _filter_chains(ruleset: Listing) -> bool:
    return isinstance(ruleset, NftRuleset) and any(c.kind == "filter" for c in ruleset.chains)


def is_whole(ruleset: Listing) -> bool:
    """Whether no rule of the listed chains is missing, so that what stands before a rule is known."""
    return not (ruleset.gaps if isinstance(ruleset, NftRuleset) else ruleset.grepped)


def filter_rules(ruleset: Listing) -> list[IptablesRule]:
    """The rules that filter, a verdict map as one rule for each of its keys."""
    if isinstance(ruleset, IptablesRuleset):
        return [r for r in ruleset.rules if r.table == "filter"]
    translating = {(c.table, c.name) for c in ruleset.chains if c.kind == "nat"}
    return [one for r in ruleset.rules if (r.table, r.chain) not in translating for one in nft_walk.by_verdict(r)]


def concerns(ruleset: Listing, address: str) -> bool:
    """Whether the listing has rules for the address' family."""
    if isinstance(ruleset, IptablesRuleset):
        return (":" in address) == (ruleset.version == 6)
    families = ("inet", "ip6" if ":" in address else "ip")
    return any(c.table.split()[0] in families for c in ruleset.chains)


def matches(ruleset: Listing, rule: IptablesRule, packet: Packet) -> bool | None:
    """Whether a rule of the listing is for a packet; None where that is not known."""
    if isinstance(ruleset, NftRuleset) and isinstance(rule, NftRule):
        return nft_walk.matches(rule, packet, nft_walk.given_sets(ruleset))
    return iptables_walk.matches(rule, packet)


def decide(ruleset: Listing, path: str, packet: Packet) -> list[Decision]:
    """All decisions that are possible for a packet that takes the path 'INPUT', 'FORWARD' or 'OUTPUT' of the listing's host.

    What only a part of a ruleset accepts, the rest of it may still stop; packets that are not tracked have no state.
    """
    if isinstance(ruleset, IptablesRuleset):
        return iptables_walk.decide(ruleset, path, packet)
    untracked = any(r.target == "NOTRACK" and matches(ruleset, r, packet) is not False for r in ruleset.rules)
    found = [] if ruleset.gaps or untracked else nft_walk.decide(ruleset, path, packet)
    open_end = [Decision("unknown", None)] if ruleset.partial and any(d.action == "ACCEPT" for d in found) else []
    return found + open_end


def translating(ruleset: Listing, packet: Packet, targets: Sequence[str]) -> bool:
    """Whether a rule of the listing may translate the packet in one of the given ways."""
    return any(r.target in targets and matches(ruleset, r, packet) is not False for r in ruleset.rules)


def harmless(ruleset: NftRuleset, rule: NftRule) -> bool:
    """Whether a rule can stop no packet: it accepts, translates, notes, or leads to a chain that is listed."""
    target = rule.target or ""
    passing = (*iptables_walk.PASSING, *TRANSLATES_DESTINATION, *TRANSLATES_SOURCE, "ACCEPT", "RETURN", "CONTINUE", "")
    return target in passing or any((c.table, c.name) == (rule.table, target) for c in ruleset.chains)


def counter_command(ruleset: Listing, chain: str) -> str:
    """The command that shows the counters of a chain's rules."""
    if isinstance(ruleset, NftRuleset):
        table = next((c.table for c in ruleset.chains if c.name == chain), None)
        return f"nft -a list chain {table} {quoted(chain)}" if table else "nft -a list ruleset"
    return f"{'ip6tables' if ruleset.version == 6 else 'iptables'} -L {quoted(chain)} -v -n --line-numbers"

"""A MAP-E tunnel ends at another address than the border relay that the documents name for this line.

Claim: the remote end of a tunnel whose local end is the line's CE address (in force, or set in a configuration) is called the default mapping
rule (DMR) by the documents (`certain`: the DMR tells how to form addresses of other networks, it terminates no tunnel), or is called
nothing at all while they name another border relay (`firm`: they may be out of date). A tunnel that only a note's command sets up is `tentative`.

Silent where the documents call the remote end a border relay, also as one of several (east, west); where they name none; and for
tunnels whose local end is no CE address.

Refuted by: the provider's rule for this line (the MAP-E rule distribution), which names the remote end as its border relay.

Source: RFC 7597 sections 5.4 and 8.3 (default mapping rule, border relay).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.map_e import decode_ce
from runs.analysis.domain.routing import parsed
from runs.analysis.domain.tunnels import TUNNEL_KINDS
from runs.analysis.domain.wording import once, quoted, statement
from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.facts.map_e import MapEParameters
from runs.analysis.facts.network import Interfaces, Tunnel
from runs.analysis.facts.notes import Note, NoteTable
from runs.analysis.facts.router import RouterConfig
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Confidence, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement

_SIX = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_BR = re.compile(r"(?<![A-Za-z])BR(?![A-Za-z])|border relay|ボーダーリレー|\bAFTR\b", re.IGNORECASE)
_DMR = re.compile(r"\bDMR\b|default mapping rule", re.IGNORECASE)
_DENIED = re.compile(r"ではなく|\bnot\b|instead of", re.IGNORECASE)

TITLE = message("tunnel_remote_mismatch", en="A tunnel ends at the wrong address", ja="トンネルの相手が BR ではない")
IS_DMR = message(
    "tunnel_remote_mismatch.is_dmr",
    en="Tunnel {name} ends at {remote}, which the documents call the DMR, not the border relay.",
    ja="トンネル {name} の相手 {remote} は、資料では DMR であり、BR ではない。",
)
IS_OTHER = message(
    "tunnel_remote_mismatch.is_other",
    en="Tunnel {name} ends at {remote}; the documents name {relays:list} as border relay.",
    ja="トンネル {name} の相手は {remote} だが、資料の BR は {relays:list}。",
)
SET = message("tunnel_remote_mismatch.set", en="The tunnel's remote end is {remote}.", ja="トンネルの相手は {remote}。")
CALLED = message("tunnel_remote_mismatch.called", en="The documents call {remote} the DMR.", ja="資料では {remote} は DMR。")
NAMED = message("tunnel_remote_mismatch.named", en="The documents name {relay} as border relay.", ja="資料の BR は {relay}。")
RIGHT = message(
    "tunnel_remote_mismatch.right",
    en="Tunnel {name} ends at {remote}, as the documents name the border relay.",
    ja="トンネル {name} の相手 {remote} は、資料の BR と一致する。",
)
UNNAMED = message("tunnel_remote_mismatch.unnamed", en="(no name)", ja="（名称なし）")
REFUTE = message(
    "tunnel_remote_mismatch.refute",
    en="The provider's rule for this line, if it names {remote} as its border relay.",
    ja="事業者のルール配信で {remote} がこの回線の BR なら覆る。",
)
REACH = message("tunnel_remote_mismatch.reach", en="See which of them answers.", ja="どちらが応答するか確認する。")
NO_RELAY = message(
    "tunnel_remote_mismatch.no_relay", en="a document that names the border relay of this line", ja="この回線の BR を示す資料"
)


class Used(NamedTuple):
    """A tunnel whose local end is a CE address."""

    name: str
    remote: str
    place: Citation
    in_force: bool  # else a command of a note


class Mention(NamedTuple):
    """An address that a document calls a border relay or the DMR."""

    address: str
    is_relay: bool
    place: Citation


@rule(
    title=TITLE,
    domain="network",
    topics=["map-e", "tunnel"],
    needs=[MapEParameters],
    uses=[Tunnel, Interfaces, RouterConfig, Note, NoteTable],
    collect="ip -6 tunnel show; show configuration commands | match tunnel",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each tunnel."""
    used = list(_used(case))
    mentions = list(_mentions(case))
    relays = list(dict.fromkeys(m.address for m in mentions if m.is_relay))
    if not used:
        return
    if not mentions:
        yield NotEvaluable(missing=(NO_RELAY(),), citations=(used[0].place,))
        return
    right: list[Statement] = []
    for one in used:
        own = [m for m in mentions if m.address == one.remote]
        if any(m.is_relay for m in own):
            said = RIGHT(name=one.name or UNNAMED(), remote=one.remote)
            right.append(statement(said, one.place, *(m.place for m in own if m.is_relay)))
        elif own or relays:
            yield _found(one, [m.place for m in own], [m for m in mentions if m.is_relay])
    if right:
        yield Excluded(statements=once(right))


def _used(case: Case) -> Iterator[Used]:
    """Tunnels in force, in configurations, and where neither is there those of commands."""
    found: dict[tuple[str, str], Used] = {}
    for name, local, remote, by, line in _ends(case):
        there, here = parsed(remote or ""), parsed(local or "")
        if there is not None and here is not None and there.version == 6 and decode_ce(str(here)) and not there.is_unspecified:
            found.setdefault((name, str(there)), Used(name, str(there), Citation(by.file, lines=(line,)), True))
    if not found:
        for one in case.all(MapEParameters):
            there = parsed(one.br_address or "")
            if one.stated_in == "command" and there is not None:
                place = Citation(one.file, lines=(one.br_line,))
                found.setdefault(("", str(there)), Used("", str(there), place, not one.from_notes))
    yield from found.values()


def _ends(case: Case) -> Iterator[tuple[str, str | None, str | None, Fact, int]]:
    for tunnel in case.all(Tunnel):
        yield tunnel.name, tunnel.local, tunnel.remote, tunnel, tunnel.line
    for listing in case.all(Interfaces):
        for i in listing.interfaces:
            if i.kind and i.kind.startswith(TUNNEL_KINDS):
                yield i.name, i.local, i.peer, listing, i.line
    for config in (c for c in case.all(RouterConfig) if not c.prescribed):
        for set_up in config.tunnels:
            yield set_up.name, set_up.local, set_up.remote, config, set_up.remote_line or set_up.line


def _mentions(case: Case) -> Iterator[Mention]:
    """Rows and sentences of documents that label an IPv6 address; one that names both is read word by word."""
    texts = [(t.file, line, " ".join(cells)) for t in case.all(NoteTable) for line, cells in t.rows[:2000]]
    texts += [(n.file, s.line, s.text) for n in case.all(Note) for s in (*n.statements, *n.succeeded, *n.learned)]
    for file, line, text in texts:
        text = text[:1000]
        for match in _SIX.finditer(text):
            address = parsed(match[0])
            label = _label(text, match.start(), match.end())
            if address is not None and label is not None:
                yield Mention(str(address), label, Citation(file, lines=(line,)))


def _label(text: str, start: int, end: int) -> bool | None:
    """Whether an address is called a border relay (True) or the DMR (False): by the label nearest before it, else right behind it."""
    before = [(m.end(), is_relay) for form, is_relay in ((_BR, True), (_DMR, False)) for m in form.finditer(text[:start])]
    if before:
        at, is_relay = max(before)
        crossed = _SIX.search(text[at:start]) is not None  # another address stands between: the label is that one's
        return None if crossed else is_relay
    behind = text[end : end + 30]
    labels = [(m.start(), is_relay) for form, is_relay in ((_BR, True), (_DMR, False)) if (m := form.search(behind))]
    return min(labels)[1] if labels and not _DENIED.search(behind) else None


def _found(one: Used, called: list[Citation], relays: list[Mention]) -> Found:
    addresses = list(dict.fromkeys(m.address for m in relays))
    told = [statement(SET(remote=one.remote), one.place)]
    told += [statement(CALLED(remote=one.remote), *called)] if called else []
    told += [statement(NAMED(relay=a), *(m.place for m in relays if m.address == a)) for a in addresses[:5]]
    sure: Confidence = "certain" if called else "firm"
    title = (
        IS_DMR(name=one.name or UNNAMED(), remote=one.remote)
        if called
        else IS_OTHER(name=one.name or UNNAMED(), remote=one.remote, relays=addresses)
    )
    return Found(
        outcome="fail",
        severity="high" if called else "medium",
        confidence=sure if one.in_force else "tentative",
        title=title,
        statements=tuple(told),
        subject={"tunnel": one.name, "via": one.remote},
        endpoints=(RoleEndpoint("tunnel end", Endpoint(one.remote)),),
        refuted_by=REFUTE(remote=one.remote),
        next_actions=(Action(REACH(), "; ".join(f"ping -c 3 {quoted(a)}" for a in [one.remote, *addresses[:3]])),),
    )

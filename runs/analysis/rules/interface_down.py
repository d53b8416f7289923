"""An interface that the path needs is down or has no carrier.

Claim: an interface that a listed default route or route through a gateway names (and no other interface has the same route), or on which a
tunnel with such a route sits, is administratively down, or up without carrier (NO-CARRIER, LOWERLAYERDOWN). A tunnel or spare interface
that no route uses may be down on purpose.

Refuted by: the interface up in a later listing; another interface that carries the path.

Source: ip-link(8), RFC 2863 (operational states).
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.places import same_host, same_place
from runs.analysis.domain.routing import leads_on
from runs.analysis.domain.wording import once, quoted, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.network import Interface, Interfaces, RoutingTable, Tunnel
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

DEFAULTS = ("0.0.0.0/0", "::/0")
DOWN_STATES = ("DOWN", "LOWERLAYERDOWN")
TITLE = message("interface_down", en="An interface is down", ja="インタフェースが down")
DOWN = message(
    "interface_down.title",
    en="Interface {name} of {host}, which the path needs, is down.",
    ja="{host} の経路に必要なインタフェース {name} が down している。",
)
CARRIER = message(
    "interface_down.title_carrier",
    en="Interface {name} of {host}, which the path needs, has no carrier.",
    ja="{host} の経路に必要なインタフェース {name} のリンクが切れている（NO-CARRIER）。",
)
LISTED = message("interface_down.listed", en="Its state stands here.", ja="状態はここにある。")
NEEDED = message("interface_down.needed", en="It is needed here.", ja="ここで必要とされている。")
REFUTE = message("interface_down.refute", en="The interface up in a later listing.", ja="後の一覧で up なら覆る。")
LOOK = message("interface_down.look", en="Look at link and cable.", ja="リンクと配線を確認する。")
UP = message("interface_down.up", en="{name} is up.", ja="{name} は up。")


class Need(NamedTuple):
    """Where something names an interface, and whether that was surely taken on the same host."""

    place: Citation
    is_sure: bool


@rule(
    title=TITLE,
    domain="host",
    topics=["routing", "tunnel"],
    needs=[Interfaces],
    uses=[RoutingTable, Tunnel],
    collect="ip addr; ip -s link",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each interface that something needs."""
    up: list[Statement] = []
    for listing in case.all(Interfaces):
        needed = _needed(case, listing)
        for i in listing.interfaces:
            if i.name not in needed:
                continue
            place = Citation(listing.file, lines=(i.line,))
            if _is_down(i):
                yield _found(listing, i, place, needed[i.name])
            else:
                up.append(statement(UP(name=i.name), place))
    if up:
        yield Excluded(statements=once(up))


def _is_down(i: Interface) -> bool:
    return (i.state in DOWN_STATES and i.name != "lo") or "NO-CARRIER" in i.flags or (bool(i.flags) and "UP" not in i.flags)


def _needed(case: Case, listing: Interfaces) -> dict[str, Need]:
    """Interfaces that a gateway's route names as the only way, and what a tunnel among them sits on."""
    needed: dict[str, Need] = {}
    down = {i.name for i in listing.interfaces if _is_down(i)}
    for table in case.all(RoutingTable):
        if not same_place(table, listing):
            continue
        ways: dict[str, set[str]] = {}
        for r in table.routes:
            ways.setdefault(r.destination, set()).add(r.device or "")
        for r in table.routes:
            other = ways[r.destination] - down - {r.device}
            if r.device and (r.via or r.destination in DEFAULTS) and leads_on(r) and not other:
                needed.setdefault(r.device, Need(Citation(table.file, lines=(r.line,)), same_host(table, listing)))
    for tunnel in case.all(Tunnel):
        if same_place(tunnel, listing) and tunnel.device and tunnel.name in needed and tunnel.name not in down:
            needed.setdefault(tunnel.device, Need(Citation(tunnel.file, lines=(tunnel.line,)), same_host(tunnel, listing)))
    return needed


def _found(listing: Interfaces, i: Interface, place: Citation, why: Need) -> Found:
    host = listing.host or "this host"
    carrier = "NO-CARRIER" in i.flags or i.state == "LOWERLAYERDOWN"
    said = CARRIER if carrier else DOWN
    return Found(
        outcome="fail",
        severity="critical",
        confidence="certain" if why.is_sure else "firm",
        title=said(name=i.name, host=host),
        statements=(statement(LISTED(), place), statement(NEEDED(), why.place)),
        subject={"interface": i.name, "host": listing.host or ""},
        refuted_by=REFUTE(),
        next_actions=(Action(LOOK(), f"ip -s link show {quoted(i.name)}; ethtool {quoted(i.name)}"),),
    )

"""An interface that the path needs is down or has no carrier.

Claim: an interface that carries a route to something the run needs, or that a capture or tunnel names, is administratively down, or up
without carrier (NO-CARRIER, LOWERLAYERDOWN).

Refuted by: the interface up in a later listing; another interface that carries the path.

Source: ip-link(8), RFC 2863 (operational states).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.places import same_place
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.network import Interface, Interfaces, RoutingTable, Tunnel
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

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


def _needed(case: Case, listing: Interfaces) -> dict[str, Citation]:
    needed: dict[str, Citation] = {}
    for table in case.all(RoutingTable):
        if same_place(table, listing):
            for r in table.routes:
                if r.device and r.via:
                    needed.setdefault(r.device, Citation(table.file, lines=(r.line,)))
    for tunnel in case.all(Tunnel):
        if same_place(tunnel, listing) and tunnel.remote:
            for name in (tunnel.name, tunnel.device):
                if name:
                    needed.setdefault(name, Citation(tunnel.file, lines=(tunnel.line,)))
    return needed


def _found(listing: Interfaces, i: Interface, place: Citation, why: Citation) -> Found:
    host = listing.host or "this host"
    carrier = "NO-CARRIER" in i.flags or i.state == "LOWERLAYERDOWN"
    said = CARRIER if carrier else DOWN
    return Found(
        outcome="fail",
        severity="critical",
        confidence="certain",
        title=said(name=i.name, host=host),
        statements=(statement(LISTED(), place), statement(NEEDED(), why)),
        subject={"interface": i.name, "host": listing.host or ""},
        refuted_by=REFUTE(),
        next_actions=(Action(LOOK(), f"ip -s link show {i.name}; ethtool {i.name}"),),
    )

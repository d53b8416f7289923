"""A tunnel interface is up, and its remote end cannot be reached: 'up' is only apparent.

Claim: the interface (or `ip tunnel show`) names a remote end; in the same state of the host there is no route to it, or a ping to it gets
no answer at all. The state flag of a tunnel says nothing about its far end.

Refuted by: an answer from the remote end in the same state.

Source: ip-tunnel(8); RFC 2473 (a tunnel has no link state of its own).
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.places import same_place
from runs.analysis.domain.routing import leads_on, lookup, parsed
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.facts.network import Interfaces, RoutingTable, Tunnel
from runs.analysis.facts.reachability import Ping
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, RoleEndpoint, Statement

TUNNEL_KINDS = ("tunnel", "ipip", "gre", "sit")
TITLE = message("tunnel_endpoint_unreachable", en="A tunnel's remote end cannot be reached", ja="トンネルの相手に到達できない")
APPARENT = message(
    "tunnel_endpoint_unreachable.title",
    en="Tunnel {name} shows as up, but its remote end {remote} cannot be reached.",
    ja="トンネル {name} は UP と表示されるが、相手 {remote} に到達できない（UP は見かけだけ）。",
)
SETTINGS = message(
    "tunnel_endpoint_unreachable.settings", en="The tunnel names {remote} as its remote end.", ja="トンネルの相手は {remote}。"
)
UP = message("tunnel_endpoint_unreachable.up", en="Its interface shows as up.", ja="インタフェースは UP と表示される。")
NO_ROUTE = message("tunnel_endpoint_unreachable.no_route", en="No route leads to {remote}.", ja="{remote} への経路がない。")
NO_PING = message("tunnel_endpoint_unreachable.no_ping", en="A ping in the same state fails.", ja="同じ状態での ping は失敗する。")
REACHED = message(
    "tunnel_endpoint_unreachable.reached",
    en="The remote end {remote} of {name} answers.",
    ja="{name} の相手 {remote} は応答している。",
)
REFUTE = message(
    "tunnel_endpoint_unreachable.refute",
    en="An answer from {remote} in the same state.",
    ja="同じ状態で {remote} から応答があれば覆る。",
)
PING = message(
    "tunnel_endpoint_unreachable.ping", en="Ping the remote end outside the tunnel.", ja="トンネルの外側で相手に ping する。"
)


class Named(NamedTuple):
    """A tunnel as some listing has it."""

    name: str
    remote: str
    by: Fact
    place: Citation
    up: Citation | None


@rule(
    title=TITLE,
    domain="network",
    topics=["tunnel", "map-e", "routing"],
    needs=[(Tunnel, Interfaces), (RoutingTable, Ping)],
    uses=[RoutingTable, Ping],
    collect="ip -6 tunnel show; ip addr; ip -6 route; ping -c 3 REMOTE",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each tunnel with a remote end."""
    reached: list[Statement] = []
    for tunnel in _tunnels(case):
        address = parsed(tunnel.remote)
        if address is None or address.is_unspecified:
            continue
        proofs = list(_proofs(case, tunnel))
        if proofs:
            yield _found(tunnel, proofs)
            continue
        pings = [p for p in case.all(Ping) if p.target == tunnel.remote and same_place(p, tunnel.by) and p.received]
        if pings:
            place = Citation(pings[0].file, lines=(pings[0].statistics_line,))
            reached.append(statement(REACHED(name=tunnel.name, remote=tunnel.remote), place))
    if reached:
        yield Excluded(statements=once(reached))


def _tunnels(case: Case) -> Iterator[Named]:
    for t in case.all(Tunnel):
        if t.remote:
            yield Named(t.name, t.remote, t, Citation(t.file, lines=(t.line,)), None)
    for listing in case.all(Interfaces):
        for i in listing.interfaces:
            if i.peer and i.kind and i.kind.startswith(TUNNEL_KINDS):
                place = Citation(listing.file, lines=(i.line,))
                yield Named(i.name, i.peer, listing, place, place if "UP" in i.flags else None)


def _proofs(case: Case, tunnel: Named) -> Iterator[Statement]:
    address = parsed(tunnel.remote)
    pings = [p for p in case.all(Ping) if p.target == tunnel.remote and same_place(p, tunnel.by)]
    if any(p.received for p in pings):
        return
    for table in case.all(RoutingTable):
        fits = address is not None and table.version == address.version and not table.partial and same_place(table, tunnel.by)
        if fits and address is not None and not leads_on(lookup(table.routes, address)):
            lines = tuple(sorted({table.first_line, *(r.line for r in table.routes)}))[:12]
            yield statement(NO_ROUTE(remote=tunnel.remote), Citation(table.file, lines=lines))
    pings += [p for p in case.all(Ping) if not p.target and p.failure and same_place(p, tunnel.by)]
    for ping in pings:
        line = ping.failure_line or ping.statistics_line
        if ping.failure or ping.transmitted:
            yield statement(NO_PING(), Citation(ping.file, lines=(line,) if line else ()))


def _found(tunnel: Named, proofs: list[Statement]) -> Found:
    told = [statement(SETTINGS(remote=tunnel.remote), tunnel.place)]
    if tunnel.up:
        told.append(statement(UP(), tunnel.up))
    return Found(
        outcome="fail",
        severity="high",
        confidence="certain" if len(proofs) > 1 else "firm",
        title=APPARENT(name=tunnel.name, remote=tunnel.remote),
        statements=(*told, *proofs),
        subject={"tunnel": tunnel.name, "via": tunnel.remote},
        endpoints=(RoleEndpoint("tunnel end", Endpoint(tunnel.remote)),),
        because=(Cause("route_missing", {"destination": tunnel.remote}),),
        refuted_by=REFUTE(remote=tunnel.remote),
        next_actions=(Action(PING(), f"ping -c 3 {tunnel.remote}"),),
    )

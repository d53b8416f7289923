"""A tunnel interface is up, and its remote end cannot be reached: 'up' is only apparent.

Claim: the interface (or `ip tunnel show`) names a remote end; in the same state of the host there is no route to it, or a ping to it cannot be
sent or gets no answer at all (alone `tentative`: many relays answer no ping). The state flag of a tunnel says nothing about its far end; a
tunnel whose interface is down claims nothing.

Refuted by: an answer from the remote end in the same state, or packets that it sends through the tunnel.

Source: ip-tunnel(8); RFC 2473 (a tunnel has no link state of its own).
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite
from runs.analysis.domain.places import folder, same_place
from runs.analysis.domain.routing import Address, leads_on, parsed, way
from runs.analysis.domain.tunnels import NamedTunnel, tunnels
from runs.analysis.domain.wording import once, quoted, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.network import Interfaces, RoutingTable, Tunnel
from runs.analysis.facts.reachability import Ping
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement

TITLE = message("tunnel_endpoint_unreachable", en="A tunnel's remote end cannot be reached", ja="トンネルの相手に到達できない")
APPARENT = message(
    "tunnel_endpoint_unreachable.title",
    en="Tunnel {name} shows as up, but its remote end {remote} cannot be reached.",
    ja="トンネル {name} は UP と表示されるが、相手 {remote} に到達できない（UP は見かけだけ）。",
)
UNREACHED = message(
    "tunnel_endpoint_unreachable.title_unreached",
    en="The remote end {remote} of tunnel {name} cannot be reached.",
    ja="トンネル {name} の相手 {remote} に到達できない。",
)
NO_PROBE = message(
    "tunnel_endpoint_unreachable.no_probe",
    en="a ping or the routes to {remote}, the remote end of {name}, in the same state",
    ja="{name} の相手 {remote} への、同じ状態での ping または経路表",
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


class Proofs(NamedTuple):
    """What shows that the remote end is not reached: no route, pings that could not be sent, pings without an answer."""

    no_route: list[Statement]
    not_sent: list[Statement]
    unanswered: list[Statement]


@rule(
    title=TITLE,
    domain="network",
    topics=["tunnel", "map-e", "routing"],
    needs=[(Tunnel, Interfaces), (RoutingTable, Ping)],
    uses=[Tunnel, Interfaces, RoutingTable, Ping, Conversation],
    collect="ip -6 tunnel show; ip addr; ip -6 route; ping -c 3 REMOTE",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each tunnel with a remote end; a tunnel that is down is meant to be, and says so."""
    reached: list[Statement] = []
    unknown: list[NamedTunnel] = []
    for tunnel in tunnels(case.all(Tunnel), case.all(Interfaces)):
        address = parsed(tunnel.remote)
        if address is None or address.is_unspecified or tunnel.is_up is False:
            continue
        pings = [p for p in case.all(Ping) if p.target == tunnel.remote and same_place(p, tunnel.by)]
        answers = [Citation(p.file, lines=(p.statistics_line,)) for p in pings if p.received]
        proofs = Proofs([], [], []) if answers else _proofs(case, tunnel, address, pings)
        if not proofs.no_route and not proofs.not_sent:
            answers += _traffic(case, tunnel)
        if answers:
            reached.append(statement(REACHED(name=tunnel.name, remote=tunnel.remote), *answers[:3]))
        elif any(proofs):
            yield _found(tunnel, proofs)
        else:
            unknown.append(tunnel)
    if reached:
        yield Excluded(statements=once(reached))
    elif unknown:
        missing = NO_PROBE(name=unknown[0].name, remote=unknown[0].remote)
        collect = f"ip route get {quoted(unknown[0].remote)}; ping -c 3 {quoted(unknown[0].remote)}"
        yield NotEvaluable(missing=(missing,), collect=collect, citations=(unknown[0].place,))


def _traffic(case: Case, tunnel: NamedTunnel) -> list[Citation]:
    """Frames of the same state in which the remote end itself sends packets that carry others."""
    carriers = {c.outer for c in case.all(Conversation) if c.outer}
    found = []
    for c in case.all(Conversation):
        side = 0 if c.originator.address == tunnel.remote else 1 if c.responder.address == tunnel.remote else None
        if c.id in carriers and side is not None and c.frames[side] and folder(c) == folder(tunnel.by):
            found.append(cite(case, c, c.first_frame, c.last_frame))
    return found


def _proofs(case: Case, tunnel: NamedTunnel, address: Address, pings: list[Ping]) -> Proofs:
    found = way(case.all(RoutingTable), tunnel.by, address)
    no_route: list[Statement] = []
    if found is not None and not leads_on(found.route):
        lines = (found.route.line,) if found.route else (found.table.first_line, *(r.line for r in found.table.routes))
        place = Citation(found.table.file, lines=tuple(sorted(set(lines)))[:12])
        no_route.append(statement(NO_ROUTE(remote=tunnel.remote), place))
        pings = pings + [p for p in case.all(Ping) if not p.target and p.failure and same_place(p, tunnel.by)]
    told = [(p, Citation(p.file, lines=(p.failure_line or p.statistics_line,))) for p in pings]
    not_sent = [statement(NO_PING(), place) for p, place in told if p.failure]
    return Proofs(no_route, not_sent, [statement(NO_PING(), place) for p, place in told if not p.failure and p.transmitted])


def _found(tunnel: NamedTunnel, proofs: Proofs) -> Found:
    told = [statement(SETTINGS(remote=tunnel.remote), tunnel.place)]
    if tunnel.is_up:
        told.append(statement(UP(), tunnel.state_at))
    title = APPARENT if tunnel.is_up else UNREACHED
    count = sum(map(len, proofs))
    cannot_send = bool(proofs.no_route or proofs.not_sent)
    return Found(
        outcome="fail",
        severity="high" if cannot_send else "medium",
        confidence="tentative" if not cannot_send else "certain" if count > 1 else "firm",
        title=title(name=tunnel.name, remote=tunnel.remote),
        statements=(*told, *(s for some in proofs for s in some)),
        subject={"tunnel": tunnel.name, "via": tunnel.remote},
        endpoints=(RoleEndpoint("tunnel end", Endpoint(tunnel.remote)),),
        because=(Cause("route_missing", {"destination": tunnel.remote}),),
        refuted_by=REFUTE(remote=tunnel.remote),
        next_actions=(Action(PING(), f"ping -c 3 {quoted(tunnel.remote)}"),),
    )

"""A routing table has no route for an address that the run needs.

Claim: a whole main table of a host (not a filtered or empty listing), and every other table listed beside it, hold no usable route
for an address that this host tries to reach, in the same state (folder) and namespace: a ping's or traceroute's target, the remote
end of a tunnel that is not down, the client whose SYN a capture shows and this host (a route's source is its address) never
answers. 'Network is unreachable' in the tool's own words is cited beside. Where another state of the same host had the route, that
is told.

Refuted by: the route in another table (policy routing: `ip rule`), or a listing of another time.

Source: ip-route(8); connect(2), ENETUNREACH.
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite
from runs.analysis.domain.places import same_place
from runs.analysis.domain.routing import Way, leads_on, lookup, parsed, way
from runs.analysis.domain.tunnels import tunnels
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.network import Interfaces, RoutingTable, Tunnel
from runs.analysis.facts.reachability import Ping, Traceroute
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement

TITLE = message("route_missing", en="A route is missing", ja="経路がない")
MISSING = message(
    "route_missing.title",
    en="{host} has no route to {address} ({why}).",
    ja="{host} に {address}（{why}）への経路がない。",
)
ONLY_SYN = 1  # Conversation.completeness
MOST_CLIENTS = 20
WHY = {
    "ping": message("route_missing.ping", en="pinged", ja="ping の宛先"),
    "traceroute": message("route_missing.traceroute", en="traced", ja="traceroute の宛先"),
    "tunnel": message("route_missing.tunnel", en="the remote end of tunnel {name}", ja="トンネル {name} の相手"),
    "answer": message("route_missing.why_answer", en="{responder} must answer it", ja="{responder} が応答を返す先"),
}
TABLE = message(
    "route_missing.table",
    en="The table has {n:count} {n:plural:route|routes}, none of them for it, and no default.",
    ja="経路表の {n:count} 件に該当する経路も既定経路もない。",
)
UNUSABLE = message(
    "route_missing.unusable",
    en="The route that decides, {destination}, is of the kind “{kind}”: nothing is sent.",
    ja="該当する経路 {destination} は種別「{kind}」であり、パケットは送出されない。",
)
NO_TABLE = message(
    "route_missing.no_table",
    en="the whole IPv{version:count} routing table of the host that cannot send to {address}",
    ja="{address} へ送信できないホストの IPv{version:count} 経路表全体",
)
CANNOT = message(
    "route_missing.cannot",
    en="A ping in the same state cannot be sent: {failure}.",
    ja="同じ状態での ping は送信できない：{failure}。",
)
SAID = message("route_missing.said", en="The tool says so: {failure}.", ja="ツールの出力：{failure}。")
BEFORE = message(
    "route_missing.before",
    en="In {file} the route is there: {destination} via {via}.",
    ja="{file} には経路がある：{destination} via {via}。",
)
REFUTE = message(
    "route_missing.refute",
    en="The route in another table (ip rule), or a listing of another time.",
    ja="別の経路表（ip rule）に経路があるか、別の時点の一覧であれば覆る。",
)
ASK = message("route_missing.ask", en="Ask the kernel.", ja="カーネルに問い合わせる。")
PRESENT = message("route_missing.present", en="There is a route to {address}.", ja="{address} への経路はある。")


class Need(NamedTuple):
    """An address that must be reachable, why, and where that is written."""

    address: str
    why: Text
    by: Fact
    place: Citation
    failure: tuple[str, int] | None
    reached: bool  # something came back from it or from the way to it: the listing is of another table or time


@rule(
    title=TITLE,
    domain="host",
    topics=["routing", "tunnel"],
    needs=[RoutingTable],
    uses=[Ping, Traceroute, Tunnel, Interfaces, Conversation],
    collect="ip route; ip -6 route; ip rule",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each address in each state of a host."""
    tables = case.all(RoutingTable)
    present: list[Statement] = []
    unknown: list[Need] = []
    for need in _needs(case):
        address = parsed(need.address)
        if address is None or address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
            continue
        found = way(tables, need.by, address)
        if found is None:
            unknown += [need] if need.failure else []
        elif leads_on(found.route) and found.route is not None:
            place = Citation(found.table.file, lines=(found.route.line,))
            present.append(statement(PRESENT(address=need.address), place))
        elif not need.reached:
            failing = [p for p in case.all(Ping) if not p.target and p.failure and same_place(p, found.table)]
            yield _found(tables, found, need, failing)
    if present:
        yield Excluded(statements=once(present))
    for need in unknown:
        version = 6 if ":" in need.address else 4
        missing = NO_TABLE(version=version, address=need.address)
        yield NotEvaluable(missing=(missing,), collect="ip route; ip -6 route; ip rule", citations=(need.place,))


def _needs(case: Case) -> Iterator[Need]:
    pings, traces = case.all(Ping), case.all(Traceroute)
    answered = {(p.file, p.target) for p in pings if p.received} | {
        (t.file, t.target) for t in traces if any(h.addresses for h in t.hops)
    }
    for ping in pings:
        if ping.target:
            failure = (ping.failure, ping.failure_line) if ping.failure else None
            place = Citation(ping.file, lines=(ping.failure_line or ping.first_line,))
            yield Need(ping.target, WHY["ping"](), ping, place, failure, (ping.file, ping.target) in answered)
    for trace in traces:
        if trace.target:
            place = Citation(trace.file, lines=(trace.first_line,))
            yield Need(trace.target, WHY["traceroute"](), trace, place, None, (trace.file, trace.target) in answered)
    yield from _owed_answers(case)
    for tunnel in tunnels(case.all(Tunnel), case.all(Interfaces)):
        if tunnel.is_up is not False:
            reached = any(p.target == tunnel.remote and p.received and same_place(p, tunnel.by) for p in pings)
            yield Need(tunnel.remote, WHY["tunnel"](name=tunnel.name), tunnel.by, tunnel.place, None, reached)


def _owed_answers(case: Case) -> Iterator[Need]:
    """Clients whose SYNs are not answered, seen from the host whose table is at hand."""
    owners = {r.source: t for t in case.all(RoutingTable) for r in t.routes if r.source}
    told: set[tuple[str, str]] = set()
    for c in case.all(Conversation) if owners else ():
        ends = (c.originator.address, c.responder.address)
        if c.protocol != "tcp" or c.responder.address not in owners or ends in told:
            continue
        if c.completeness == ONLY_SYN and not c.frames[1] and len(told) < MOST_CLIENTS:
            told.add(ends)
            why = WHY["answer"](responder=c.responder.address)
            yield Need(c.originator.address, why, owners[c.responder.address], cite(case, c, c.syn_frame), None, False)


def _found(tables: list[RoutingTable], found: Way, need: Need, failing: list[Ping]) -> Found:
    table = found.table
    host = table.host or need.by.host or "this host"
    lines = (table.first_line, *(r.line for r in table.routes))
    if found.route:
        said = UNUSABLE(destination=found.route.destination, kind=found.route.kind)
        told = [statement(said, Citation(table.file, lines=(found.route.line,)))]
    else:
        told = [statement(TABLE(n=len(table.routes)), Citation(table.file, lines=tuple(sorted(set(lines)))[:12]))]
    told.append(statement(need.why, need.place))
    devices = {r.device for r in table.routes if r.device}
    if need.failure:
        told.append(statement(SAID(failure=need.failure[0]), Citation(need.by.file, lines=(need.failure[1],))))
    for ping in failing:
        told.append(statement(CANNOT(failure=ping.failure or ""), Citation(ping.file, lines=(ping.failure_line,))))
    address = parsed(need.address)
    for other in tables:
        route = lookup(other.routes, address) if address is not None and other.version == table.version else None
        if other is not table and route is not None and leads_on(route) and (other.host is None or other.host == table.host):
            said = BEFORE(file=other.file, destination=route.destination, via=route.via or route.device or "?")
            told.append(statement(said, Citation(other.file, lines=(route.line,))))
            devices = {route.device} if route.device else devices
            break
    return Found(
        outcome="fail",
        severity="critical",
        confidence="certain" if need.failure or failing else "firm",
        title=MISSING(host=host, address=need.address, why=need.why),
        statements=tuple(told),
        subject={"destination": need.address, "host": table.host or ""},
        endpoints=(RoleEndpoint("router", Endpoint(host)), RoleEndpoint("responder", Endpoint(need.address))),
        because=tuple(
            Cause(rule_, {"interface": device} | more)
            for rule_, more in (("dhcp_lease_lost", {"version": str(table.version)}), ("interface_down", {}))
            for device in sorted(devices)[:20]
        ),
        refuted_by=REFUTE(),
        next_actions=(Action(ASK(), f"ip {'-6 ' if table.version == 6 else ''}route get {need.address}"),),
    )

"""`route_missing`: a whole table without a way for an address that was tried."""

from runs.analysis.facts.dhcp import DhcpClientEvent
from runs.analysis.facts.network import Interface, Interfaces, Route, RoutingTable, Tunnel
from runs.analysis.facts.reachability import Ping, Traceroute, TracerouteHop
from tests.kit import Run, english, places

RULE = "route_missing"
TARGET = "2001:db8:9::9"
LOCAL = Route(line=3, destination="2001:db8:1::/64", device="eth1")
DEFAULT = Route(line=2, destination="::/0", via="fe80::1", device="eth1")
FAILED = Ping(target=TARGET, failure="connect: Network is unreachable", failure_line=2)


def table(*routes: Route, **fields: object) -> RoutingTable:
    return RoutingTable(version=6, routes=routes, **fields)  # type: ignore[arg-type]


def run(*routes: Route, ping: Ping = FAILED, **fields: object) -> Run:
    return Run().add("ng/route.txt", table(*routes, **fields)).add("ng/ping.txt", ping)


def test_fires_with_the_tools_own_words() -> None:
    (found,) = run(LOCAL).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "critical", "certain")
    assert places(found.statements) == {"ng/route.txt": ((), (1, 3)), "ng/ping.txt": ((), (2,))}
    assert found.subject == {"destination": TARGET, "host": ""}


def test_the_state_that_had_the_route_is_told_and_its_interface_is_the_shared_object() -> None:
    made = run(LOCAL).add("ok/route.txt", table(DEFAULT, LOCAL))
    made.add("dhcp.log", DhcpClientEvent(step="lease_lost", line=4, text="lost", version=6, interface="eth1"))
    made.add("dhcp0.log", DhcpClientEvent(step="lease_lost", line=4, text="lost", version=6, interface="eth0"))
    findings = {(f.rule, f.subject.get("interface")): f for f in made.report().findings}
    missing = findings[(RULE, None)]
    assert places(missing.statements)["ok/route.txt"] == ((), (2,))
    assert missing.because == (findings[("dhcp_lease_lost", "eth1")].id,)


def test_an_unreachable_route_is_named() -> None:
    unreachable = Route(line=5, destination="2001:db8:9::/48", kind="unreachable")
    (found,) = run(DEFAULT, unreachable).found(RULE)
    assert "unreachable" in english(found.statements[0].text)
    assert places(found.statements)["ng/route.txt"] == ((), (5,))


def test_silent_where_the_way_may_be_elsewhere() -> None:
    answered = Ping(target=TARGET, transmitted=3, received=3, statistics_line=6)
    assert run(LOCAL, ping=answered).found(RULE) == []
    assert run(DEFAULT).found(RULE) == []
    assert places(run(DEFAULT).excluded(RULE)) == {"ng/route.txt": ((), (2,))}
    assert run(LOCAL).add("ng/all.txt", table(DEFAULT, command="ip -6 route show table 7")).found(RULE) == []
    assert run(LOCAL, host="gw", ping=Ping(target=TARGET, host="client")).found(RULE) == []
    assert run(LOCAL, command="ip netns exec blue ip -6 route").found(RULE) == []
    for address in ("fe80::1", "::1", "ff02::1", "server.example", "192.0.2.1"):
        assert run(LOCAL, ping=Ping(target=address)).found(RULE) == []
    trace = Traceroute(target=TARGET, hops=(TracerouteHop(number=1, line=2, addresses=("2001:db8:1::1",)),))
    assert Run().add("route.txt", table(LOCAL)).add("trace.txt", trace).found(RULE) == []


def test_a_host_without_default_route_that_needs_none_is_silent() -> None:
    assert Run().add("route.txt", table(LOCAL)).ask(RULE) == []


def test_a_tunnel_that_is_down_needs_no_route() -> None:
    made = (
        Run()
        .add("route.txt", table(LOCAL))
        .add("tunnel.txt", Tunnel(name="tun7", mode="ip/ipv6", remote=TARGET, local=None, line=1))
    )
    assert made.found(RULE)
    assert made.add("addr.txt", Interfaces(interfaces=(Interface(line=2, name="tun7", flags=("NOARP",)),))).found(RULE) == []


def test_not_evaluable_without_a_whole_table() -> None:
    for fields in ({"partial": True}, {"command": "ip -6 route show table 7"}):
        (unknown,) = run(LOCAL, **fields).unknown(RULE)
        assert TARGET in english(unknown.missing[0])
        assert places([type("S", (), {"citations": unknown.citations})()]) == {"ng/ping.txt": ((), (2,))}
    assert run().unknown(RULE), "an empty listing may be a command that failed"
    (unknown,) = Run().add("ping.txt", FAILED).unknown(RULE)
    assert unknown.collect
    assert "ip -6 route" in unknown.collect

"""`tunnel_endpoint_unreachable`: 'up' is only apparent where nothing gets to the remote end."""

from runs.analysis.facts.network import Interface, Interfaces, Route, RoutingTable, Tunnel
from runs.analysis.facts.reachability import Ping
from tests.kit import Run, english, places

RULE = "tunnel_endpoint_unreachable"
REMOTE = "2001:db8:9::64"
TUNNEL = Tunnel(name="tun7", mode="ip/ipv6", remote=REMOTE, local="2001:db8:1::2", line=1)
UP = Interface(line=4, name="tun7", flags=("NOARP", "UP", "LOWER_UP"), kind="tunnel6", peer=REMOTE)
ROUTES = RoutingTable(version=6, routes=(Route(line=2, destination="2001:db8:1::/64", device="eth1"),))
SILENT = Ping(target=REMOTE, transmitted=3, received=0, statistics_line=5)


def run(*more: object, interface: Interface = UP) -> Run:
    made = Run().add("ng/tunnel.txt", TUNNEL).add("ng/addr.txt", Interfaces(interfaces=(interface,)))
    for n, fact in enumerate(more):
        made.add(f"ng/{n}.txt", fact)  # type: ignore[arg-type]
    return made


def test_no_route_and_no_answer_fire_as_one_finding() -> None:
    made = run(ROUTES, SILENT)
    (found,) = [f for f in made.report().findings if f.rule == RULE]
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "certain")
    assert found.subject == {"tunnel": "tun7", "via": REMOTE}
    cited = places(found.statements)
    assert cited == {"ng/tunnel.txt": ((), (1,)), "ng/addr.txt": ((), (4,)), "ng/0.txt": ((), (1, 2)), "ng/1.txt": ((), (5,))}
    assert "shows as up" in english(found.title)
    assert [f.rule for f in made.report().findings if f.id in found.because] == ["route_missing"]


def test_an_unanswered_ping_alone_is_tentative() -> None:
    assert {(f.severity, f.confidence) for f in run(SILENT).found(RULE)} == {("medium", "tentative")}


def test_where_no_listing_shows_the_interface_it_is_not_called_up() -> None:
    (found,) = Run().add("tunnel.txt", TUNNEL).add("ping.txt", SILENT).found(RULE)
    assert "up" not in english(found.title).split()


def test_silent_for_a_tunnel_that_is_down_or_has_no_remote_end() -> None:
    down = Interface(line=4, name="tun7", flags=("NOARP",), kind="tunnel6", peer=REMOTE)
    assert run(ROUTES, SILENT, interface=down).ask(RULE) == []
    anyone = Tunnel(name="gre0", mode="gre/ip", remote="0.0.0.0", local="0.0.0.0", line=2)
    assert Run().add("tunnel.txt", anyone).add("route.txt", ROUTES).ask(RULE) == []


def test_an_answer_in_the_same_state_excludes() -> None:
    answered = run(Ping(target=REMOTE, transmitted=3, received=3, statistics_line=5))
    assert answered.found(RULE) == []
    assert places(answered.excluded(RULE)) == {"ng/0.txt": ((), (5,))}


def test_a_failed_ping_of_unknown_target_is_no_proof_by_itself() -> None:
    unnamed = Ping(target=None, failure="connect: Network is unreachable", failure_line=1)
    assert run(unnamed).found(RULE) == []
    assert any("ng/1.txt" in places(f.statements) for f in run(ROUTES, unnamed).found(RULE))


def test_not_evaluable_without_ping_or_routes() -> None:
    (unknown,) = run(Ping(target="192.0.2.1", transmitted=1, received=1)).unknown(RULE)
    assert REMOTE in english(unknown.missing[0])
    assert unknown.collect == f"ip route get {REMOTE}; ping -c 3 {REMOTE}"
    (unknown,) = Run().add("tunnel.txt", TUNNEL).unknown(RULE)
    assert "routing table" in english(unknown.missing[0])

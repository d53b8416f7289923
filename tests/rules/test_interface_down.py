"""`interface_down`: an interface that the only way needs; spare ones may be down."""

from runs.analysis.facts.network import Interface, Interfaces, Route, RoutingTable, Tunnel
from tests.kit import Run, english, places

RULE = "interface_down"
NO_CARRIER = Interface(line=5, name="wan1", flags=("NO-CARRIER", "BROADCAST", "UP"), state="DOWN")
DOWN = Interface(line=5, name="wan1", flags=("BROADCAST",), state="DOWN")
UP = Interface(line=5, name="wan1", flags=("BROADCAST", "UP", "LOWER_UP"), state="UP")
DEFAULT = Route(line=2, destination="0.0.0.0/0", via="192.0.2.1", device="wan1")


def run(*interfaces: Interface, routes: tuple[Route, ...] = (DEFAULT,), host: str | None = "gw", other: str | None = "gw") -> Run:
    made = Run().add("addr.txt", Interfaces(host=host, interfaces=interfaces))
    return made.add("route.txt", RoutingTable(host=other, version=4, routes=routes))


def test_the_only_way_without_carrier_fires() -> None:
    (found,) = run(NO_CARRIER).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "critical", "certain")
    assert places(found.statements) == {"addr.txt": ((), (5,)), "route.txt": ((), (2,))}
    assert found.subject == {"interface": "wan1", "host": "gw"}
    assert "no carrier" in english(found.title)
    assert "is down" in english(run(DOWN).found(RULE)[0].title)


def test_hosts_that_nobody_names_are_less_than_certain() -> None:
    assert [f.confidence for f in run(DOWN, host=None, other=None).found(RULE)] == ["firm"]


def test_silent_where_another_interface_carries_it_or_nothing_needs_it() -> None:
    backup = Route(line=3, destination="0.0.0.0/0", via="198.51.100.1", device="lte0", metric=900)
    assert run(DOWN, routes=(DEFAULT, backup)).found(RULE) == []
    assert run(DOWN, routes=()).ask(RULE) == []
    assert run(DOWN, host="gw", other="client").ask(RULE) == []
    on_link = Route(line=3, destination="192.0.2.0/24", device="wan1", protocol="kernel")
    assert run(DOWN, routes=(on_link,)).ask(RULE) == []


def test_a_tunnel_that_no_route_uses_may_be_down() -> None:
    tunnel = Interface(line=8, name="tun7", flags=("NOARP",), state="DOWN")
    settings = Tunnel(host="gw", name="tun7", mode="ip/ipv6", remote="2001:db8::1", local=None, device="wan1", line=1)
    assert run(UP, tunnel).add("tunnel.txt", settings).found(RULE) == []
    used = run(UP, tunnel, routes=(Route(line=2, destination="0.0.0.0/0", device="tun7"),)).add("tunnel.txt", settings)
    assert [f.subject["interface"] for f in used.found(RULE)] == ["tun7"]


def test_what_a_tunnel_sits_on_is_needed_with_it() -> None:
    settings = Tunnel(host="gw", name="tun7", mode="ip/ipv6", remote="2001:db8::1", local=None, device="wan1", line=1)
    tunnel = Interface(line=8, name="tun7", flags=("NOARP", "UP"))
    made = run(DOWN, tunnel, routes=(Route(line=2, destination="0.0.0.0/0", device="tun7"),)).add("tunnel.txt", settings)
    assert [f.subject["interface"] for f in made.found(RULE)] == ["wan1"]


def test_an_interface_that_is_up_is_excluded() -> None:
    assert places(run(UP).excluded(RULE)) == {"addr.txt": ((), (5,))}


def test_not_evaluable_without_a_listing() -> None:
    (unknown,) = Run().add("route.txt", RoutingTable(version=4, routes=(DEFAULT,))).unknown(RULE)
    assert "interfaces" in english(unknown.missing[0])
    assert unknown.collect

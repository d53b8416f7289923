"""`routing`: which route decides, and when a host's listings say that there is none."""

from ipaddress import ip_address

from runs.analysis.domain.routing import leads_on, lookup, parsed, way
from runs.analysis.facts.network import Route, RoutingTable
from runs.analysis.facts.reachability import Ping

PING = Ping(file="ng/ping.txt", target="198.51.100.9")
TARGET = ip_address("198.51.100.9")
LOCAL = Route(line=2, destination="192.0.2.0/24", device="eth0")


def table(*routes: Route, command: str | None = "ip route", file: str = "ng/route.txt", partial: bool = False) -> RoutingTable:
    return RoutingTable(file=file, version=4, routes=routes, command=command, partial=partial)


def test_the_longest_prefix_then_the_lowest_metric_decides() -> None:
    routes = [
        Route(line=1, destination="0.0.0.0/0", via="192.0.2.1", metric=600),
        Route(line=2, destination="0.0.0.0/0", via="192.0.2.2", metric=100),
        Route(line=3, destination="198.51.100.0/24", via="192.0.2.3"),
        Route(line=4, destination="not a prefix"),
        Route(line=5, destination="::/0", via="fe80::1"),
    ]
    assert [getattr(lookup(routes, ip_address(a)), "line", None) for a in ("198.51.100.9", "203.0.113.1", "2001:db8::1")] == [
        3,
        2,
        5,
    ]
    assert lookup(routes[2:4], ip_address("203.0.113.1")) is None


def test_an_unreachable_route_does_not_lead_on() -> None:
    assert not leads_on(None)
    assert not leads_on(Route(line=1, destination="198.51.100.0/24", kind="blackhole"))
    assert leads_on(LOCAL)


def test_addresses_with_zones_and_names() -> None:
    assert str(parsed("fe80::1%eth0")) == "fe80::1"
    assert parsed("server.example") is None


def test_a_whole_main_table_says_that_there_is_none() -> None:
    found = way([table(LOCAL)], PING, TARGET)
    assert found is not None
    assert found.route is None


def test_a_route_in_another_table_of_the_place_is_a_way() -> None:
    other = table(Route(line=4, destination="0.0.0.0/0", via="192.0.2.1"), command="ip route show table 100")
    found = way([table(LOCAL), other], PING, TARGET)
    assert found is not None
    assert found.route is not None
    assert found.route.line == 4


def test_these_tables_leave_it_open() -> None:
    open_tables = (
        table(LOCAL, command="ip route show table 100"),
        table(LOCAL, partial=True),
        table(LOCAL, file="ok/route.txt"),
        table(LOCAL, command="ip netns exec blue ip route"),
        table(),
        table(LOCAL, Route(line=3, destination="198.51.100.0/24", kind="throw")),
    )
    assert [way([one], PING, TARGET) for one in open_tables] == [None] * len(open_tables)

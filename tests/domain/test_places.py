"""`places`: what belongs to one host in one state."""

import pytest

from runs.analysis.domain.places import inside, same_host, same_place
from runs.analysis.facts.network import RoutingTable


def table(file: str, host: str | None = None, command: str | None = None) -> RoutingTable:
    return RoutingTable(file=file, host=host, version=4, routes=(), command=command)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("ip netns exec blue ip route", "blue"),
        ("sudo ip -n blue -6 route", "blue"),
        ("docker exec -it web ip route", "web"),
        ("ssh gw7 ip route", "gw7"),
        ("ip -6 route", ""),
        ("netstat -rn", ""),
        (None, ""),
    ],
)
def test_namespaces_are_told_apart(command: str | None, name: str) -> None:
    assert inside(table("a", command=command)) == name


def test_folders_are_states_and_names_are_hosts() -> None:
    assert same_place(table("ok/route.txt"), table("ok/ping.txt", "gw"))
    assert not same_place(table("ok/route.txt"), table("ng/ping.txt"))
    assert not same_place(table("a", "gw"), table("b", "client"))
    assert not same_place(table("a", command="ip netns exec blue ip route"), table("b", command="ip route"))


def test_the_same_host_is_sure_by_name_or_by_file_only() -> None:
    assert same_host(table("a", "gw"), table("b", "gw"))
    assert same_host(table("a"), table("a"))
    assert not same_host(table("a"), table("b"))
    assert not same_host(table("ok/a", "gw"), table("ng/a", "gw"))

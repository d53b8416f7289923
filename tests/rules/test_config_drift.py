"""`config_drift`: what differs between two parts of a run, and what only looks like it."""

from typing import Any

import msgspec

from runs.analysis.facts.commanded import CommandedTunnel, ConfigurationCommands
from runs.analysis.facts.firewall import IptablesChain, IptablesRule, IptablesRuleset
from runs.analysis.facts.network import Route, RoutingTable
from runs.analysis.facts.router import ConfiguredTunnel, RouterConfig
from tests.kit import Run, english, places

BR, GATEWAY = "2001:db8:700::1", "fe80::1"


def routes(*destinations: str, via: str = GATEWAY, **fields: Any) -> RoutingTable:
    listed = tuple(Route(line=n, destination=d, via=via, device="eth1", **fields) for n, d in enumerate(destinations, 1))
    return RoutingTable(version=6, routes=listed)


def rules(*ports: str, packets: int = 0) -> IptablesRuleset:
    made = tuple(
        IptablesRule(
            line=n, text=f"-A INPUT --dport {p}", table="filter", chain="INPUT", target="DROP", destination_ports=p, packets=packets
        )
        for n, p in enumerate(ports, 1)
    )
    return IptablesRuleset(form="save", rules=made)


def test_a_route_that_is_gone_is_told_with_its_line() -> None:
    run = Run().add("ok/r.txt", routes(f"{BR}/128", "::/0")).add("ng/r.txt", routes(f"{BR}/128"))
    (found,) = run.found("config_drift")
    assert (found.outcome, found.subject) == ("info", {"area": "routes IPv6"})
    assert english(found.statements[0].text) == "Only in ok: ::/0 via fe80::1 dev eth1"
    assert places(found.statements) == {"ok/r.txt": ((), (2,))}


def test_another_next_hop_is_a_change() -> None:
    run = Run().add("before/r.txt", routes("::/0")).add("after/r.txt", routes("::/0", via="fe80::2"))
    (found,) = run.found("config_drift")
    assert english(found.statements[0].text) == "::/0: via fe80::1 dev eth1 in before, via fe80::2 dev eth1 in after."


def test_counters_metrics_and_order_of_routes_are_no_difference() -> None:
    run = Run().add("ok/r.txt", routes("::/0", "2001:db8::/32")).add("ng/r.txt", routes("2001:db8::/32", "::/0", metric=9))
    run.add("ok/f.txt", rules("80")).add("ng/f.txt", rules("80", packets=77))
    assert run.found("config_drift") == []
    assert {english(s.text).split(":")[0] for s in run.excluded("config_drift")} == {"routes IPv6", "iptables filter INPUT"}


def test_a_listing_of_one_side_alone_is_not_the_same_and_no_difference() -> None:
    run = Run().add("ok/r.txt", routes("::/0")).add("ng/f.txt", rules("80"))
    assert not run.found("config_drift")
    assert not run.excluded("config_drift")
    (unknown,) = run.unknown("config_drift")
    assert {english(t) for t in unknown.missing} == {"routes IPv6 of ng", "iptables filter INPUT of ok"}


def test_a_part_is_compared_with_the_same_part_alone() -> None:
    def cut(table: RoutingTable, command: str | None = "ip -6 route | grep default") -> RoutingTable:
        return msgspec.structs.replace(table, partial=command is not None, command=command)

    whole = routes(f"{BR}/128", "::/0")
    run = Run().add("ok/r.txt", whole).add("ng/r.txt", cut(routes("::/0")))
    assert not run.found("config_drift")
    assert not run.excluded("config_drift")
    assert run.unknown("config_drift")
    assert Run().add("ok/r.txt", cut(whole)).add("ng/r.txt", cut(routes("::/0"))).found("config_drift")


def test_a_rule_that_moved_and_a_chain_that_lost_all_are_told() -> None:
    (moved,) = Run().add("ok/f.txt", rules("80", "443")).add("ng/f.txt", rules("443", "80")).found("config_drift")
    assert "#2 in ok, #1 in ng" in english(moved.statements[0].text) or "#1 in ok, #2 in ng" in english(moved.statements[0].text)
    empty = IptablesRuleset(form="save", chains=(IptablesChain(table="filter", name="INPUT", policy=None, line=2),))
    (lost,) = Run().add("ok/f.txt", rules("80")).add("ng/f.txt", empty).found("config_drift")
    assert english(lost.statements[0].text) == "Only in ok: dports 80 target DROP"


def test_a_rule_that_was_added_is_told() -> None:
    (found,) = Run().add("正常/f.txt", rules("80")).add("異常/f.txt", rules("80", "443")).found("config_drift")
    assert english(found.statements[0].text) == "Only in 異常: dports 443 target DROP"


def test_without_two_parts_it_says_what_is_missing() -> None:
    (unknown,) = Run().add("r.txt", routes("::/0")).unknown("config_drift")
    assert unknown.missing


def test_a_tunnel_in_two_syntaxes_is_compared_by_meaning() -> None:
    by_hand = ConfigurationCommands(
        tunnels=(CommandedTunnel(line=4, name="mape", mode="ip4ip6", remote=BR, local="2001:DB8::0001", device="eth1"),)
    )
    same = ConfiguredTunnel(line=1, name="tun0", encapsulation="ipip6", remote=BR, local="2001:db8::1", device="eth1")
    assert Run().add("log.md", by_hand).add("vyos.txt", RouterConfig(tunnels=(same,))).found("config_drift") == []
    other = ConfiguredTunnel(line=1, name="tun0", encapsulation="ipip6", remote=BR, local="2001:db8::1")
    (found,) = Run().add("log.md", by_hand).add("vyos.txt", RouterConfig(tunnels=(other,))).found("config_drift")
    assert "device: eth1 (ip tunnel add), not set (vyos)" in english(found.title)
    assert places(found.statements) == {"log.md": ((), (4,)), "vyos.txt": ((), (1,))}


def test_an_encapsulation_limit_that_is_not_set_is_the_default() -> None:
    by_hand = ConfigurationCommands(tunnels=(CommandedTunnel(line=4, name="mape", mode="ip4ip6", remote=BR),))
    four, none = (
        ConfiguredTunnel(line=1, name="tun0", encapsulation="ipip6", remote=BR, encapsulation_limit=limit)
        for limit in ("4", "none")
    )
    assert Run().add("log.md", by_hand).add("vyos.txt", RouterConfig(tunnels=(four,))).found("config_drift") == []
    (found,) = Run().add("log.md", by_hand).add("vyos.txt", RouterConfig(tunnels=(none,))).found("config_drift")
    assert "encapsulation limit: not set (default 4) (ip tunnel add), none (vyos)" in english(found.title)

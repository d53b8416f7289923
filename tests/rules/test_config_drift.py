"""`config_drift`: two parts of a run, and one tunnel in two syntaxes; noise and missing listings are no difference."""

from typing import Any

import msgspec

from runs.analysis.domain.config_compare import compare
from runs.analysis.facts.base import Fact
from runs.analysis.facts.firewall import IptablesRule, IptablesRuleset
from runs.analysis.facts.network import Interface, InterfaceAddress, Interfaces, Route, RoutingTable, Tunnel
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.facts.router import ConfiguredTunnel, RouterConfig
from runs.analysis.facts.small import SoftwareVersion
from tests.kit import Run, english, places

RULE = "config_drift"
GATEWAY = Route(line=2, destination="0.0.0.0/0", via="192.0.2.1", device="eth0", metric=100)
LOCAL = Route(line=3, destination="192.0.2.0/24", device="eth0")


def routes(*found: Route, **more: Any) -> RoutingTable:
    return RoutingTable(version=4, routes=found, **more)


def chain(*texts: str, **more: Any) -> IptablesRuleset:
    rules = tuple(IptablesRule(line=n, text=t, table="filter", chain="FORWARD", target="DROP") for n, t in enumerate(texts, 3))
    return IptablesRuleset(form="save", rules=rules, **more)


def drift(left: Fact, right: Fact, names: tuple[str, str] = ("ok", "ng")) -> Run:
    return Run().add(f"{names[0]}/listing.txt", left).add(f"{names[1]}/listing.txt", right)


def said(run: Run) -> list[str]:
    return [english(s.text) for f in run.found(RULE) for s in f.statements]


def test_a_route_that_is_gone_and_one_that_changed_fire() -> None:
    made = drift(routes(GATEWAY, LOCAL), routes(msgspec.structs.replace(GATEWAY, via="192.0.2.254")))
    (found,) = made.found(RULE)
    assert (found.outcome, found.severity) == ("info", "info")
    assert said(made) == [
        "default: via 192.0.2.1 dev eth0 in ok, via 192.0.2.254 dev eth0 in ng",
        "Only in ok: 192.0.2.0/24 dev eth0",
    ]
    assert places(found.statements) == {"ok/listing.txt": ((), (2, 3)), "ng/listing.txt": ((), (2,))}


def test_parts_by_file_names_and_in_japanese() -> None:
    for names in (("before", "after"), ("成功", "失敗"), ("good", "bad")):
        assert drift(routes(GATEWAY), routes(), names).found(RULE), names
    assert Run().add("route_before.txt", routes(GATEWAY)).add("route_after.txt", routes(LOCAL)).found(RULE)


def test_noise_and_order_without_meaning_are_no_difference() -> None:
    swapped = drift(routes(GATEWAY, LOCAL), routes(LOCAL, msgspec.structs.replace(GATEWAY, line=9, metric=200)))
    assert swapped.found(RULE) == []
    assert swapped.excluded(RULE)
    counted = drift(chain("[5:300] -A FORWARD -s 192.0.2.9 -j DROP"), chain("[9:999] -A FORWARD  -s 192.0.2.9 -j DROP"))
    assert counted.found(RULE) == []
    temporary = InterfaceAddress(line=3, address="2001:db8::aa", prefix_length=64, flags=("temporary", "dynamic"))
    veth = Interface(line=5, name="veth1a2b3c4", flags=("UP",), mtu=1500)
    lan = Interface(line=2, name="eth0", index=2, flags=("UP",), mtu=1500, addresses=(temporary,))
    fewer = msgspec.structs.replace(lan, index=7, addresses=())
    assert drift(Interfaces(interfaces=(lan, veth)), Interfaces(interfaces=(fewer,))).found(RULE) == []


def test_rules_of_a_chain_that_moved_came_or_changed() -> None:
    a, b, c = "-A FORWARD -s 192.0.2.1 -j DROP", "-A FORWARD -j ACCEPT", "-A FORWARD -s 192.0.2.3 -j DROP"
    assert said(drift(chain(a, b), chain(b, a)))[0].startswith("At another place in filter/FORWARD: -A FORWARD")
    assert said(drift(chain(a, b), chain(a, c, b))) == [f"Only in ng: filter/FORWARD {c}"]
    assert said(drift(chain(a, b), chain(c, b))) == [f"filter/FORWARD: {a} in ok, {c} in ng"]


def test_a_missing_or_partial_listing_is_never_the_same() -> None:
    lone = Run().add("ok/route.txt", routes(GATEWAY)).add("ng/version.txt", SoftwareVersion(name="curl", version="8.5", line=1))
    assert not lone.found(RULE)
    assert not lone.excluded(RULE)
    assert len(lone.unknown(RULE)) == 2
    partial = drift(routes(GATEWAY, command="ip route | grep default", partial=True), routes(GATEWAY, LOCAL, command="ip route"))
    assert not partial.found(RULE)
    assert not partial.excluded(RULE)
    assert partial.unknown(RULE)
    grep = {"command": "ip route | grep eth0", "partial": True}
    both = drift(routes(GATEWAY, **grep), routes(LOCAL, **grep))
    assert both.found(RULE)


def test_not_evaluable_without_two_parts() -> None:
    made = Run().add("route.txt", routes(GATEWAY))
    assert made.found(RULE) == []
    assert made.unknown(RULE)[0].collect
    assert Run().add("a.txt", ShellCommand(text="true", line=1)).unknown(RULE)


def test_two_hosts_are_not_two_states() -> None:
    left, right = routes(GATEWAY, host="alpha"), routes(LOCAL, host="beta")
    made = drift(left, right)
    assert made.found(RULE) == []
    assert len(made.unknown(RULE)) == 2


REMOTE, LOCAL6 = "2001:db8:ff::1", "2001:db8:77:4100:c0:2:1200:3400"


def by_hand(more: str = "") -> ShellCommand:
    return ShellCommand(text=f"sudo ip -6 tunnel add mape mode ip4ip6 \\\n remote {REMOTE} local {LOCAL6} dev eth1{more}", line=4)


def vyos(**more: Any) -> RouterConfig:
    fields = {"encapsulation": "ipip6", "local": LOCAL6, "local_line": 7, "remote": REMOTE, "remote_line": 8, "device": "eth1"}
    return RouterConfig(tunnels=(ConfiguredTunnel(line=5, name="tun0", **{**fields, **more}),))


def test_one_tunnel_in_two_syntaxes_means_the_same() -> None:
    made = Run().add("note.md", by_hand()).add("vyos.txt", vyos())
    assert made.found(RULE) == []
    assert "means the same" in english(made.excluded(RULE)[0].text)
    shown = Tunnel(
        name="tun0", mode="ip/ipv6", remote="2001:DB8:FF::1", local=LOCAL6, device="eth1", encapsulation_limit="4", line=1
    )
    assert Run().add("show.txt", shown).add("vyos.txt", vyos()).excluded(RULE)


def test_differences_of_meaning_are_named() -> None:
    made = Run().add("note.md", by_hand()).add("vyos.txt", vyos(encapsulation_limit="none", device="eth2"))
    (found,) = made.found(RULE)
    words = english(found.title)
    assert "encapsulation limit: 4 (default) and none" in words
    assert "device: eth1 and eth2" in words
    assert "source address" not in words
    assert set(places(found.statements)) == {"note.md", "vyos.txt"}


def test_another_tunnel_is_not_compared() -> None:
    other = vyos(remote="2001:db8:ee::9")
    made = Run().add("note.md", by_hand()).add("vyos.txt", other)
    assert made.found(RULE) == []
    assert made.excluded(RULE) == []


def test_comparing_is_symmetrical() -> None:
    left, right = [routes(GATEWAY, LOCAL), chain("-A FORWARD -j DROP")], [routes(LOCAL), chain()]
    there, back = compare(left, right), compare(right, left)
    assert {(d.subject, d.change) for d in there.differences} == {("default", "left"), ("filter/FORWARD", "left")}
    assert {(d.subject, d.change) for d in back.differences} == {("default", "right"), ("filter/FORWARD", "right")}
    assert compare(left, left).differences == ()

"""Commands that configure a host are read as what they set up; those that show something, or have gaps, set up nothing."""

from typing import Any

import msgspec
import pytest

from runs.analysis.domain.configuration_commands import read_command, read_commands
from runs.analysis.facts.commanded import CommandedRoute, CommandedRule, CommandedSetting, CommandedTunnel
from runs.analysis.facts.notes import ShellCommand


def said(found: Any) -> dict[str, Any]:
    return {k: v for k, v in msgspec.structs.asdict(found).items() if v not in (None, False, (), "unicast")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ip route add default dev wan9", ("0.0.0.0/0", None, "wan9", 4, None, False)),
        ("sudo ip -6 route add default via fe80::1 dev eth3 metric 20", ("::/0", "fe80::1", "eth3", 6, None, False)),
        ("ip r add default via fe80::1 dev eth3", ("::/0", "fe80::1", "eth3", 6, None, False)),
        ("ip -6 route replace 2001:db8:ff::1/128 via fe80::9 dev eth3", ("2001:db8:ff::1/128", "fe80::9", "eth3", 6, None, False)),
        ("ip route del 192.0.2.0/24 table 100", ("192.0.2.0/24", None, None, 4, "100", True)),
        ("route add default gw 192.0.2.1 eth0", ("0.0.0.0/0", "192.0.2.1", None, 4, None, False)),
        ("route add -net 198.51.100.0 netmask 255.255.255.0 gw 192.0.2.1", ("198.51.100.0/24", "192.0.2.1", None, 4, None, False)),
        ("sudo route -n add -net 198.51.100.0/24 192.0.2.1", ("198.51.100.0/24", "192.0.2.1", None, 4, None, False)),
    ],
)
def test_routes(text: str, expected: tuple[Any, ...]) -> None:
    found = read_command(text, 7)
    assert isinstance(found, CommandedRoute)
    assert found.route.line == 7
    assert (found.route.destination, found.route.via, found.route.device, found.version, found.table, found.deletes) == expected


def test_rules_of_both_programs() -> None:
    text = "sudo iptables -t nat -A POSTROUTING -o wan9 -p tcp -j SNAT --to-source 192.0.2.18:5136-5151"
    snat = read_command(text, 3)
    assert isinstance(snat, CommandedRule)
    assert (snat.program, snat.rule.table, snat.rule.chain, snat.rule.out_interface) == ("iptables", "nat", "POSTROUTING", "wan9")
    assert (snat.rule.target, snat.rule.to, snat.rule.protocol, snat.rule.line) == ("SNAT", "192.0.2.18:5136-5151", "tcp", 3)
    numbered = read_command("ip6tables -I FORWARD 2 -p tcp --dport 443 -j ACCEPT", 4)
    assert isinstance(numbered, CommandedRule)
    assert (numbered.program, numbered.rule.chain, numbered.rule.destination_ports) == ("ip6tables", "FORWARD", "443")
    gone = read_command("iptables -D INPUT -s 198.51.100.0/24 -j DROP", 5)
    assert isinstance(gone, CommandedRule)
    assert (gone.deletes, gone.rule.source) == (True, "198.51.100.0/24")
    nft = read_command("nft add rule inet filter input tcp dport 22 ct state new accept", 6)
    assert isinstance(nft, CommandedRule)
    assert (nft.rule.table, nft.rule.chain, nft.rule.destination_ports, nft.rule.target) == ("inet filter", "input", "22", "ACCEPT")
    assert read_command("nft insert rule nat post oifname wan9 masquerade", 6) is not None


def test_tunnels_and_settings() -> None:
    text = "ip -6 tunnel add wan9 mode ip4ip6 remote 2001:db8:ff::1 local 2001:db8:77::2 dev eth3 encaplimit none"
    tunnel = read_command(text, 9)
    assert isinstance(tunnel, CommandedTunnel)
    assert said(tunnel) == {
        "line": 9,
        "name": "wan9",
        "mode": "ip4ip6",
        "remote": "2001:db8:ff::1",
        "local": "2001:db8:77::2",
        "device": "eth3",
        "encapsulation_limit": "none",
    }
    made = read_command("ip link add name wan9 type ip6tnl remote 2001:db8:ff::1 local 2001:db8:77::2", 9)
    assert isinstance(made, CommandedTunnel)
    assert (made.name, made.mode, made.remote) == ("wan9", "ip6tnl", "2001:db8:ff::1")
    settings = [
        ("sudo ip addr add 192.0.2.18/32 dev wan9", ("address", "wan9", "192.0.2.18/32")),
        ("sudo ip link set wan9 up", ("link", "wan9", "up")),
        ("ip link set dev wan9 mtu 1460", ("link", "wan9", "mtu 1460")),
        ("ip rule add from 192.0.2.18 table 100", ("policy rule", "from 192.0.2.18", "lookup 100")),
        ("sysctl -w net.ipv4.conf.all.rp_filter=0", ("sysctl", "net.ipv4.conf.all.rp_filter", "0")),
    ]
    for text, expected in settings:
        found = read_command(text, 2)
        assert isinstance(found, CommandedSetting), text
        assert (found.what, found.subject, found.value) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ip route", "ip -6 route show", "ip route get 192.0.2.1", "iptables -L -v -n", "iptables -D INPUT 3", "nft list ruleset", "ip tunnel add",
        "ip -6 tunnel add wan9 mode ip4ip6 remote ... local ...", "ip route add", "ip", "", "ip route add no.such/33", "sysctl net.ipv4.ip_forward",
        "iptables -A", "route -n", "ip link set", "curl http://192.0.2.1/ip/route/add", "ip route add 'x",
    ],
)  # fmt: skip
def test_what_sets_up_nothing(text: str) -> None:
    assert read_command(text, 1) is None


def test_commands_are_grouped_by_whether_they_were_run() -> None:
    commands = [
        ShellCommand(text="ip link set wan9 up && ip route add default dev wan9", line=4),
        ShellCommand(text="ip link set wan9 up && ip route add default dev wan9", line=4),
        ShellCommand(text="ip route del default dev wan9", line=9, ran=False, purpose="rollback"),
        ShellCommand(text="ping 192.0.2.1", line=11),
    ]
    ran, undone = read_commands(commands)
    assert (ran.ran, ran.lines, ran.purpose) == (True, (4, 4), None)
    assert (undone.ran, undone.purpose, undone.routes[0].deletes) == (False, "rollback", True)

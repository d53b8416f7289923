"""`nft_walk` over rulesets as `nft list ruleset` prints them: hooks, priorities, jumps, sets, verdict maps, and what stays open."""

from pathlib import Path
from typing import cast

import pytest

from runs.analysis.domain.filter_listings import decide
from runs.analysis.domain.iptables_walk import Packet
from runs.analysis.facts.nftables import NftRuleset
from runs.analysis.parsers.nftables import parse
from runs.analysis.source import Source

PACKET = Packet("tcp", "192.0.2.77", "198.51.100.9", 51_515, 8443, "NEW", in_interface="eth0")
ANSWER = Packet("tcp", "198.51.100.9", "192.0.2.77", 8443, 51_515, "ESTABLISHED")
PACKET6 = PACKET._replace(source="2001:db8:7::77", destination="2001:db8:9::9")


def read(tmp_path: Path, text: str) -> NftRuleset:
    path = tmp_path / "nft.txt"
    path.write_text(text, "utf-8")
    return cast("NftRuleset", parse(Source(path, path.name)).facts[0])


def ruleset(tmp_path: Path, *rules: str, policy: str = "accept", sets: str = "", more: str = "", command: str = "") -> NftRuleset:
    body = "\n".join(f"\t\t{rule}" for rule in rules)
    base = f"\t\ttype filter hook input priority filter; policy {policy};"
    return read(tmp_path, f"{command}table inet filter {{\n{sets}\n\tchain input {{\n{base}\n{body}\n\t}}\n{more}}}\n")


def actions(given: NftRuleset, packet: Packet = PACKET, path: str = "INPUT") -> list[str]:
    return [d.action for d in decide(given, path, packet)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("tcp dport 8443 drop", ["DROP"]),
        ("tcp dport { 22, 8000-9000 } drop", ["DROP"]),
        ("tcp dport != { 22, 80 } drop", ["DROP"]),
        ("tcp dport ssh drop", ["ACCEPT"]),
        ("udp dport 8443 drop", ["ACCEPT"]),
        ("meta l4proto { tcp, udp } th dport 8443 drop", ["DROP"]),
        ("ip saddr { 10.0.0.0/8, 192.0.2.70-192.0.2.80 } drop", ["DROP"]),
        ("ip saddr != 192.0.2.0/24 drop", ["ACCEPT"]),
        ("ip6 saddr != 2001:db8::/32 drop", ["ACCEPT"]),  # an IPv4 packet is none of ip6
        ('iifname "eth0" drop', ["DROP"]),
        ('iifname { "lo", "eth*" } drop', ["DROP"]),
        ('iifname != "eth0" drop', ["ACCEPT"]),
        ("meta iifname eth1 drop", ["ACCEPT"]),
        ("ct state new drop", ["DROP"]),
        ("ct state established,related drop", ["ACCEPT"]),
        ("ct state != { established, related } drop", ["DROP"]),
        ("ct state vmap { established : accept, related : accept, new : drop }", ["DROP"]),
        ("tcp dport vmap { 22 : accept, 8443 : drop }", ["DROP"]),
        ("tcp dport vmap { 22 : drop }", ["ACCEPT"]),
        ("ip saddr 192.0.2.0/24 ip saddr 192.0.2.77 drop", ["DROP", "ACCEPT"]),  # the form has place for one
        ("limit rate over 10/second drop", ["DROP", "ACCEPT"]),
        ("tcp flags syn drop", ["DROP", "ACCEPT"]),
        ("ct original ip saddr 10.0.0.1 drop", ["DROP", "ACCEPT"]),  # not the packet's own source
        ("ip saddr . tcp dport { 10.0.0.1 . 22 } drop", ["DROP", "ACCEPT"]),
        ("ip saddr . tcp dport vmap { 192.0.2.77 . 8443 : drop }", ["unknown", "ACCEPT"]),
        ("ip saddr @elsewhere drop", ["DROP", "ACCEPT"]),
        ("tcp dport vmap @ports", ["unknown", "ACCEPT"]),
        ("ip saddr $BAD drop", ["DROP", "ACCEPT"]),
        ("jump elsewhere", ["unknown"]),
        ("queue num 0", ["unknown", "ACCEPT"]),
        ("counter packets 3 bytes 180 log prefix \"drop \" limit rate 5/minute", ["ACCEPT"]),
    ],
)  # fmt: skip
def test_rules(tmp_path: Path, rule: str, expected: list[str]) -> None:
    assert actions(ruleset(tmp_path, rule)) == expected


def test_a_rule_over_several_lines_is_one(tmp_path: Path) -> None:
    given = ruleset(tmp_path, "tcp dport { 22, 80,", "\t443, 8443 } drop")
    (decision,) = decide(given, "INPUT", PACKET)
    assert (decision.action, decision.line) == ("DROP", 5)
    assert not given.gaps


SETS = """\tset blocked {
\t\ttype ipv4_addr
\t\tflags interval
\t\telements = { 10.0.0.0/8, 192.0.2.0/25 comment "here",
\t\t\t     203.0.113.5 }
\t}
\tset flood {
\t\ttype ipv4_addr
\t\tflags dynamic,timeout
\t\telements = { 192.0.2.77 timeout 1m expires 33s }
\t}
\tset empty {
\t\ttype inet_service
\t}"""


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ip saddr @blocked drop", ["DROP"]),
        ("ip daddr @blocked drop", ["ACCEPT"]),
        ("ip saddr != @blocked drop", ["ACCEPT"]),
        ("ip saddr @flood drop", ["DROP", "ACCEPT"]),  # its members come and go
        ("tcp dport @empty drop", ["DROP", "ACCEPT"]),
    ],
)
def test_sets_as_far_as_given(tmp_path: Path, rule: str, expected: list[str]) -> None:
    assert actions(ruleset(tmp_path, rule, sets=SETS)) == expected


def test_a_listing_without_members_leaves_sets_open(tmp_path: Path) -> None:
    terse = ruleset(tmp_path, "ip daddr @blocked drop", sets=SETS, command="[root@gw ~]# nft -t list ruleset\n")
    assert actions(terse) == ["DROP", "ACCEPT"]


def test_interfaces_that_are_not_known_leave_it_open(tmp_path: Path) -> None:
    given = ruleset(tmp_path, 'iifname "eth0" accept', policy="drop")
    assert actions(given) == ["ACCEPT"]
    assert actions(given, PACKET._replace(in_interface=None)) == ["ACCEPT", "DROP"]
    assert actions(ruleset(tmp_path, 'iifname "lo" accept', policy="drop"), PACKET._replace(in_interface=None)) == ["DROP"]


DMZ = "\tchain dmz {\n\t\tudp dport 53 accept\n\t\tip saddr 10.0.0.0/8 return\n\t\ttcp dport 8443 reject with tcp reset\n\t}\n"


def test_jumps_come_back_and_gotos_do_not(tmp_path: Path) -> None:
    assert actions(ruleset(tmp_path, "tcp dport 8443 jump dmz", more=DMZ)) == ["REJECT"]
    other = PACKET._replace(destination_port=80)
    assert actions(ruleset(tmp_path, "jump dmz", "drop", more=DMZ), other) == ["DROP"]
    assert actions(ruleset(tmp_path, "goto dmz", "drop", more=DMZ), other) == ["ACCEPT"]
    assert actions(ruleset(tmp_path, "tcp dport vmap { 8443 : goto dmz, 80 : drop }", more=DMZ)) == ["REJECT"]


TWO = """table inet filter {
\tflowtable fast {
\t\thook ingress priority filter
\t\tdevices = { eth0 }
\t}
\tchain input {
\t\ttype filter hook input priority filter; policy accept;
\t\ttcp dport 8443 accept
\t}
}
table ip late {
\tchain again {
\t\ttype filter hook input priority filter + 10; policy drop;
\t\tct state established accept
\t}
\tchain first {
\t\ttype filter hook prerouting priority raw; policy accept;
\t\tip saddr 203.0.113.0/24 drop
\t}
}
"""


def test_an_accept_ends_only_its_own_chain(tmp_path: Path) -> None:
    given = read(tmp_path, TWO)
    (decision,) = decide(given, "INPUT", PACKET)
    assert (decision.action, decision.line) == ("DROP", 13)
    assert actions(given, ANSWER) == ["ACCEPT"]
    assert actions(given, PACKET6) == ["ACCEPT"]  # 'ip' is for IPv4 alone
    assert [d.line for d in decide(given, "INPUT", PACKET._replace(source="203.0.113.5"))] == [18]
    assert decide(given, "OUTPUT", PACKET) == []  # no chain there


@pytest.mark.parametrize(
    "more",
    [
        "table netdev edge {\n\tchain in {\n\t\ttype filter hook ingress device eth0 priority 0; policy accept;\n\t\ttcp dport 8443 drop\n\t}\n}\n",
        "table bridge b {\n\tchain in {\n\t\ttype filter hook input priority 0; policy drop;\n\t}\n}\n",
        "table ip raw {\n\tchain pre {\n\t\ttype filter hook prerouting priority raw; policy accept;\n\t\ttcp dport 8443 notrack\n\t}\n}\n",
        "table inet f {\n\tchain in {\n",
        'include "more.nft"\n',
        "add rule inet filter input tcp dport 8443 drop\n",
    ],
)
def test_what_may_stop_it_elsewhere_leaves_an_accept_open(tmp_path: Path, more: str) -> None:
    base = "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy accept;\n\t}\n}\n"
    assert actions(read(tmp_path, base)) == ["ACCEPT"]
    assert "ACCEPT" not in actions(read(tmp_path, base + more)) or "unknown" in actions(read(tmp_path, base + more))


def test_a_part_of_the_rules_can_drop_but_not_accept(tmp_path: Path) -> None:
    command = "[root@gw ~]# nft list table inet filter\n"
    assert actions(ruleset(tmp_path, "tcp dport 8443 drop", command=command)) == ["DROP"]
    assert actions(ruleset(tmp_path, "tcp dport 80 drop", command=command)) == ["ACCEPT", "unknown"]
    grep = "[root@gw ~]# nft list ruleset | grep -v log\n"
    assert actions(ruleset(tmp_path, "tcp dport 8443 drop", command=grep)) == []

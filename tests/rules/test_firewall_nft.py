"""`firewall_would_block` and `firewall_no_block` over rules of nft."""

import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.network import Interface, InterfaceAddress, Interfaces, Route, RoutingTable
from tests.kit import CLIENT, SERVER, T0, Run, Talk, english, places
from tests.rules.nft import chain, ruleset

RULE, NONE = "firewall_would_block", "firewall_no_block"
SILENT = Talk().syn().waits(1).syn_again()
DROP, ANSWERS = "tcp dport 8443 drop", "ct state vmap { established : accept, related : accept }"
GATEWAY = "203.0.113.1"


def owning(address: str) -> Interfaces:
    own = InterfaceAddress(line=3, address=address, prefix_length=24)
    return Interfaces(host="gw", interfaces=(Interface(line=2, name="eth0", addresses=(own,)),))


def run(text: str, owner: str | None = SERVER, talk: Talk = SILENT) -> Run:
    made = Run().capture("a.pcap", talk).add("nft.txt", ruleset(text), kind="nftables")
    return made.add("addr.txt", owning(owner), kind="ip_addr") if owner else made


def test_a_rule_of_the_owner_of_the_destination_fires_with_its_line() -> None:
    (found,) = run(chain(ANSWERS, DROP)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert places(found.statements) == {"nft.txt": ((), (5,))}
    assert english(found.title).endswith(DROP)
    assert found.subject["blocks"] == f"{SERVER}:8443"
    assert "nft -a list chain inet filter input" in str(found.next_actions[0].command)


def test_a_policy_fires_where_no_rule_accepts() -> None:
    (found,) = run(chain(ANSWERS, policy="drop")).found(RULE)
    assert places(found.statements) == {"nft.txt": ((), (3,))}


def test_the_unanswered_syn_is_its_consequence() -> None:
    report = run(chain(ANSWERS, DROP)).report()
    root = next(f for f in report.findings if f.rule == RULE)
    assert next(f for f in report.findings if f.rule == "syn_unanswered").because == (root.id,)


def test_an_accept_excludes_and_so_does_what_was_answered() -> None:
    accepted = run(chain("tcp dport 8000-9000 accept", DROP))
    assert (accepted.found(RULE), places(accepted.excluded(RULE))["nft.txt"][1]) == ([], (4,))
    assert run(chain(DROP), talk=Talk().opens().request().answer().closes()).found(RULE) == []


def test_a_drop_of_a_later_chain_decides_after_an_accept() -> None:
    late = chain("tcp dport 8443 drop", table="ip late").replace("priority filter", "priority 10")
    (found,) = run(chain("tcp dport 8443 accept") + late).found(RULE)
    assert places(found.statements) == {"nft.txt": ((), (10,))}


@pytest.mark.parametrize(
    "text",
    [
        chain("ip saddr @friends accept", DROP),
        chain('iifname "wan0" accept', policy="drop"),
        chain("jump elsewhere", DROP),
        chain("meta mark 0x1 accept", DROP),
        chain(DROP) + "table ip nat {\n\tchain pre {\n\t\ttype nat hook prerouting priority dstnat;\n\t\ttcp dport 8443 dnat to 10.0.0.9\n\t}\n}\n",
        chain(DROP) + 'include "more.nft"\n',
    ],
    ids=["set", "interface", "chain", "mark", "translated", "include"],
)  # fmt: skip
def test_not_evaluable_where_the_listing_leaves_it_open(text: str) -> None:
    made = run(text)
    assert made.found(RULE) == []
    (unknown,) = made.unknown(RULE)
    assert unknown.citations[0].file == "nft.txt"
    assert "nft -a list ruleset" in str(unknown.collect)


def test_an_interface_that_the_routes_only_suggest_is_tentative() -> None:
    back = RoutingTable(host="gw", version=4, routes=(Route(line=3, destination=f"{CLIENT}/32", device="eth0"),))
    made = run(chain('iifname "eth0" drop')).add("route.txt", back)
    assert [f.confidence for f in made.found(RULE)] == ["tentative"]


def test_what_bears_the_address_of_a_masquerading_host_may_be_anothers() -> None:
    nat = 'table ip nat {\n\tchain post {\n\t\ttype nat hook postrouting priority srcnat;\n\t\toifname "wan0" masquerade\n\t}\n}\n'
    drop = chain(DROP, hook="output")
    assert len(run(drop, owner=CLIENT).found(RULE)) == 1
    masked = run(drop + nat, owner=CLIENT)
    assert (masked.found(RULE), len(masked.unknown(RULE))) == ([], 1)


def error(version: int = 4, kind: int = 3, code: int = 13) -> IcmpError:
    return IcmpError(
        frame=3, ts_ns=T0, version=version, icmp_type=kind, icmp_code=code, sender=GATEWAY, receiver=CLIENT, ttl=64,
        quoted_protocol="tcp", quoted_source=Endpoint(CLIENT, 51515), quoted_destination=Endpoint(SERVER, 8443), quoted_ttl=63,
    )  # fmt: skip


def rejecting(words: str) -> str:
    return chain(f"tcp dport 8443 counter packets 12 bytes 720 {words}", hook="forward")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("reject with icmpx type admin-prohibited", 13),
        ("reject with icmp host-prohibited", 10),
        ("reject", 3),
    ],
)
def test_a_reject_whose_error_was_captured_and_whose_counter_grew_is_proved(words: str, code: int) -> None:
    made = run(rejecting(words), owner=None).add("a.pcap", error(code=code), kind="capture")
    (found,) = made.found(RULE)
    assert (found.severity, found.confidence) == ("critical", "firm")
    assert places(found.statements) == {"nft.txt": ((), (4,)), "a.pcap": ((3,), ())}
    other = run(rejecting(words), owner=None).add("a.pcap", error(code=1), kind="capture")
    assert other.found(RULE) == []


def test_a_counter_before_a_match_proves_nothing() -> None:
    text = chain("counter packets 12 bytes 720 tcp dport 8443 reject with icmpx admin-prohibited", hook="forward")
    assert run(text, owner=None).add("a.pcap", error(), kind="capture").found(RULE) == []


def test_nothing_that_blocks_is_excluded_only_by_a_whole_ruleset() -> None:
    passing = chain("ct state established accept", "jump more").replace("\n\t}\n}", "\n\t}\n\tchain more {\n\t\tcounter\n\t}\n}")
    assert places(run(passing).excluded(NONE)) == {"nft.txt": ((), (2 + 1, 7))}
    for text in (chain(DROP), chain(policy="drop"), chain("jump elsewhere"), chain("tcp dport vmap @x"), 'include "x"\n' + chain()):
        made = run(text)
        assert made.excluded(NONE) == []
        (unknown,) = made.unknown(NONE)
        assert unknown.citations[0].file == "nft.txt"


def test_among_very_many_conversations_the_hosts_own_silent_ones_are_looked_at() -> None:
    others = [Talk(server=f"203.0.113.{n}", client_port=2000 + n).opens().request().answer() for n in range(1, 200)]
    made = Run().capture("a.pcap", *others).capture("b.pcap", SILENT)
    made.add("nft.txt", ruleset(chain(DROP)), kind="nftables").add("addr.txt", owning(SERVER), kind="ip_addr")
    (found,) = made.found(RULE)
    assert found.subject["blocks"] == f"{SERVER}:8443"


def test_a_file_that_is_to_be_loaded_is_tentative_only() -> None:
    assert [f.confidence for f in run("#!/usr/sbin/nft -f\nflush ruleset\n" + chain(DROP)).found(RULE)] == ["tentative"]


def test_a_listing_with_gaps_proves_no_reject() -> None:
    text = rejecting("reject with icmpx admin-prohibited")
    assert len(run(text, owner=None).add("a.pcap", error(), kind="capture").found(RULE)) == 1
    assert run(text + 'include "more.nft"\n', owner=None).add("a.pcap", error(), kind="capture").found(RULE) == []

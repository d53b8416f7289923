"""`firewall_would_block`: what a listing decides about captured packets, and all that leaves it open."""

import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.firewall import IptablesChain, IptablesRule, IptablesRuleset
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.network import Interface, InterfaceAddress, Interfaces, Route, RoutingTable
from tests.kit import CLIENT, SERVER, T0, Run, Talk, english, places

RULE = "firewall_would_block"
SILENT = Talk().syn().waits(1).syn_again()
ANSWERS = IptablesRule(
    line=4, text="-A INPUT -m state …", table="filter", chain="INPUT", target="ACCEPT", states=("RELATED", "ESTABLISHED")
)
DROP = IptablesRule(
    line=5,
    text="-A INPUT -p tcp --dport 8443 -j DROP",
    table="filter",
    chain="INPUT",
    target="DROP",
    protocol="tcp",
    destination_ports="8443",
)
GATEWAY = "203.0.113.1"


def chain(name: str, policy: str = "ACCEPT") -> IptablesChain:
    return IptablesChain(table="filter", name=name, policy=policy, line=2)


def listed(*rules: IptablesRule, policy: str = "ACCEPT", **fields: object) -> IptablesRuleset:
    chains = tuple(chain(name, policy) for name in ("INPUT", "FORWARD", "OUTPUT"))
    return IptablesRuleset(host="gw", form="save", chains=chains, rules=rules, **fields)  # type: ignore[arg-type]


def owning(address: str) -> Interfaces:
    own = InterfaceAddress(line=3, address=address, prefix_length=24)
    return Interfaces(host="gw", interfaces=(Interface(line=2, name="eth0", addresses=(own,)),))


def run(*rules: IptablesRule, owner: str | None = SERVER, talk: Talk = SILENT, policy: str = "ACCEPT") -> Run:
    made = Run().capture("a.pcap", talk).add("fw.txt", listed(*rules, policy=policy), kind="iptables")
    return made.add("addr.txt", owning(owner), kind="ip_addr") if owner else made


def forwarding(out: str = "wan0") -> RoutingTable:
    there, back = Route(line=2, destination=f"{SERVER}/32", device=out), Route(line=3, destination=f"{CLIENT}/32", device="lan0")
    return RoutingTable(host="gw", version=4, routes=(there, back))


def test_a_rule_of_the_owner_of_the_destination_fires() -> None:
    (found,) = run(ANSWERS, DROP).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert places(found.statements) == {"fw.txt": ((), (5,))}
    assert found.subject == {"host": "gw", "rule": "chain=INPUT protocol=tcp ports=8443 target=DROP", "blocks": f"{SERVER}:8443"}
    assert english(found.title).endswith(DROP.text)


def test_a_policy_fires_where_no_rule_accepts() -> None:
    found = run(ANSWERS, policy="DROP").found(RULE)
    assert places(found[0].statements) == {"fw.txt": ((), (2,))}
    assert found[0].subject == {"host": "gw", "rule": "chain=INPUT policy=DROP", "blocks": f"{SERVER}:8443"}
    assert "no rule" in english(found[0].title).lower()


def test_an_earlier_accept_excludes_and_so_does_what_was_answered() -> None:
    opened = IptablesRule(line=3, text="accept", table="filter", chain="INPUT", target="ACCEPT", destination_ports="8000:9000")
    accepted = run(opened, DROP)
    assert accepted.found(RULE) == []
    assert places(accepted.excluded(RULE))["fw.txt"][1][-1] == 3
    assert run(DROP, talk=Talk().opens().request().answer().closes()).found(RULE) == []


def test_loopback_rules_are_not_for_packets_from_outside() -> None:
    loopback = IptablesRule(line=3, text="-i lo", table="filter", chain="INPUT", target="ACCEPT", in_interface="lo")
    assert [f.confidence for f in run(loopback, DROP).found(RULE)] == ["firm"]


def test_a_refusal_by_tcp_reset_is_the_rules_own_answer() -> None:
    rejecting = IptablesRule(
        line=5, text="reject", table="filter", chain="INPUT", target="REJECT", protocol="tcp", reject_with="tcp-reset"
    )
    assert run(rejecting, talk=Talk().syn().rst()).found(RULE)
    assert run(DROP, talk=Talk().syn().rst()).found(RULE) == []


def test_not_evaluable_where_the_listing_leaves_it_open() -> None:
    open_rule = IptablesRule(line=3, text="set", table="filter", chain="INPUT", target="ACCEPT", understood=False)
    translated = IptablesRule(line=9, text="dnat", table="nat", chain="PREROUTING", target="DNAT", destination_ports="8443")
    for made in (run(open_rule, DROP), run(DROP, owner=None), run(DROP, translated), run(DROP, owner=GATEWAY)):
        assert made.found(RULE) == []
        (unknown,) = made.unknown(RULE)
        assert unknown.citations[0].file == "fw.txt"
        assert unknown.collect
        assert "ip addr" in unknown.collect


def test_a_gateway_forwards_between_two_interfaces_only() -> None:
    drop = IptablesRule(line=6, text="forward drop", table="filter", chain="FORWARD", target="DROP", in_interface="lan0")
    routed = run(drop, owner=GATEWAY).add("route.txt", forwarding())
    assert [f.confidence for f in routed.found(RULE)] == ["tentative"]
    assert run(drop, owner=GATEWAY).add("route.txt", forwarding("lan0")).found(RULE) == []


def test_greps_other_families_and_other_tables_say_nothing() -> None:
    made = Run().capture("a.pcap", SILENT).add("addr.txt", owning(SERVER))
    made.add("fw.txt", listed(DROP, grepped=True)).add("fw6.txt", listed(DROP, version=6))
    assert made.ask(RULE) == []


def error(at: int = 3, code: int = 10, answer: bool = True) -> IcmpError:
    ends = (Endpoint(CLIENT, 51515), Endpoint(SERVER, 8443))
    source, destination = ends[::-1] if answer else ends
    return IcmpError(
        frame=at, ts_ns=T0, version=4, icmp_type=3, icmp_code=code, sender=GATEWAY, receiver=source.address, ttl=64,
        quoted_protocol="tcp", quoted_source=source, quoted_destination=destination, quoted_ttl=63,
    )  # fmt: skip


REJECT = IptablesRule(
    line=7,
    text="-A FORWARD -j REJECT",
    table="filter",
    chain="FORWARD",
    target="REJECT",
    reject_with="icmp-host-prohibited",
    packets=12,
)


def proved(*rules: IptablesRule, seen: IcmpError | None = None) -> Run:
    return Run().capture("a.pcap", SILENT).add("a.pcap", seen or error(), kind="capture").add("fw.txt", listed(*rules))


def test_a_reject_whose_error_was_captured_and_whose_counter_grew_is_proved() -> None:
    (found,) = proved(REJECT).found(RULE)
    assert (found.severity, found.confidence) == ("critical", "firm")
    assert places(found.statements) == {"fw.txt": ((), (7,)), "a.pcap": ((3,), ())}


def test_what_cannot_have_sent_the_error_is_not_accused() -> None:
    answers = IptablesRule(line=3, text="est", table="filter", chain="FORWARD", target="ACCEPT", states=("RELATED", "ESTABLISHED"))
    talk = Talk().syn().syn_ack()
    guarded = Run().capture("a.pcap", talk).add("a.pcap", error(), kind="capture").add("fw.txt", listed(answers, REJECT))
    assert guarded.found(RULE) == []
    assert proved(REJECT, seen=error(code=13)).found(RULE) == []
    other = IptablesRule(
        line=7,
        text="udp",
        table="filter",
        chain="FORWARD",
        target="REJECT",
        protocol="udp",
        reject_with="icmp-host-prohibited",
        packets=12,
    )
    assert proved(other).found(RULE) == []
    assert proved(REJECT).add("addr.txt", owning("203.0.113.99")).found(RULE) == []


def test_not_evaluable_without_rules() -> None:
    (unknown,) = Run().capture("a.pcap", SILENT).unknown(RULE)
    assert "iptables" in english(unknown.missing[0])
    assert unknown.collect


def test_a_filter_alone_whose_counter_fits_is_tentative_and_the_cause() -> None:
    counted = IptablesRuleset(
        host="srv",
        form="save",
        chains=(IptablesChain(table="filter", name="INPUT", policy="DROP", line=2, packets=2),),
        rules=(ANSWERS,),
    )
    report = Run().capture("a.pcap", SILENT).add("fw.txt", counted, kind="iptables").report()
    root = next(f for f in report.findings if f.id == report.verdict.root)
    assert (root.rule, root.confidence) == (RULE, "tentative")
    assert "if 198.51.100.9 is an address of srv itself" in " ".join(english(s.text) for s in root.statements)
    assert next(f for f in report.findings if f.rule == "syn_unanswered").because == (root.id,)


@pytest.mark.parametrize("packets", [None, 0, 1])
def test_a_filter_alone_whose_counter_does_not_fit_stays_open(packets: int | None) -> None:
    chains = (IptablesChain(table="filter", name="INPUT", policy="DROP", line=2, packets=packets),)
    counted = IptablesRuleset(host="srv", form="save", chains=chains, rules=(ANSWERS,))
    made = Run().capture("a.pcap", SILENT).add("fw.txt", counted, kind="iptables")
    assert (made.found(RULE), len(made.unknown(RULE))) == ([], 1)

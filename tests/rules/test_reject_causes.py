"""A rule that rejects and the error or reset it sends are one root: `firewall_would_block` is the cause, where the kinds agree."""

import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.network import Interface, InterfaceAddress, Interfaces
from runs.analysis.report import Finding
from tests.kit import CLIENT, SERVER, T0, Run, Talk
from tests.rules.nft import chain, ruleset

SILENT = Talk().syn().waits(1).syn_again()
REJECTS = "tcp dport 8443 reject with icmpx admin-prohibited"
COUNTS = "tcp dport 8443 counter packets 12 bytes 720 reject with icmpx admin-prohibited"


def owning(address: str) -> Interfaces:
    own = InterfaceAddress(line=3, address=address, prefix_length=24)
    return Interfaces(host="gw", interfaces=(Interface(line=2, name="eth0", addresses=(own,)),))


def error(code: int = 13, protocol: str = "tcp", sender: str = SERVER) -> IcmpError:
    return IcmpError(
        frame=3, ts_ns=T0, version=4, icmp_type=3, icmp_code=code, sender=sender, receiver=CLIENT, ttl=64,
        quoted_protocol=protocol, quoted_source=Endpoint(CLIENT, 51515), quoted_destination=Endpoint(SERVER, 8443), quoted_ttl=63,
        conversation_row=0 if protocol == "tcp" else None,
    )  # fmt: skip


def run(text: str, *, owner: str | None = SERVER, talk: Talk = SILENT, seen: IcmpError | None = None) -> Run:
    made = Run().capture("a.pcap", talk).add("nft.txt", ruleset(text), kind="nftables")
    made = made.add("a.pcap", seen, kind="capture") if seen else made
    return made.add("addr.txt", owning(owner), kind="ip_addr") if owner else made


def pair(made: Run, rule: str) -> tuple[Finding, list[Finding]]:
    """The finding of a rule, and those of the filter that it names as causes."""
    report = made.report()
    found = next(f for f in report.findings if f.rule == rule)
    return found, [f for f in report.findings if f.rule == "firewall_would_block" and f.id in found.because]


@pytest.mark.parametrize(
    "text", [chain(REJECTS), chain("ct state established accept", REJECTS), chain("ip saddr 192.0.2.0/24 " + REJECTS)]
)
def test_the_error_of_a_rule_that_would_reject_is_its_consequence(text: str) -> None:
    found, causes = pair(run(text, seen=error()), "icmp_rejected")
    assert len(causes) == 1
    assert run(text, seen=error()).report().verdict.root == causes[0].id
    assert found.id != causes[0].id


def test_and_so_is_one_that_counters_prove() -> None:
    _, causes = pair(run(chain(COUNTS, hook="forward"), owner=None, seen=error(sender="203.0.113.1")), "icmp_rejected")
    assert len(causes) == 1


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (chain(REJECTS), error(code=10)),  # another kind of error
        (chain(REJECTS), error(sender="203.0.113.1")),  # another host's
        (chain("tcp dport 8443 drop"), error()),
        (chain("tcp dport 8443 reject with tcp reset"), error()),
        (chain("ip saddr @some " + REJECTS), error()),  # nobody knows whether it is for it
    ],
)
def test_other_errors_stay_roots(text: str, seen: IcmpError) -> None:
    _, causes = pair(run(text, seen=seen), "icmp_rejected")
    assert causes == []


def test_a_reset_that_a_rule_sends_is_its_consequence() -> None:
    refused = Talk().syn().rst()
    _, causes = pair(run(chain("tcp dport 8443 reject with tcp reset"), talk=refused), "connection_refused")
    assert len(causes) == 1
    for other in (chain(REJECTS), chain("tcp dport 8443 drop"), chain('iifname "wan0" tcp dport 8443 reject with tcp reset')):
        _, causes = pair(run(other, talk=refused), "connection_refused")
        assert causes == []


def test_an_unreachable_udp_port_that_a_rule_rejects_is_its_consequence() -> None:
    seen = error(code=3, protocol="udp")
    _, causes = pair(run(chain("udp dport 8443 counter packets 3 bytes 90 reject"), owner=None, seen=seen), "udp_port_unreachable")
    assert len(causes) == 1
    _, causes = pair(run(chain("udp dport 53 counter packets 3 bytes 90 reject"), owner=None, seen=seen), "udp_port_unreachable")
    assert causes == []

"""`nat_port_outside_map_e`: translated ports against the set of a PSID (length 8, offset 4: 15 blocks of 16 ports)."""

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.conntrack import ConntrackTable, TrackedConnection, TrackedTuple
from runs.analysis.facts.firewall import IptablesRule, IptablesRuleset
from runs.analysis.facts.map_e import MapEParameters
from tests.kit import Run, english, places

RULE = "nat_port_outside_map_e"
SHARED = "198.51.100.33"
PSID = 0x2A
FIRST = 4096 + PSID * 16  # of the first block
LINE = MapEParameters(
    stated_in="table", ipv4_address=SHARED, ipv4_line=4, psid=PSID, psid_line=5, psid_length=8, psid_offset=4, from_notes=True
)


def snat(*targets: str, protocol: str = "tcp", address: str = SHARED) -> IptablesRuleset:
    rules = tuple(
        IptablesRule(
            line=n,
            text=t,
            table="nat",
            chain="POSTROUTING",
            target="SNAT",
            protocol=protocol,
            to=f"{address}:{t}" if t else address,
        )
        for n, t in enumerate(targets, 3)
    )
    return IptablesRuleset(form="save", rules=rules)


def tracked(port: int | None = None, icmp_id: int | None = None) -> ConntrackTable:
    inner, server = Endpoint("192.0.2.77", 50_000 if port else None), Endpoint("203.0.113.9", 443 if port else None)
    original = TrackedTuple(source=inner, destination=server, icmp_id=9 if icmp_id else None)
    reply = TrackedTuple(source=server, destination=Endpoint(SHARED, port), icmp_id=icmp_id)
    protocol = "icmp" if icmp_id else "tcp"
    return ConntrackTable(connections=(TrackedConnection(line=2, protocol=protocol, original=original, reply=reply),))


def run(*facts: IptablesRuleset | ConntrackTable, line: MapEParameters = LINE) -> Run:
    made = Run().add("line.md", line)
    for n, fact in enumerate(facts):
        made.add(f"{n}.txt", fact)
    return made


def test_a_port_outside_fires() -> None:
    (found,) = run(snat(f"{FIRST}-{FIRST + 15}"), tracked(FIRST - 1)).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "high", "firm")
    assert places(found.statements) == {"1.txt": ((), (2,))}
    assert found.subject == {"psid": "0x2a", "what": "outside"}


def test_a_range_that_bridges_two_blocks_fires() -> None:
    assert [f.outcome for f in run(snat(f"{FIRST}-{FIRST + 4096 + 15}")).found(RULE)] == ["fail"]


def test_all_blocks_in_use_are_excluded() -> None:
    blocks = [f"{FIRST + n * 4096}-{FIRST + n * 4096 + 15}" for n in range(15)]
    assert run(snat(*blocks), tracked(FIRST + 3)).found(RULE) == []
    assert places(run(snat(*blocks)).excluded(RULE))["0.txt"] == ((), tuple(range(3, 18)))


def test_one_block_of_many_is_information() -> None:
    (found,) = run(snat(f"{FIRST}-{FIRST + 15}")).found(RULE)
    assert (found.outcome, found.subject["what"]) == ("info", "partly")
    assert english(found.title).startswith("Only 1 of the 15 port blocks")


def test_an_icmp_identifier_outside_is_information() -> None:
    (found,) = run(tracked(icmp_id=77)).found(RULE)
    assert (found.outcome, found.subject["what"]) == ("info", "icmp")
    assert run(tracked(icmp_id=FIRST)).found(RULE) == []


def test_another_address_is_another_line() -> None:
    assert run(snat("1024-65535", address="203.0.113.200")).found(RULE) == []
    decoded = MapEParameters(stated_in="tunnel", decoded_ipv4=SHARED, decoded_psid=PSID, psid_length=8, psid_offset=4)
    assert run(snat("1024-65535", address="203.0.113.200"), line=decoded).found(RULE) == []
    assert run(snat("1024-65535"), line=decoded).found(RULE)


def test_not_evaluable_without_offset_and_length_or_uses() -> None:
    bare = MapEParameters(stated_in="text", psid=PSID, psid_line=5)
    impossible = MapEParameters(stated_in="text", psid=0x1FF, psid_length=8, psid_offset=4)
    for line in (bare, impossible):
        (unknown,) = run(snat("1024-65535"), line=line).unknown(RULE)
        assert "PSID" in english(unknown.missing[0])
    assert run(snat("")).unknown(RULE)
    (unknown,) = Run().add("line.md", LINE).unknown(RULE)
    assert unknown.collect

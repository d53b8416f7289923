"""`translations`: two conversations on both sides of a NAT are one connection, by evidence alone."""

from typing import Any

import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.conntrack import ConntrackTable, TrackedConnection, TrackedTuple
from runs.analysis.facts.translation import TranslatedPair
from tests.kit import MS, SERVER, T0, Run, Talk

INSIDE, OUTSIDE = "192.168.7.20", "203.0.113.7"


def talk(
    client: str = INSIDE, client_port: int = 51515, *, number: int = 111, late_ms: float = 0, whole: bool = True, **ends: Any
) -> Talk:
    made = Talk(client=client, client_port=client_port, **ends)
    made.next = {True: number, False: number + 5_000_000}
    made.now = T0 + int(late_ms * MS)
    return made.opens().request().answer().closes() if whole else made.syn()


def pairs(run: Run) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    return [(p.inner, p.outer, p.translates, p.by) for p in run.case().all(TranslatedPair)]


def test_the_same_initial_numbers_in_captures_of_both_sides() -> None:
    run = Run().capture("lan.pcap", talk()).capture("wan.pcap", talk(OUTSIDE, 40_001, late_ms=3000))
    (pair,) = run.case().all(TranslatedPair)
    assert (pair.inner, pair.outer, pair.translates, pair.by) == ("lan.pcap#0", "wan.pcap#0", ("source",), ("numbers",))
    assert {p.file: p.frames for p in pair.places} == {"lan.pcap": (1, 2), "wan.pcap": (1, 2)}
    assert run.report().translations[0].outer.id == "wan.pcap#0"


def test_one_capture_of_all_interfaces_holds_both() -> None:
    assert pairs(Run().capture("any.pcap", talk(), talk(OUTSIDE, 40_001, late_ms=0.2))) == [
        ("any.pcap#0", "any.pcap#1", ("source",), ("numbers",))
    ]


def test_a_published_port_is_inside_where_the_private_address_is() -> None:
    front, back = talk("198.51.100.50", server=OUTSIDE, port=443), talk("198.51.100.50", server="10.7.0.80", port=8443, late_ms=0.1)
    assert pairs(Run().capture("any.pcap", front, back)) == [("any.pcap#1", "any.pcap#0", ("destination",), ("numbers",))]


def test_a_syn_without_an_answer_counts_in_one_capture_at_one_moment_only() -> None:
    inner, outer = talk(whole=False), talk(OUTSIDE, 40_001, whole=False, late_ms=0.2)
    assert len(pairs(Run().capture("any.pcap", inner, outer))) == 1
    assert pairs(Run().capture("a.pcap", inner).capture("b.pcap", outer)) == []
    assert pairs(Run().capture("any.pcap", inner, talk(OUTSIDE, 40_001, whole=False, late_ms=500))) == []
    assert pairs(Run().capture("any.pcap", inner, talk(OUTSIDE, 40_001, whole=False, server="198.51.100.99"))) == []


@pytest.mark.parametrize(
    "others",
    [
        [talk(OUTSIDE, 40_001, number=222)],  # another connection, or a proxy's
        [talk()],  # the same ends: one connection at two points
        [talk(OUTSIDE, 40_001), talk("203.0.113.99", 40_002)],  # a chain whose order nobody knows
    ],
)
def test_without_evidence_nothing_is_paired(others: list[Talk]) -> None:
    run = Run().capture("lan.pcap", talk())
    for n, other in enumerate(others):
        run.capture(f"wan{n}.pcap", other)
    assert pairs(run) == []


def tracked(line: int = 3, inside: str = INSIDE, outside_port: int = 40_001) -> TrackedConnection:
    server = Endpoint(SERVER, 8443)
    return TrackedConnection(
        line=line, protocol="tcp",
        original=TrackedTuple(source=Endpoint(inside, 51515), destination=server),
        reply=TrackedTuple(source=server, destination=Endpoint(OUTSIDE, outside_port)),
    )  # fmt: skip


def test_a_line_of_connection_tracking_names_both() -> None:
    table = ConntrackTable(connections=(tracked(),))
    run = (
        Run()
        .capture("lan.pcap", talk())
        .capture("wan.pcap", talk(OUTSIDE, 40_001, number=222))
        .add("ct.txt", table, kind="conntrack")
    )
    (pair,) = run.case().all(TranslatedPair)
    assert (pair.inner, pair.outer, pair.by) == ("lan.pcap#0", "wan.pcap#0", ("table",))
    assert [(p.file, p.lines) for p in pair.places] == [("ct.txt", (3,))]


def test_both_proofs_are_one_pair() -> None:
    table = ConntrackTable(connections=(tracked(),))
    run = Run().capture("lan.pcap", talk()).capture("wan.pcap", talk(OUTSIDE, 40_001)).add("ct.txt", table, kind="conntrack")
    (pair,) = run.case().all(TranslatedPair)
    assert (pair.by, [p.file for p in pair.places]) == (("numbers", "table"), ["lan.pcap", "wan.pcap", "ct.txt"])


def test_a_line_without_translation_or_of_other_ports_pairs_nothing() -> None:
    for one in (tracked(outside_port=9), tracked(inside=OUTSIDE, outside_port=51515)):
        table = ConntrackTable(connections=(one,))
        run = Run().capture("lan.pcap", talk()).capture("wan.pcap", talk(OUTSIDE, 40_001, number=222)).add("ct.txt", table)
        assert pairs(run) == []

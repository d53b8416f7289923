"""`icmp_rejected` and `udp_port_unreachable`: refusals of conversations, and errors that every network has."""

from typing import Any

import msgspec

from runs.analysis.facts.arp import ArpResolution
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.packets.rows import PacketRow
from tests.kit import CLIENT, SECOND, SERVER, T0, Run, Talk, english, places

ROUTER = "198.51.100.1"


def error(source: tuple[str, int], destination: tuple[str, int], row: int, **fields: Any) -> IcmpError:
    known: dict[str, Any] = {
        "frame": 2, "ts_ns": T0, "version": 4, "icmp_type": 3, "icmp_code": 10, "sender": ROUTER, "receiver": source[0], "ttl": 63,
        "quoted_protocol": "tcp", "quoted_ttl": 62, "quoted_frame": 1, "original_ttl": 64,
    }  # fmt: skip
    return IcmpError(
        **{**known, **fields}, quoted_source=Endpoint(*source), quoted_destination=Endpoint(*destination), conversation_row=row
    )


def with_errors(run: Run, *errors: IcmpError) -> Run:
    run.facts += [msgspec.structs.replace(e, file="a.pcap") for e in errors]
    return run


def refused(talk: Talk, **fields: Any) -> Run:
    return with_errors(Run().capture("a.pcap", talk), error((CLIENT, 51515), (SERVER, 8443), 0, **fields))


def datagrams(*packets: tuple[int, int, float, bool]) -> Talk:
    """(client's port, server's port, seconds, from the client)"""
    talk = Talk()
    for own, port, at_s, client in packets:
        ends = ((CLIENT, own), (SERVER, port)) if client else ((SERVER, port), (CLIENT, own))
        talk.rows.append(
            PacketRow(
                T0 + int(at_s * SECOND),
                ends[0][0],
                ends[1][0],
                ends[0][1],
                ends[1][1],
                "udp",
                0,
                None,
                None,
                None,
                None,
                40,
                64,
                1,
                0,
            )
        )
    return talk


def test_a_refused_handshake_fires_with_hops_and_frames() -> None:
    (found,) = refused(Talk().syn().waits(1).syn_again()).found("icmp_rejected")
    assert (found.outcome, found.severity, found.confidence) == ("fail", "critical", "certain")
    assert found.subject == {
        "sender": ROUTER, "direction": "to responder", "family": "IPv4", "address": SERVER, "port": "8443", "error": "4/3/10",
    }  # fmt: skip
    assert places(found.statements) == {"a.pcap": ((1, 2), ())}
    assert "2 hops from the capture point" in " ".join(english(s.text) for s in found.statements)


def test_a_conversation_that_goes_on_or_ends_well_is_not_refused() -> None:
    assert refused(Talk().opens().request().answer().closes()).found("icmp_rejected") == []
    assert refused(Talk().opens().request().answer()).found("icmp_rejected") == []


def test_a_traceroute_is_asked_for_its_errors() -> None:
    assert refused(Talk().syn(), original_ttl=5, quoted_ttl=1).found("icmp_rejected") == []
    probes = datagrams(*((40_000, 33_434 + n, n / 10, True) for n in range(6)))
    errors = [error((CLIENT, 40_000), (SERVER, 33_434 + n), n, quoted_protocol="udp", icmp_code=13) for n in range(6)]
    assert with_errors(Run().capture("a.pcap", probes), *errors).found("icmp_rejected") == []


def test_a_refused_scan_is_one_finding() -> None:
    talks = [Talk(port=port, client_port=60_000).syn() for port in range(1, 100)]
    errors = [error((CLIENT, 60_000), (SERVER, port), port - 1) for port in range(1, 100)]
    (found,) = with_errors(Run().capture("a.pcap", *talks), *errors).found("icmp_rejected")
    assert (found.severity, found.subject["port"]) == ("medium", "many")


def test_without_icmp_both_rules_name_it() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().answer().closes())
    for rule in ("icmp_rejected", "udp_port_unreachable"):
        (unknown,) = run.unknown(rule)
        assert "ICMP" in english(unknown.missing[0])
        assert "icmp" in str(unknown.collect)


def closed(source: tuple[str, int], destination: tuple[str, int], row: int) -> IcmpError:
    return error(source, destination, row, quoted_protocol="udp", icmp_code=3, sender=destination[0])


def test_a_closed_udp_port_fires() -> None:
    run = with_errors(Run().capture("a.pcap", datagrams((40_000, 5514, 0, True))), closed((CLIENT, 40_000), (SERVER, 5514), 0))
    (found,) = run.found("udp_port_unreachable")
    assert (found.outcome, found.confidence) == ("fail", "certain")
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "5514", "protocol": "udp"}
    assert places(found.statements) == {"a.pcap": ((2,), ())}
    assert run.found("icmp_rejected") == []


def test_an_answer_that_comes_after_the_client_has_left_is_no_closed_port() -> None:
    talk = datagrams((40_000, 53, 0, True), (40_000, 53, 6, False))
    run = with_errors(Run().capture("a.pcap", talk), closed((SERVER, 53), (CLIENT, 40_000), 0))
    assert run.found("udp_port_unreachable") == []


def test_a_port_that_answered_is_open() -> None:
    talk = datagrams((40_000, 161, 0, True), (40_000, 161, 1, False))
    assert (
        with_errors(Run().capture("a.pcap", talk), closed((CLIENT, 40_000), (SERVER, 161), 0)).found("udp_port_unreachable") == []
    )


def test_a_udp_scan_is_one_info() -> None:
    talk = datagrams(*((40_000, port, port / 100, True) for port in range(1, 200)))
    errors = [closed((CLIENT, 40_000), (SERVER, port), port - 1) for port in range(1, 200)]
    (found,) = with_errors(Run().capture("a.pcap", talk), *errors).found("udp_port_unreachable")
    assert (found.outcome, found.subject["what"]) == ("info", "scan")


def test_other_errors_exclude_both() -> None:
    run = refused(Talk().syn(), icmp_type=11, icmp_code=0)
    assert [places(run.excluded(rule)) for rule in ("icmp_rejected", "udp_port_unreachable")] == [{"a.pcap": ((2,), ())}] * 2


def test_a_router_that_finds_no_host_rejects_nothing_and_names_who_is_absent() -> None:
    run = refused(Talk().syn().waits(1).syn_again(), icmp_code=1, ts_ns=T0 + 3 * SECOND)
    known: dict[str, Any] = {"first_ns": T0, "macs": (), "reply_frames": (), "reply_count": 0, "file": "a.pcap"}
    asked = ArpResolution(asker=ROUTER, target=SERVER, request_frames=(5, 6, 7), request_count=3, last_ns=T0 + 2 * SECOND, **known)
    others = ArpResolution(asker="198.51.100.7", target="198.51.100.8", request_frames=(9,), request_count=1, last_ns=T0, **known)
    run.facts += [asked, others]
    report = run.report()
    root = next(f for f in report.findings if f.id == report.verdict.root)
    assert (root.rule, root.confidence) == ("arp_unanswered", "firm")
    error = next(f for f in report.findings if f.rule == "icmp_rejected")
    assert error.because == (root.id,)
    assert "cannot deliver" in english(error.title)

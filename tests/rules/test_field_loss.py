"""Loss as captures of real networks show it: recoveries that look out of order, path MTU discovery, overtaken packets, pauses."""

import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.packets.schema import ACK, PSH
from tests.kit import CLIENT, MS, SERVER, Run, english
from tests.rules.wire import Wire, wire


def bulk(segments: int, rtt_ms: float = 20) -> Wire:
    """The client sends on and on, 0.1 ms a segment; every tenth is acknowledged."""
    talk: Wire = wire(rtt_ms=rtt_ms, asks=None)
    talk.opens()
    for n in range(segments):
        talk.now += MS // 10 - talk.half
        talk.data(True, ip_id=1000 + n)
    return talk


def resent(talk: Wire, back: int, ip_id: int) -> Wire:
    """A segment from before the last `back` ones, within a round trip: 'out of order' by Wireshark's definition."""
    talk.now += MS // 10 - talk.half
    return talk.put(True, PSH | ACK, 1448, talk.next[True] - 1448 * back, ip_id=ip_id)


def test_a_recovery_within_a_round_trip_is_counted_as_sent_again() -> None:
    talk = bulk(120)
    for n in range(6):
        resent(talk, 60 - 5 * n, 2000 + n)
    (found,) = Run().capture("sender.pcap", talk).found("retransmission_rate_high")
    assert english(found.title).startswith("6 of 126 data segments")


def hole(late_id: int) -> Wire:
    """A receiver's capture: six segments come behind their successors."""
    talk = bulk(60)
    for n in range(6):
        missing = talk.next[True]
        talk.next[True] += 1448
        for k in range(9):
            talk.now += MS // 10 - talk.half
            talk.data(True, ip_id=2000 + 10 * n + k + 1)
        talk.now += MS // 10 - talk.half
        talk.put(True, PSH | ACK, 1448, missing, ip_id=2000 + 10 * n + late_id)
    return talk


def test_the_ip_id_tells_a_late_packet_from_one_sent_again() -> None:
    assert Run().capture("a.pcap", hole(late_id=0)).found("retransmission_rate_high") == []
    (found,) = Run().capture("a.pcap", hole(late_id=10)).found("retransmission_rate_high")
    assert english(found.title).startswith("6 of 120")


def test_what_path_mtu_discovery_sends_again_is_no_loss() -> None:
    talk = bulk(150)
    frame = len(talk.rows)
    told = IcmpError(
        frame=frame,
        ts_ns=talk.now,
        version=4,
        icmp_type=3,
        icmp_code=4,
        sender="192.0.2.1",
        receiver=CLIENT,
        ttl=64,
        quoted_protocol="tcp",
        quoted_source=Endpoint(CLIENT, 51515),
        quoted_destination=Endpoint(SERVER, 8443),
        quoted_ttl=63,
        mtu=1400,
        conversation_row=0,
    )
    talk.now += 30 * MS
    for n in range(8):
        talk.now += MS // 10 - talk.half
        talk.put(True, PSH | ACK, 1348, talk.next[True] - 1448 * (8 - n), ip_id=3000 + n)
    for rule in ("retransmission_rate_high", "loss_episode"):
        assert len(Run().capture("a.pcap", talk).found(rule)) == 1, rule
        assert Run().capture("a.pcap", talk).add("a.pcap", told).found(rule) == [], rule


def test_an_episode_covers_a_hundred_segments_at_the_end_too() -> None:
    talk = bulk(400)
    for n in range(6):
        resent(talk, 30 - 5 * n, 3000 + n)
    (found,) = Run().capture("a.pcap", talk).found("loss_episode")
    assert "6 of 100 data segments" in english(found.title)


def test_even_loss_is_a_rate_and_no_episode() -> None:
    talk = bulk(1)
    for n in range(2000):
        talk.now += MS // 10 - talk.half
        talk.data(True, ip_id=1000 + n)
        if n % 250 in (100, 135, 170):
            resent(talk, 10, 30_000 + n)
    run = Run().capture("a.pcap", talk)
    assert run.found("loss_episode") == []
    assert len(run.found("retransmission_rate_high")) == 1


def test_what_was_overtaken_within_a_round_trip_was_not_lost() -> None:
    """IPv6 has no IP ids: six segments, overtaken by nine, come 0.9 ms late; a fast retransmission takes a round trip."""
    talk: Wire = wire(server="2001:db8:9::9", rtt_ms=20, asks=None)
    talk.opens()
    for n in range(120):
        late = n % 20 == 10
        missing = talk.next[True]
        talk.next[True] += 1448 * late
        for k in range(3 if late else 1):
            talk.now += MS // 10 - talk.half
            talk.data(True)
            if late and k:
                talk.now += MS // 10 - talk.half
                talk.put(False, ACK, 0, acknowledgment=missing)
        if late:
            talk.put(True, PSH | ACK, 1448, missing)
    assert Run().capture("a.pcap", talk).found("retransmission_rate_high") == []


def test_needless_repetitions_at_the_receiver_s_host_are_info() -> None:
    talk = bulk(150)
    for n in range(6):
        resent(talk, 20 - n, 2000 + n)
    talk.acked()
    talk.rows = [r._replace(ttl=57 if r.source == talk.client else 64) for r in talk.rows]
    (found,) = Run().capture("a.pcap", talk).found("retransmission_rate_high")
    assert (found.outcome, found.severity) == ("info", "info")
    assert Run().capture("a.pcap", talk).found("loss_episode") == []


def test_a_program_that_pauses_at_the_end_of_a_write_is_a_stall() -> None:
    def transfer(size: int) -> Wire:
        talk: Wire = wire(rtt_ms=1)
        talk.opens().request()
        for _ in range(size // 14_480):
            for _ in range(10):
                talk.data(False, 1448)
            talk.ack()
        talk.data(False, 300)
        return talk.ack()  # type: ignore[return-value]

    def after(talk: Wire) -> Wire:
        talk.waits(3)
        for _ in range(300):
            talk.data(False, 1448)
        return talk

    (found,) = Run().capture("a.pcap", after(transfer(2 << 20))).found("transfer_stall")
    assert "3." in english(found.title)
    assert Run().capture("a.pcap", after(transfer(1 << 18))).found("transfer_stall") == []


def test_what_is_under_way_at_a_rotation_is_acknowledged_behind_it() -> None:
    talk = bulk(150)
    first = wire(rtt_ms=20, asks=None)
    for n in range(60):
        talk.now += MS // 10 - talk.half
        talk.data(True, ip_id=5000 + n)
        if n % 10 == 9:
            talk.ack(client=False)
    talk.closes()
    first.rows, talk.rows = talk.rows[:100], talk.rows[100:]
    report = Run().capture("rot_0.pcap", first).capture("rot_1.pcap", talk).report()
    assert [a.fault for a in report.attempts] == [False]
    assert report.verdict.outcome == "pass"


@pytest.mark.parametrize(("is_there", "count"), [(True, 0), (False, 1)])
def test_an_ack_that_the_capture_shows_before_its_data_is_no_gap(is_there: bool, count: int) -> None:
    talk = wire(asks=None)
    talk.opens().data(True).acked()
    start = talk.next[True]
    talk.next[True] += 1448
    talk.acked()
    if is_there:
        talk.put(True, PSH | ACK, 1448, start)
    talk.closes()
    assert len(Run().capture("a.pcap", talk).found("capture_gap")) == count

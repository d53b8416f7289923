"""What captures on real networks taught: frames seen twice, recoveries that look out of order, path MTU discovery, ends that hang up."""

import pytest

from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.name_query import CapturedQuery
from runs.analysis.packets.schema import ACK, PSH, RST, SYN
from tests.kit import CLIENT, MS, SECOND, SERVER, T0, Run, Talk, english, timed_out, tried
from tests.rules.wire import Wire, wire


def seen_twice(talk: Wire, ip_id: int) -> Wire:
    """Each frame a second time 20 µs later, as `any` on a router shows it: one hop less."""
    talk.rows = [r._replace(ip_id=ip_id) for r in talk.rows]
    return talk.copies(0.02)


@pytest.mark.parametrize("ip_id", [77, 0])
def test_a_syn_that_any_shows_twice_is_sent_once(ip_id: int) -> None:
    talk = seen_twice(wire().put(True, SYN).waits(1).syn_again().waits(2).syn_again(), ip_id=ip_id)
    (found,) = Run().capture("any.pcap", talk, Talk(port=9, client_port=9, at_s=9).opens().closes()).found("syn_unanswered")
    assert ": 3 SYN in" in english(found.title)


def test_two_timers_that_run_out_together_are_two_syn_acks() -> None:
    talk = wire().put(True, SYN).put(False, SYN | ACK)
    for after in (1, 1, 2):
        talk.goes(after * 1000).put(True, SYN, 0, talk.next[True] - 1).syn_ack_again()
    talk.now += MS // 10 - talk.half
    talk.syn_ack_again()
    (found,) = Run().capture("a.pcap", talk).found("return_path_lost")
    assert "sent 5 times" in english(found.title)


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


def test_a_file_that_is_pushed_and_not_answered_is_no_attempt_that_stopped() -> None:
    talk = bulk(150).acked().closes()
    report = Run().capture("a.pcap", talk).report()
    assert report.verdict.outcome == "pass"
    assert not any(a.fault for a in report.attempts)


def test_who_hangs_up_is_not_said_to_be_silent() -> None:
    talk = Talk().opens().request().acked().waits(0.2).fin(client=False).ack().fin()
    (found,) = Run().capture("a.pcap", talk).found("response_missing")
    assert "closes it 220 ms after the request, without an answer" in english(found.title)


def test_a_close_before_the_request_has_no_wait_below_zero() -> None:
    talk = Talk().opens().fin(client=False).request().rst()
    (found,) = Run().capture("a.pcap", talk).found("response_missing")
    words = " ".join(english(t) for t in (found.title, *(s.text for s in found.statements)))
    assert "before the request is sent" in words
    assert "-" not in words.replace("8443", "")


def proxied(proxy: Talk, *behind: Talk) -> Run:
    for talk in (proxy, *behind):
        talk.rows = [r._replace(ttl=64) for r in talk.rows]
    return Run().capture("any.pcap", proxy, *behind)


def test_a_proxy_that_is_refused_behind_is_a_consequence() -> None:
    front = Talk(port=8080).opens().request().acked().waits(0.1).fin(client=False).ack().fin()
    back = Talk(server="172.17.0.2", port=80, client="172.17.0.1", client_port=4001, at_s=0.06, rtt_ms=1).syn().rst()
    report = proxied(front, back).report()
    root = next(f for f in report.findings if f.id == report.verdict.root)
    assert root.rule == "connection_refused"
    missing = next(f for f in report.findings if f.rule == "response_missing")
    assert missing.because == (root.id,)
    assert "172.17.0.2:80 in vain" in " ".join(english(s.text) for s in missing.statements)
    assert not [f for f in report.findings if f.rule == "segment_not_captured"]


def test_a_refusal_at_another_time_or_of_the_client_explains_nothing() -> None:
    front = Talk(port=8080).opens().request().acked().waits(0.1).fin(client=False).ack().fin()
    later = Talk(server="172.17.0.2", port=80, client="172.17.0.1", client_port=4001, at_s=3).syn().rst()
    other = Talk(server="172.17.0.2", port=80, client_port=4002, at_s=0.06, rtt_ms=1).syn().rst()
    for behind in (later, other):
        missing = next(f for f in proxied(front, behind).report().findings if f.rule == "response_missing")
        assert missing.because == ()


def test_a_request_of_which_nothing_arrives_is_the_path_s_fault() -> None:
    talk: Wire = wire()
    talk.opens()
    talk.data(True, 120)
    for wait in (0.2, 0.4, 0.8, 1.6, 3.2):
        talk.waits(wait).again(True, 120)  # type: ignore[attr-defined]
    report = Run().capture("a.pcap", talk).report()
    root = next(f for f in report.findings if f.id == report.verdict.root)
    assert root.rule == "retransmission_stall"


def too_late() -> Wire:
    talk: Wire = wire()
    talk.opens().request().acked().waits(5).fin().ack(client=False).waits(3)
    return talk.put(False, PSH | ACK, 300).put(True, RST)


def test_an_answer_after_the_client_left_is_slow_not_missing() -> None:
    run = Run().capture("a.pcap", too_late()).curl("curl.log", tried(), **timed_out(5.05))
    report = run.report()
    assert {f.rule for f in report.findings if f.outcome == "fail"} == {"response_slow", "http_timeout"}
    slow = next(f for f in report.findings if f.rule == "response_slow")
    assert slow.severity == "high"
    assert "The client had left 3." in " ".join(english(s.text) for s in slow.statements)
    (attempt,) = report.attempts
    assert next(p for p in attempt.phases if p.name == "first_byte").result == "failed"


@pytest.mark.parametrize(("code", "outcome"), [(56, "fail"), (0, "info")])
def test_a_reset_behind_all_acknowledged_data_is_a_fault_where_the_client_misses_some(code: int, outcome: str) -> None:
    talk = Talk().opens().request().acked().answer(20_000).waits(0.3).rst()
    log = {"status": 200, "status_line": 13, "request_bytes": 120, "request_line": 7, "phase": "complete", "scheme": "http"}
    run = Run().capture("a.pcap", talk).curl("curl.log", tried(), exit_code=code, error_line=20, **log)
    (found,) = run.found("connection_reset")
    assert found.outcome == outcome


def test_a_first_resolver_that_never_speaks_is_a_fault_although_the_next_answers() -> None:
    def asked(server: str, at_s: float, kind: str = "A", **fields: object) -> CapturedQuery:
        return CapturedQuery(
            name="web.example.net",
            record_type=kind,
            identifier=1,
            client=Endpoint(CLIENT, 4000),
            server=Endpoint(server, 53),
            query_frames=(1,),
            query_ns=T0 + int(at_s * SECOND),
            **fields,  # type: ignore[arg-type]
        )

    dead, answers = asked("192.0.2.53", 0), asked("192.0.2.54", 2, rcode="NOERROR", response_frame=3)
    too = asked("192.0.2.53", 0, "AAAA"), asked("192.0.2.54", 2, "AAAA", rcode="NOERROR", response_frame=4)
    run = Run().capture("a.pcap", Talk(at_s=9).opens())
    for found in run.add("a.pcap", dead, answers, *too).found("dns_failed"):
        assert (found.outcome, found.severity) == ("fail", "medium")
    spoke = asked("192.0.2.53", 5, rcode="NOERROR", response_frame=4)
    (found,) = Run().capture("a.pcap", Talk(at_s=9).opens()).add("a.pcap", dead, answers, spoke).found("dns_failed")
    assert found.outcome == "info"


def test_one_direction_of_a_sound_conversation_asks_for_no_icmp() -> None:
    talk = wire().opens().request().acked().answer().closes()
    (client,) = [talk.only(True)]
    assert Run().capture("a.pcap", client).found("capture_filter_too_narrow") == []

"""What captures of real networks taught: frames seen twice, ends that hang up, fronts and what lies behind, scans, clients that left."""

import pytest

from runs.analysis.facts.access import AccessGroup, AccessLog
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.http import HttpExchange
from runs.analysis.facts.name_query import CapturedQuery
from runs.analysis.facts.network import Route, RoutingTable
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.packets.schema import ACK, PSH, RST, SYN
from tests.kit import CLIENT, MS, SECOND, SERVER, T0, Run, Talk, answered, english, timed_out, tried
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


def test_a_file_that_is_pushed_and_not_answered_is_no_attempt_that_stopped() -> None:
    talk = Talk(asks=None).opens().request(100_000).acked().closes()
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


def test_a_scan_of_closed_ports_is_one_remark() -> None:
    talks = [Talk(port=port, client_port=4000 + port, at_s=port / 100).syn().rst() for port in range(1, 60)]
    report = Run().capture("a.pcap", *talks).report()
    assert [f.rule for f in report.findings if f.outcome == "fail"] == []
    assert report.verdict.outcome != "fail"
    (info,) = [f for f in report.findings if f.rule == "connection_refused"]
    assert "59 ends" in english(info.title)


def test_a_host_with_a_few_services_down_is_a_fault() -> None:
    talks = [Talk(port=port, client_port=4000 + port, at_s=port / 100).syn().rst() for port in range(1, 13)]
    assert len([f for f in Run().capture("a.pcap", *talks).found("connection_refused") if f.outcome == "fail"]) == 12


def test_a_traceroute_over_tcp_is_no_attempt() -> None:
    talk = wire().put(True, SYN, ttl=3).put(False, RST | ACK)
    report = Run().capture("a.pcap", talk).report()
    assert (report.attempts, [f for f in report.findings if f.outcome == "fail"]) == ((), [])


def test_a_slow_front_hangs_under_the_silent_end_behind_it() -> None:
    front = Talk(port=8080).opens().request().acked().waits(3).answer().closes()
    back = Talk(server="127.0.0.1", port=3001, client="127.0.0.1", client_port=4001, at_s=0.05, rtt_ms=1)
    back.opens().request().acked().waits(2.9).fin()
    report = proxied(front, back).report()
    slow = next(f for f in report.findings if f.rule == "response_slow")
    missing = next(f for f in report.findings if f.rule == "response_missing")
    assert slow.because == (missing.id,)
    assert report.verdict.root == missing.id


def socat_run() -> Run:
    """curl through a forwarder and directly; the captures stand in front of the forwarder and behind it."""
    front = (
        Talk(server="10.9.8.1", port=19443, rtt_ms=1)
        .opens()
        .request()
        .acked()
        .waits(7.009)
        .fin()
        .waits(0.5)
        .fin(client=False)
        .ack()
    )
    onward = Talk(port=8443, client="10.9.7.1", client_port=900, at_s=0.001, rtt_ms=1).opens().request().acked().waits(7.03).fin()
    direct = (
        Talk(port=8443, client_port=901, at_s=9, rtt_ms=1).opens().request().acked().waits(6.999).fin().waits(0.5).fin(client=False)
    )
    command = ShellCommand(text=f"socat TCP-LISTEN:19443,fork TCP:{SERVER}:8443", line=3)
    run = Run().capture("front.pcap", front).capture("behind.pcap", onward, direct).add("README.md", command)
    run.curl("via.log", tried("10.9.8.1", 19443), **timed_out(7.01))
    return run.curl("direct.log", tried(), **timed_out(7))


def test_curl_is_joined_until_it_leaves_though_the_server_lingers() -> None:
    report = socat_run().report()
    joined = {a.id.partition(":")[0]: a.conversations for a in report.attempts if not a.id.startswith(("front", "behind"))}
    assert joined == {"via.log": ("front.pcap#0",), "direct.log": ("behind.pcap#1",)}
    root = next(f for f in report.findings if f.id == report.verdict.root)
    assert (root.rule, root.subject["port"]) == ("response_missing", "8443")


@pytest.mark.parametrize(("target", "outcome"), [("/api/events?x=1", "info"), ("/longpoll", "info"), ("/report", "fail")])
def test_a_request_that_is_held_on_purpose_is_no_slow_server(target: str, outcome: str) -> None:
    talk = Talk().opens().request().acked().waits(12).answer().closes()
    asked = HttpExchange(conversation_row=0, conversation_stream=0, method="GET", target=target, request_frame=4, status=200)
    (found,) = Run().capture("a.pcap", talk).add("a.pcap", asked).found("response_slow")
    assert found.outcome == outcome


def test_the_answering_host_without_a_route_back_is_the_cause() -> None:
    talk = Talk().syn().waits(1).syn_again().waits(2).syn_again()
    route = Route(line=2, destination="198.51.100.0/24", device="eth0", source=SERVER)
    table = RoutingTable(version=4, routes=(route,), command="ip route")
    report = Run().capture("a.pcap", talk).add("routes.txt", table).report()
    root = next(f for f in report.findings if f.id == report.verdict.root)
    assert (root.rule, root.subject["destination"]) == ("route_missing", CLIENT)
    silent = next(f for f in report.findings if f.rule == "syn_unanswered")
    assert silent.because == (root.id,)


def test_a_404_that_nobody_of_the_run_asked_for_is_no_fault() -> None:
    group = AccessGroup(method="GET", target="/favicon.ico", status=404, count=1, lines=(7,))
    log = AccessLog(requests=9, statuses={"404": 1}, groups=(group,))
    (found,) = Run().add("access.log", log).found("http_error_status")
    assert found.outcome == "info"
    (found,) = (
        Run().add("access.log", log).curl("c.log", tried(), **answered(404), target="/favicon.ico").found("http_error_status")
    )
    assert found.outcome == "fail"


def test_a_log_without_any_failure_to_compare_stands_for_itself() -> None:
    run = Run(timezone=None).log("app.log", (0, "info", "start"), (5, "error", "disk full"), has_date=False)
    (found,) = run.found("log_errors")
    assert english(found.title) == "daemon logs 1 error line."


def test_a_client_that_repeats_its_syns_to_many_ends_is_cut_off_and_no_scanner() -> None:
    talks = [
        Talk(server=f"198.51.100.{n}", client_port=900 + n, at_s=n / 9).syn().waits(1).syn_again().waits(1) for n in range(1, 30)
    ]
    report = Run().capture("a.pcap", *talks).report()
    assert report.verdict.outcome == "fail"
    assert len([a for a in report.attempts if a.fault]) == 29

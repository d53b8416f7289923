"""`response_missing`: requests that are taken and never answered, and all that only looks like one."""

import pytest

from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import CaptureInterface
from runs.analysis.facts.notes import ShellCommand
from tests.kit import SERVER, SERVER6, Run, Talk, answered, english, places, timed_out, tried

RULE = "response_missing"


def silent(**ends: object) -> Talk:
    return Talk(**ends).opens().request().acked().waits(30)  # type: ignore[arg-type]


def test_fires_with_every_step_cited() -> None:
    talk = silent().keep_alive().waits(15).keep_alive().waits(2).fin().rst()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert (found.outcome, found.severity, found.confidence) == ("fail", "critical", "certain")
    assert found.subject == {"role": "responder", "family": "IPv4", "address": SERVER, "port": "8443"}
    assert [(english(s.text).split(" (")[0][:38], s.citations[0].frames) for s in found.statements] == [
        ("SYN+ACK comes 10 ms after SYN; the han", (1, 2, 3)),
        ("The request of 120 bytes is sent, and ", (4, 5)),
        ("After that 198.51.100.9:8443 sends 0 b", (4, 10)),
        ("The 4 frames in between are TCP keep-a", (6, 7, 8, 9)),
        ("47.06 s after the request the originat", (10,)),
        ("The responder answers the FIN with RST", (11,)),
    ]


def test_keep_alives_with_a_byte_of_garbage_are_no_request() -> None:
    talk = silent().keep_alive(client=True, length=1).waits(30).keep_alive(client=True, length=1).fin()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert "60" in english(found.title)


def test_the_text_of_a_capture_is_cited_by_line() -> None:
    (found,) = Run().capture("decode.txt", silent().fin(), text=True).found(RULE)
    assert places(found.statements) == {"decode.txt": ((), (3, 5, 7, 9, 11, 13))}
    assert found.confidence == "tentative"  # the text does not say whether a request was asked


def test_over_ipv6_beyond_loopback() -> None:
    (found,) = Run().capture("a.pcap", silent(server=SERVER6).fin()).found(RULE)
    assert found.subject["family"] == "IPv6"
    assert found.next_actions[0].command == "ss -tanp 'sport = :8443'"


def test_a_server_that_hangs_up_at_once_without_a_word() -> None:
    talk = Talk().opens().request().acked().fin(client=False).ack().fin()
    (found,) = Run().capture("a.pcap", talk).found(RULE)
    assert "the responder closes (FIN)" in " ".join(english(s.text) for s in found.statements)


def test_the_wait_lasts_until_the_capture_ends_not_until_the_last_frame_of_the_conversation() -> None:
    other = Talk(port=9, client_port=50_000, at_s=60).opens().request().answer().closes()
    (found,) = Run().capture("a.pcap", Talk().opens().request().acked(), other).found(RULE)
    assert found.confidence == "firm"
    assert "60." in english(found.title)


def test_part_of_the_request_unacknowledged_is_said() -> None:
    (found,) = Run().capture("a.pcap", Talk().opens().request(100).acked().request(900).waits(20).fin()).found(RULE)
    assert "acknowledges 100 of 1,000 bytes" in english(found.title)


def test_dropped_packets_make_it_tentative() -> None:
    lossy = CaptureInterface(linktype=1, snaplen=0, dropped_count=7)
    (found,) = Run().capture("a.pcap", silent().fin(), interfaces=(lossy,)).found(RULE)
    assert found.confidence == "tentative"


def test_hundreds_of_silent_requests_are_one_finding() -> None:
    talks = [silent(client_port=2000 + n, at_s=n / 50).fin() for n in range(250)]
    (found,) = Run().capture("a.pcap", *talks).found(RULE)
    assert len(found.statements) < 20
    assert any("247 more requests" in english(s.text) for s in found.statements)


def test_some_answered_some_not_is_high_and_says_how_many() -> None:
    good = Talk(client_port=50_000).opens().request().answer().closes()
    run = Run().capture("a.pcap", good, silent(at_s=3).fin())
    (found,) = run.found(RULE)
    assert found.severity == "high"
    assert "1 of 2 conversations" in english(found.statements[-1].text)
    assert places(run.excluded(RULE)) == {"a.pcap": ((4, 5), ())}


def test_the_log_alone_is_firm_and_cites_its_line() -> None:
    (found,) = Run().curl("curl.log", tried(), **timed_out(12, line=21)).found(RULE)
    assert (found.confidence, places(found.statements)) == ("firm", {"curl.log": ((), (21,))})


def test_each_of_several_transfers_in_one_log_is_itself() -> None:
    run = Run().curl("curl.log", tried(line=3), **timed_out(12, line=9)).curl("curl.log", tried(line=33), **answered(line=43))
    (found,) = run.found(RULE)
    assert places(found.statements) == {"curl.log": ((), (9,))}


def test_log_and_conversation_are_joined() -> None:
    run = Run().capture("a.pcap", silent().fin().rst()).curl("curl.log", tried(), **timed_out(30.03, line=21))
    (found,) = run.found(RULE)
    assert places(found.statements)["curl.log"] == ((), (21,))


@pytest.mark.parametrize(
    "talk",
    [
        Talk().opens().request().answer().closes(),
        Talk().opens().request().acked().waits(40).answer().closes(),  # late, but it came
        Talk().opens().request(100_000).acked().waits(2).request(100_000).acked().closes(),  # an upload without HTTP, see below
        Talk(asks=None).opens().request(9_000).acked().waits(2).closes(),  # a log shipper
        Talk(asks=None).opens().request(90_000).acked().waits(60).closes(),  # a file through nc
        Talk().opens().request().acked().waits(0.2).fin().rst(),  # a client that changed its mind
        Talk().opens().waits(60).closes(),  # a connection opened in advance
        Talk().syn().waits(1).syn_again().waits(2).syn_again(),  # never connected
        Talk().syn().rst(),
    ],
    ids=["answered", "late", "upload", "shipper", "nc", "cancelled", "idle", "unanswered SYN", "refused"],
)
def test_silent(talk: Talk) -> None:
    if talk.rows[3:] and talk.rows[3].payload_length == 100_000:
        talk.asks = None
    assert Run().capture("a.pcap", talk).found(RULE) == []


def test_a_capture_that_ends_early_is_not_evaluable() -> None:
    (unknown,) = Run().capture("a.pcap", Talk().opens().request().acked().waits(3).keep_alive()).unknown(RULE)
    assert "ends 3.03 s after the request" in english(unknown.missing[0])
    assert unknown.collect
    assert unknown.citations == (Citation("a.pcap", frames=(4, 7)),)


def test_an_answer_that_the_capture_missed_is_not_evaluable() -> None:
    talk = Talk().opens().request().acked()
    talk.next[False] += 700  # the answer, never captured
    (unknown,) = Run().capture("a.pcap", talk.ack().waits(9).ack().fin()).unknown(RULE)
    assert "does not hold" in english(unknown.missing[0])


def test_without_any_traffic_or_log_it_names_both() -> None:
    (unknown,) = Run().add("note.md").unknown(RULE)
    assert "curl" in english(unknown.missing[0])
    assert unknown.collect
    assert unknown.collect.startswith("sudo tcpdump")


def test_a_forwarder_before_a_silent_service_is_left_to_its_own_rule() -> None:
    run = Run().capture("a.pcap", silent(port=8443).fin(), silent(port=7777, client_port=50_001).fin())
    run.add("README.md", ShellCommand(text=f"socat TCP-LISTEN:7777,fork TCP:{SERVER}:8443", line=9))
    assert [f.subject["port"] for f in run.found(RULE)] == ["8443"]

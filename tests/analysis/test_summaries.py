"""The machine's line of each file: what it says, of what it must speak, and of what it may not."""

import pytest

from runs.analysis.facts.access import AccessGroup, AccessLog
from runs.analysis.facts.capture import CaptureInterface
from runs.analysis.messages import render
from tests.analysis.bundles import NAMES, judged, parsed
from tests.kit import SERVER6, Run, Talk, answered, timed_out, tried


def lines(run: Run) -> dict[str, str]:
    return {f.path: " ".join(render(s.text) for s in f.summary).replace("\xa0", " ") for f in run.report().files}


@pytest.mark.parametrize("name", NAMES)
def test_every_recognised_file_has_its_line(name: str) -> None:
    _, found = judged(name, parsed(name))
    assert not [f["path"] for f in found["files"] if f["kind"] != "unrecognised" and not f["summary"]]


def test_captures() -> None:
    run = Run().capture("ok.pcap", Talk().opens().request().answer().closes())
    run.capture("silent.pcap", Talk(client_port=1).opens().request().acked().waits(9).fin())
    run.capture("refused.pcap", Talk(SERVER6).syn().rst()).capture("empty.pcap")
    run.capture("cut.pcap", Talk(client_port=2).syn(), truncated_count=1)
    told = lines(run)
    assert told["ok.pcap"].startswith("9 frames, 1 conversation. 198.51.100.9:8443: request of 120 bytes, 300 bytes back.")
    assert "handshake and request of 120 bytes, 0 bytes back" in told["silent.pcap"]
    assert "refused (RST)" in told["refused.pcap"]
    assert told["empty.pcap"] == "No frame."
    assert "cut by the snapshot length" in told["cut.pcap"]


def test_many_conversations_are_counted() -> None:
    talks = [Talk(client_port=1000 + n).opens().request().answer().closes() for n in range(9)]
    assert "9 TCP conversations with 1 responders; 9 got data back" in lines(Run().capture("a.pcap", *talks))["a.pcap"]


def test_a_text_of_a_capture_is_not_counted_twice() -> None:
    talk = Talk().opens().request().answer().closes()
    told = lines(Run().capture("a.pcap", talk).capture("a.txt", talk, text=True))
    assert told["a.txt"] == "All 9 packets equal frames of a.pcap; not counted twice."


def test_curl_logs() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().acked().waits(9).fin())
    run.curl("c.log", tried(SERVER6, error="Connection refused"), tried(line=7), **timed_out(9))
    run.curl("ok.log", tried("203.0.113.7", 80), **answered(body=180))
    told = lines(run)
    assert told["c.log"] == f"[{SERVER6}]:8443 refused. (28) timed out after 9 s, 0 bytes. Joined to a.pcap#0."
    assert told["ok.log"] == "HTTP 200, 180 bytes. Not in any capture."


def test_statistics_speak_of_their_capture() -> None:
    loopback = (CaptureInterface(linktype=0, snaplen=0),)
    talk = Talk().opens().request().answer().closes()
    run = Run().capture("lo.pcap", talk, interfaces=loopback).statistics("lo.log", 9, received=18)
    assert lines(run)["lo.log"] == "Captured 9 = 9 frames in lo.pcap. 0 dropped. Received 18: loopback counts each packet twice."


def test_a_log_that_begins_late_says_so() -> None:
    run = Run().capture("a.pcap", Talk().opens().request().acked().waits(30).fin()).log("d.log", (20, "info", "up"))
    assert "after the first failure" in lines(run)["d.log"]


def test_access_logs_count_by_status_and_cite_what_failed() -> None:
    ok = AccessGroup(method="GET", target="/", status=200, count=8, lines=(1, 2))
    bad = AccessGroup(method="GET", target="/x", status=502, count=2, lines=(5, 9))
    run = Run().add("access.log", AccessLog(requests=10, statuses={"502": 2, "200": 8}, groups=(bad, ok)), kind="nginx_access")
    assert lines(run)["access.log"] == "10 requests: 8 × 200, 2 × 502."
    (file,) = run.report().files
    assert file.summary[0].citations[0].lines == (5, 9)

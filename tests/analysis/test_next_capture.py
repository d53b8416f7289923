"""The next capture: what it watches and why, by what the evidence lacks; and the script, run by a real shell with stand-ins for its tools."""

import os
import shlex
import subprocess
from datetime import UTC
from pathlib import Path

import msgspec
import pytest

from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.container import Container, PublishedPort
from runs.analysis.facts.joined import Forwarder
from runs.analysis.judge import build_report
from runs.analysis.messages import LANGUAGES
from runs.analysis.next_capture.script import script_name, to_script
from runs.analysis.report import CapturePlace, NextCapture
from tests.analysis.bundles import BROKEN, EVERY, HEALTHY, judged, parsed
from tests.kit import Run, Talk, english, timed_out, tried


def plan_of(run: Run) -> NextCapture:
    plan = run.report().next_capture
    assert plan is not None
    return plan


def place(plan: NextCapture, id: str) -> CapturePlace:
    return next(p for p in plan.places if p.id == id)


def whys(one: CapturePlace, step: str = "capture") -> str:
    return " ".join(english(s.text) for line in one.lines if line.step == step for s in line.why)


def command(one: CapturePlace, step: str = "capture") -> str:
    return next(line.command for line in one.lines if line.step == step)


def unanswered() -> Run:
    talk = Talk().opens().request().acked().waits(30).fin()
    return Run().capture("a.pcap", talk).curl("c.log", tried(), **timed_out(30), url="https://shop.example:8443/cart?id=7")


def test_both_ends_and_the_request_again() -> None:
    plan = plan_of(unanswered())
    assert [p.id for p in plan.places] == ["client", "responder"]
    client = place(plan, "client")
    assert "'((host 198.51.100.9) and (port 8443)) or icmp or icmp6'" in command(client)
    assert shlex.split(command(client, "request"))[-1] == "https://shop.example:8443/cart?id=7"
    assert "-4" in shlex.split(command(client, "request"))
    assert "port 8443 or icmp or icmp6" in command(place(plan, "responder"))


def test_a_healthy_run_and_one_without_an_end_have_none() -> None:
    healthy = Run().capture("a.pcap", Talk().opens().request().acked().answer(400).fin())
    assert healthy.report().next_capture is None
    assert Run().log("d.log", (0, "error", "it broke")).report().next_capture is None


def test_cut_frames_and_lost_ones_are_the_reason_for_options() -> None:
    talk = Talk().opens().request().acked().waits(30).fin()
    run = Run().capture("a.pcap", talk, truncated_count=4).statistics("t.log", 6, dropped=3)
    client = place(plan_of(run), "client")
    assert "frames of a.pcap are cut" in whys(client)
    assert "-B 16384" in command(client)
    assert "the kernel dropped 3 packets" in whys(client)
    assert "-B" not in command(place(plan_of(unanswered()), "client"))


def test_behind_a_local_port_is_the_container_it_is_published_from() -> None:
    talk = Talk("127.0.0.1", 9080, client="127.0.0.1").opens().request().acked().waits(30).fin()
    run = Run().capture("a.pcap", talk)
    behind = place(plan_of(run), "behind")
    assert "(tcp and not port 22) or icmp or icmp6" in command(behind)
    published = PublishedPort(host_address="0.0.0.0", host_port=9080, container_port=8080, protocol="tcp", line=3)
    run.add("ps.txt", Container(name="web'; reboot; '", ports=(published,)), kind="docker_ps")
    behind = place(plan_of(run), "behind")
    assert command(behind).startswith("nsenter -t ")
    assert "port 8080 or icmp or icmp6" in command(behind)
    assert subprocess.run(["sh", "-n", "-c", command(behind)], check=False).returncode == 0
    assert shlex.quote("web'; reboot; '") in command(behind)


def test_behind_a_forwarder_is_where_it_leads() -> None:
    talk = Talk("127.0.0.1", 19080, client="127.0.0.1").opens().request().acked().waits(30).fin()
    led = Forwarder(
        file="notes.md",
        program="socat",
        listen=Endpoint("*", 19080),
        target=Endpoint("172.18.0.2", 8080),
        citation=Citation("notes.md", lines=(4,)),
        command="socat TCP-LISTEN:19080 TCP:172.18.0.2:8080",
    )
    run = Run().capture("a.pcap", talk)
    case = run.case()
    case.add([led])
    plan = build_report(case, {}).next_capture
    assert plan is not None
    assert "port 8080 or icmp or icmp6" in command(place(plan, "behind"))
    assert place(plan, "behind").lines[-1].why[0].citations == (led.citation,)


def test_a_name_is_resolved_again_where_no_resolution_was_seen() -> None:
    run = unanswered()
    run.facts[-1] = msgspec.structs.replace(run.facts[-1], host_name="shop.example")
    client = place(plan_of(run), "client")
    assert "or port 53" in command(client)
    assert "dig shop.example A; dig shop.example AAAA" in [line.command for line in client.lines]


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://bob:hunter2@shop.example/a", "https://shop.example/a"),
        ("https://shop.example/a?token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2ln", "https://shop.example/a"),
        ("https://shop.example/$(touch pwned)`id`", "https://shop.example/$(touch pwned)`id`"),
        ("file:///etc/passwd", None),
        ("https://[::1/x", None),
        ("https://a b/x", None),
        ("https://shop.example/a\nreboot", "https://shop.example/areboot"),
    ],
)
def test_a_url_of_the_evidence_brings_no_secret_and_no_command(url: str, sent: str | None) -> None:
    talk = Talk().opens().request().acked().waits(30).fin()
    run = Run().capture("a.pcap", talk).curl("c.log", tried(), **timed_out(30), url=url)
    words = shlex.split(command(place(plan_of(run), "client"), "request"))
    assert words[-1] == sent if sent else words[0] == "nc"


STAND_IN = """#!/bin/sh
echo "${{0##*/}} $*" >> {calls}
case ${{0##*/}} in tcpdump) trap 'exit 0' INT TERM; i=0; while [ $i -lt 100 ]; do /bin/sleep 0.05; i=$((i + 1)); done ;; esac
case ${{0##*/}} in sleep) /bin/sleep 0.4 ;; esac
exit 0
"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_script_runs_in_order_and_does_nothing_else(tmp_path: Path, lang: str) -> None:
    talk = Talk().opens().request().acked().waits(30).fin()
    url = "https://shop.example:8443/$(touch pwned)'`touch pwned`"
    run = Run("x'\n$(touch pwned)\n#").capture("a.pcap", talk).curl("b'\n$(touch pwned)", tried(), **timed_out(30), url=url)
    script = to_script(plan_of(run), run.name, lang, UTC)
    tools, calls = tmp_path / "bin", tmp_path / "calls"
    tools.mkdir()
    for tool in ("tcpdump", "curl", "traceroute", "ip", "ss", "iptables-save", "sleep", "chronyc", "dig", "nft", "pfctl"):
        (tools / tool).write_text(STAND_IN.format(calls=calls))
        (tools / tool).chmod(0o755)
    (tmp_path / "s.sh").write_text(script)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "s.sh", "client"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    folder = tmp_path / done.stdout.strip()
    called = [line.split()[0] for line in calls.read_text().splitlines()]
    assert called.index("tcpdump") < called.index("curl")
    assert url in calls.read_text()
    assert not list(tmp_path.rglob("pwned"))
    assert {"request_1_ipv4.log", "client_clock.txt", "client.pcap.log"} <= {p.name for p in folder.iterdir()}
    wrong = subprocess.run(["sh", "s.sh", "else"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "client|responder" in wrong.stderr


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", sorted(EVERY))
def test_every_bundles_script_is_one(name: str, lang: str) -> None:
    report, _ = judged(name, parsed(name))
    assert (report.next_capture is None) == (report.verdict.outcome == "pass") or name not in (BROKEN, HEALTHY)
    if report.next_capture is not None:
        script = to_script(report.next_capture, report.run_id, lang, UTC)
        assert subprocess.run(["sh", "-n"], input=script.encode(), check=False).returncode == 0
        assert script.count("\ncase $PLACE in\n") == 1
        for one in report.next_capture.places:
            assert [line for line in one.lines if line.step == "capture"]
            assert all(line.why for line in one.lines)


def test_a_name_is_harmless() -> None:
    assert script_name("../../etc/passwd\n") == "capture-etc-passwd.sh"
    assert script_name("…") == "capture-run.sh"

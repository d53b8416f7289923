"""A report made by hand, with every part that the run page can show: it does not depend on which rules exist."""

import msgspec

from runs.analysis.facts.attempt import PHASES, Phase
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.messages import Text, message, plain
from runs.analysis.registry import Problem
from runs.analysis.report import (
    Action,
    AttemptRow,
    Check,
    ClaimRow,
    FileReport,
    Finding,
    PlannedAction,
    Report,
    RoleEndpoint,
    Statement,
    Verdict,
    Window,
)
from runs.models import Blob, EvidenceFile, Run, RunReport, Team
from runs.services import checklist, findings

PCAP, LOG, README = "capture/lo0_9080.pcap", "curl_ipv4.log", "README.md"
START_NS = 1_795_164_619_325_000_000  # 2026-11-20 17:50:19.325 JST
TITLE = message("sample.title", en="{who} never answers", ja="{who} は応答しない")
WAITED = message("sample.waited", en="waited {time:duration}", ja="{time:duration} 待機")


def frames(*numbers: int) -> Citation:
    return Citation(PCAP, frames=numbers)


def lines(*numbers: int) -> Citation:
    return Citation(LOG, lines=numbers)


def finding(id: str = "F1", title: Text | None = None, **changes: object) -> Finding:
    """A finding; `changes` are fields of it."""
    made = Finding(
        id=id,
        rule="response_missing",
        domain="application",
        outcome="fail",
        severity="critical",
        confidence="certain",
        title=title or TITLE(who="127.0.0.1:9080"),
        statements=(
            Statement(plain("The handshake takes 20 µs."), (frames(1, 2, 3),)),
            Statement(plain("curl says the same."), (lines(13),)),
        ),
        subject={"responder": "127.0.0.1:9080"},
        fingerprint=f"7c1e4b90a2d3{id.lower():0>20}",
        endpoints=(RoleEndpoint("responder", Endpoint("127.0.0.1", 9080)),),
        because=(),
        refuted_by=plain("A single frame after #5 with payload from the server."),
        next_actions=(Action(plain("See which process listens."), "sudo lsof -nP -iTCP:9080 -sTCP:LISTEN"),),
        topics=("tcp", "http"),
    )
    return msgspec.structs.replace(made, **changes)


def attempt(fault: bool = True) -> AttemptRow:
    """An attempt that stops at the first byte and ends with a reset."""
    results = dict.fromkeys(PHASES, "ok") | {"first_byte": "failed", "complete": "not_reached", "close": "failed"}
    values = {"request": plain("116 B"), "first_byte": plain("0 B"), "close": plain("RST")}
    phases = tuple(
        Phase(
            name=name,
            result=result,  # type: ignore[arg-type]
            at_ns=START_NS,
            value=values.get(name),
            note=WAITED(time=120_000_800_000) if name == "first_byte" else None,
            citations=(frames(6, 7, 8), lines(13)) if result != "not_reached" else (),
        )
        for name, result in results.items()
    )
    return AttemptRow(
        id="A1",
        label=plain("IPv4 127.0.0.1:9080"),
        note=plain("17:50:19.325 · curl --max-time 120"),
        address="127.0.0.1",
        port=9080,
        name="localhost",
        phases=phases,
        conversations=(),
        at_ns=START_NS,
        fault=fault,
    )


def verdict(**changes: object) -> Verdict:
    made = Verdict(
        outcome="fail",
        title=TITLE(who="localhost:9080"),
        severity="critical",
        confidence="certain",
        domain="application",
        root="F1",
        statements=(Statement(plain("The GET of 116 bytes is acknowledged 4 µs later."), (frames(4, 5),)),),
        excluded=(Statement(plain("No pf rule blocks 9080"), (lines(5, 6),)),),
        undecided=(Statement(plain("Whether it stops in the forwarder or behind it")),),
    )
    return msgspec.structs.replace(made, **changes)


CHECKS = (
    Check(rule="response_missing", outcome="fail", statements=(Statement(TITLE(who="127.0.0.1:9080"), (frames(22),)),)),
    Check(rule="capture_dropped_packets", outcome="pass", statements=(Statement(plain("0 dropped."), (lines(4),)),)),
    Check(rule="connection_refused", outcome="info", statements=(Statement(plain("[::1] refused."), (frames(1, 2),)),)),
    Check(rule="log_errors", outcome="not_evaluable", missing=(plain("No log of the time."),), collect="log show --last 1h"),
    Check(rule="retransmission_stall", outcome="crashed", missing=(plain("KeyError"),)),
)


def files() -> tuple[FileReport, ...]:
    """A capture, a log, a README, and one of each state that is not 'parsed'."""
    window = Window(START_NS, START_NS + 131_319_000_000)
    common = {"size_bytes": 2_588, "sha256": "0" * 64}
    return (
        FileReport(path=README, kind="markdown", state="parsed", counts={"lines": 29}, **common),  # type: ignore[arg-type]
        FileReport(
            path=PCAP,
            kind="capture",
            state="parsed",
            window=window,
            counts={"frames": 30},
            summary=(Statement(plain("2 conversations, 0 bytes back."), (frames(*range(1, 24)),)),),
            command="sudo tcpdump -i lo0 port 9080 -w lo0_9080.pcap",
            noted="握手と GET 送信までは成立。",
            noted_at=Citation(README, lines=(13,)),
            **common,  # type: ignore[arg-type]
        ),
        FileReport(path=LOG, kind="curl_log", state="parsed", noted_time="17:50:19 - 17:52:19", counts={"lines": 13}, **common),  # type: ignore[arg-type]
        FileReport(
            path="cut.pcap",
            kind="capture",
            state="partial",
            counts={"frames": 9},
            problems=(Problem(plain("The file ends inside record 10."), frame=9, offset=1184, lost=True),),
            **common,  # type: ignore[arg-type]
        ),
        FileReport(path="what.bin", kind="unrecognised", state="unrecognised", **common),  # type: ignore[arg-type]
        FileReport(path="broken.log", kind="unrecognised", state="failed", problems=(Problem(plain("KeyError: 3")),), **common),  # type: ignore[arg-type]
        FileReport(path="../evil", kind="unrecognised", state="refused", problems=(Problem(plain("leaves the folder")),), **common),  # type: ignore[arg-type]
    )


def report(**changes: object) -> Report:
    """The sample; `changes` are fields of the Report."""
    consequence = finding("F2", plain("curl gave up four times"), severity="medium", rule="http_timeout", because=("F1",))
    made = Report(
        run_id="20261120Tsample",
        title="Sample",
        purpose="localhost:9080 に接続しても応答が来ない件の切り分け。",
        purpose_at=Citation(README, lines=(4,)),
        timezone="Asia/Tokyo",
        timezone_source="stated",
        window=Window(START_NS, START_NS + 227_000_000_000),
        verdict=verdict(),
        files=files(),
        attempts=(attempt(), attempt(fault=False)),
        findings=(finding(), consequence, finding("F3", severity="info", confidence="tentative")),
        checks=CHECKS,
        claims=(ClaimRow(file=README, line=20, text="IPv6 でも同じ", verdict="supported", citations=(frames(24, 25),)),),
        actions=(PlannedAction(README, 28, "再起動後に同じ採取を行う", done=True), PlannedAction(README, 29, "helper で迂回")),
    )
    return msgspec.structs.replace(made, **changes)


def run_with(team: Team, made: Report, label: str = "20261120Tsample") -> Run:
    """A concluded run that shows this report; its files are there unless they were refused."""
    v = made.verdict
    run = Run.objects.create(
        team=team,
        label=label,
        state="concluded",
        purpose=made.purpose or "",
        verdict_outcome=v.outcome,
        verdict_severity=v.severity,
        verdict=v.title,
        finding_count=len(made.findings),
        file_count=len(made.files),
        frame_count=made.frame_count,
    )
    blob, _ = Blob.objects.get_or_create(sha256="a" * 64, defaults={"size_bytes": 1, "stored_at": run.created_at})
    for position, file in enumerate(made.files):
        kept = None if file.state == "refused" else blob
        EvidenceFile.objects.create(run=run, path=file.path, position=position, blob=kept, state=file.state, size_bytes=1)
    RunReport.objects.create(run=run, revision=0, body=msgspec.json.encode(made))
    findings.reconcile(run, made, 0)
    checklist.propose(run, made)
    return run

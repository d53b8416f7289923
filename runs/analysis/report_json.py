"""The report as the JSON object that `analyse` prints and the API serves: docs/report-schema.md has its keys."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from runs.analysis.facts.attempt import Phase
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.clock import zone_of
from runs.analysis.facts.conversation import Conversation, TcpRemarks
from runs.analysis.messages import Text, render
from runs.analysis.next_capture.script import script_name, to_script
from runs.analysis.registry import Problem
from runs.analysis.report import Check, FileReport, Finding, Report, RoleEndpoint, Statement, Window

SCHEMA = 1
Json = dict[str, Any]


def to_json(report: Report, conversations: Iterable[Conversation], lang: str = "en") -> bytes:
    """The JSON object, UTF-8, indented by one space."""
    made = _object(report, lang) | {"conversations": [_listed(c) for c in conversations]}
    return msgspec.json.format(msgspec.json.encode(made), indent=1)


def _object(report: Report, lang: str) -> Json:
    """All of it but the conversations."""
    words = _Words(lang, report.timezone)
    verdict = report.verdict
    return {
        "schema": SCHEMA,
        "run_id": report.run_id,
        "title": report.title,
        "purpose": report.purpose,
        "timezone": report.timezone,
        "timezone_source": report.timezone_source,
        "window": _window(report.window),
        "verdict": {
            "outcome": verdict.outcome,
            "title": words(verdict.title),
            "severity": verdict.severity,
            "domain": verdict.domain,
            "confidence": verdict.confidence,
            "root": verdict.root,
            "statements": words.statements(verdict.statements),
            "excluded": words.statements(verdict.excluded),
            "undecided": words.statements(verdict.undecided),
        },
        "files": [_file(f, words) for f in report.files],
        "conversations": [],  # in its place among the keys
        "attempts": [
            {
                "id": a.id,
                "label": words(a.label),
                "target": {"address": a.address, "port": a.port, "name": a.name},
                "phases": [_phase(p, words) for p in a.phases],
                "conversations": list(a.conversations),
            }
            for a in report.attempts
        ],
        "findings": [_finding(f, words) for f in report.findings],
        "checks": [_check(c, words) for c in report.checks],
        "claims": [
            {
                "file": c.file,
                "line": c.line,
                "text": c.text,
                "stated": c.stated,
                "verdict": c.verdict,
                "citations": _citations(c.citations),
            }
            for c in report.claims
        ],
        "hypotheses": [
            {
                "file": h.file,
                "line": h.line,
                "text": h.text,
                "causes": [words(c) for c in h.causes],
                "standing": h.standing,
                "for": words.statements(h.pro),
                "against": words.statements(h.con),
                "missing": [words(m) for m in h.missing],
                "collect": h.collect,
            }
            for h in report.hypotheses
        ],
        "problems": [words(p) for p in report.problems],
        "actions": [{"file": a.file, "line": a.line, "text": a.text, "done": a.done} for a in report.actions],
        "next_capture": _next_capture(report, words),
    }


class _Words:
    """Renders in one language and zone."""

    def __init__(self, lang: str, zone: str) -> None:
        self.lang, self.zone = lang, zone_of(zone)

    def __call__(self, text: Text) -> str:
        return render(text, self.lang, self.zone)

    def statements(self, statements: Sequence[Statement]) -> list[Json]:
        return [
            {
                "message": {"id": s.text.id, "params": s.text.params},
                "text": self(s.text),
                "citations": _citations(s.citations),
            }
            for s in statements
        ]

    def joined(self, statements: Sequence[Statement]) -> str:
        return ("" if self.lang == "ja" else " ").join(self(s.text) for s in statements)


def rfc3339(ns: int) -> str | None:
    """A time in UTC with nanoseconds where it has them; None outside the years 1–9999."""
    second, rest = divmod(ns, 1_000_000_000)
    whole = _whole_second(second)
    if whole is None:
        return None
    return whole + f".{rest:09d}".rstrip("0") + "Z" if rest else whole + "Z"


@lru_cache(10_000)
def _whole_second(second: int) -> str | None:
    """Date and time of a second since 1970; many conversations begin in the same one."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError:
        return None


def _window(window: Window | None) -> Json | None:
    return {"start": rfc3339(window.start_ns), "end": rfc3339(window.end_ns)} if window else None


def _citations(citations: Sequence[Citation]) -> list[Json]:
    """A citation names frames or lines; one with both becomes two, one with neither is the file as a whole."""
    made: list[Json] = []
    for c in citations:
        if c.frames:
            made.append({"file": c.file, "frames": list(c.frames)})
        if c.lines or not c.frames:
            made.append({"file": c.file, "lines": list(c.lines)})
    return made


def _endpoint(endpoint: Endpoint) -> Json:
    return {"address": endpoint.address, "port": endpoint.port}


def _process(one: RoleEndpoint) -> Json:
    """The process that holds the endpoint, where the evidence names one."""
    return {"process": one.process.process, "pid": one.process.pid} if one.process else {}


def _problem(problem: Problem, words: _Words) -> Json:
    return {"message": words(problem.message), "frame": problem.frame, "line": problem.line, "offset": problem.offset}


def _file(file: FileReport, words: _Words) -> Json:
    return {
        "path": file.path,
        "kind": file.kind,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "state": file.state,
        "encoding": file.encoding,
        "window": _window(file.window),
        "clock": {"zone": file.clock.zone, "source": file.clock.source, "offset_ns": file.clock.offset_ns} if file.clock else None,
        "summary": words.joined(file.summary),
        "noted": file.noted,
        "command": file.command,
        "counts": file.counts,
        "segments": [{"kind": s.kind, "host": s.host, "command": s.command, "lines": list(s.lines)} for s in file.segments],
        "problems": [_problem(p, words) for p in file.problems],
    }


class _Listed(msgspec.Struct):
    """A conversation's object. A struct, since there are many of them: dictionaries take three times as long."""

    id: str
    file: str
    stream: int
    protocol: str
    originator: Endpoint
    responder: Endpoint
    first_frame: int
    last_frame: int
    start: str | None
    duration_ns: int
    conn_state: str
    history: str
    completeness: int
    initial_rtt_ns: int | None
    frames: tuple[int, int]
    payload_bytes: tuple[int, int]
    tcp: TcpRemarks
    closed_by: str | None
    close: str | None
    outer: str | None


def _listed(c: Conversation) -> _Listed:
    return _Listed(
        c.id, c.file, c.stream, c.protocol, c.originator, c.responder, c.first_frame, c.last_frame, rfc3339(c.start_ns),
        c.duration_ns, c.conn_state, c.history, c.completeness, c.initial_rtt_ns, c.frames, c.payload_bytes, c.tcp, c.closed_by,
        c.close, c.outer,
    )  # fmt: skip


def _next_capture(report: Report, words: _Words) -> Json | None:
    plan = report.next_capture
    if plan is None:
        return None
    return {
        "name": script_name(report.run_id),
        "seconds": plan.seconds,
        "why": words.statements(plan.why),
        "places": [
            {
                "id": place.id,
                "title": words(place.title),
                "lines": [
                    {"step": one.step, "why": words.statements(one.why), "command": one.command, "file": one.file}
                    for one in place.lines
                ],
            }
            for place in plan.places
        ],
        "script": to_script(plan, report.run_id, words.lang, words.zone),
    }


def _phase(phase: Phase, words: _Words) -> Json:
    return {
        "name": phase.name,
        "result": phase.result,
        "at": rfc3339(phase.at_ns) if phase.at_ns is not None else None,
        "duration_ns": phase.duration_ns,
        "citations": _citations(phase.citations),
    }


def _finding(finding: Finding, words: _Words) -> Json:
    return {
        "id": finding.id,
        "rule": finding.rule,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "domain": finding.domain,
        "title": words(finding.title),
        "explanation": words.joined(finding.statements),
        "statements": words.statements(finding.statements),
        "subject": finding.subject,
        "fingerprint": finding.fingerprint,
        "endpoints": [{"role": e.role, **_endpoint(e.endpoint), **_process(e)} for e in finding.endpoints],
        "because": list(finding.because),
        "refuted_by": words(finding.refuted_by),
        "next_actions": [{"text": words(a.text), "command": a.command} for a in finding.next_actions],
        "runbook_topics": list(finding.topics),
        "citations": _citations(finding.citations),
    }


def _check(check: Check, words: _Words) -> Json:
    return {
        "rule": check.rule,
        "outcome": check.outcome,
        "statements": words.statements(check.statements),
        "missing": [words(m) for m in check.missing],
        "citations": _citations(check.citations),
        "collect": check.collect,
    }

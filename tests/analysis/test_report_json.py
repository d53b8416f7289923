"""The report's JSON object: its keys and types, as docs/report-schema.md has them."""

import re
from typing import Any

import pytest

from runs.analysis.facts.conversation import TcpRemarks
from runs.analysis.messages import LANGUAGES
from runs.analysis.report_json import rfc3339, to_json
from tests.analysis.bundles import NAMES, judged, parsed
from tests.kit import Run, Talk, timed_out, tried

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
OUTCOMES = ("fail", "pass", "info", "not_evaluable", "crashed")
SEVERITIES = ("critical", "high", "medium", "low", "info")
CONFIDENCES = ("certain", "firm", "tentative")
text, number, hexadecimal = str, int, re.compile(r"[0-9a-f]{32,64}")


class Maybe:
    """The same, or null."""

    def __init__(self, form: Any) -> None:
        self.form = form


class Each:
    """A list or a dictionary of these."""

    def __init__(self, form: Any) -> None:
        self.form = form


WINDOW = Maybe({"start": TIME, "end": TIME})
CITATION = "citation"
STEPS = ("before", "capture", "request", "after")
ENDPOINT = {"address": text, "port": Maybe(number)}
STATEMENT = {"message": {"id": text, "params": "anything"}, "text": text, "citations": Each(CITATION)}
FILE = {
    "path": text, "kind": text, "size_bytes": number, "sha256": hexadecimal, "encoding": Maybe(text), "window": WINDOW,
    "state": ("parsed", "partial", "unrecognised", "failed", "refused"), "summary": text, "noted": Maybe(text), "command": Maybe(text),
    "clock": Maybe({"zone": text, "source": ("stated", "assumed"), "offset_ns": Maybe(number)}), "counts": Each(number),
    "segments": Each({"kind": text, "host": Maybe(text), "command": Maybe(text), "lines": Each(number)}),
    "problems": Each({"message": text, "frame": Maybe(number), "line": Maybe(number), "offset": Maybe(number)}),
}  # fmt: skip
CONVERSATION = {
    "id": text, "file": text, "stream": number, "protocol": text, "originator": ENDPOINT, "responder": ENDPOINT,
    "first_frame": number, "last_frame": number, "start": TIME, "duration_ns": number, "conn_state": text, "history": text,
    "completeness": number, "initial_rtt_ns": Maybe(number), "frames": Each(number), "payload_bytes": Each(number),
    "tcp": dict.fromkeys(TcpRemarks.__struct_fields__, number), "closed_by": Maybe(("originator", "responder")),
    "close": Maybe(("fin", "rst")),
}  # fmt: skip
PHASE = {
    "name": ("resolve", "connect", "request", "acknowledged", "first_byte", "complete", "close"),
    "result": ("ok", "failed", "not_reached", "not_observed", "not_applicable"),
    "at": Maybe(TIME), "duration_ns": Maybe(number), "citations": Each(CITATION),
}  # fmt: skip
FINDING = {
    "id": re.compile(r"F\d+"), "rule": text, "outcome": ("fail", "info"), "severity": SEVERITIES, "confidence": CONFIDENCES,
    "domain": ("network", "host", "application", "evidence", "notes"), "title": text, "explanation": text,
    "statements": Each(STATEMENT), "subject": Each(text), "fingerprint": hexadecimal,
    "endpoints": Each({"role": text, **ENDPOINT}), "because": Each(text), "refuted_by": text,
    "next_actions": Each({"text": text, "command": Maybe(text)}), "runbook_topics": Each(text), "citations": Each(CITATION),
}  # fmt: skip
REPORT = {
    "schema": number, "run_id": text, "title": Maybe(text), "purpose": Maybe(text), "timezone": text,
    "timezone_source": ("stated", "assumed"), "window": WINDOW,
    "verdict": {
        "outcome": ("fail", "pass", "not_evaluable"), "title": text, "severity": SEVERITIES, "domain": Maybe(text),
        "confidence": CONFIDENCES, "root": Maybe(text), "statements": Each(STATEMENT),
    },
    "files": Each(FILE), "conversations": Each(CONVERSATION),
    "attempts": Each({
        "id": text, "label": text, "target": {**ENDPOINT, "name": Maybe(text)}, "phases": Each(PHASE), "conversations": Each(text),
    }),
    "findings": Each(FINDING),
    "checks": Each({"rule": text, "outcome": OUTCOMES, "missing": Each(text), "citations": Each(CITATION), "collect": Maybe(text)}),
    "claims": Each({
        "file": text, "line": number, "text": text, "verdict": ("supported", "contradicted", "cannot_be_checked"),
        "citations": Each(CITATION),
    }),
    "actions": Each({"file": text, "line": number, "text": text, "done": Maybe(bool)}),
    "hypotheses": Each({
        "file": text, "line": number, "text": text, "causes": Each(text), "standing": ("supported", "contradicted", "both", "open"),
        "for": Each(STATEMENT), "against": Each(STATEMENT), "missing": Each(text), "collect": Maybe(text),
    }),
    "next_capture": Maybe({
        "name": re.compile(r"capture-[A-Za-z0-9._-]+\.sh"), "seconds": number, "why": Each(STATEMENT), "script": text,
        "places": Each({"id": text, "title": text, "lines": Each({"step": STEPS, "why": Each(STATEMENT), "command": text, "file": text})}),
    }),
}  # fmt: skip


def check(value: Any, form: Any, at: str = "report") -> None:
    """Fail where a value has not the form: keys may be more, never fewer."""
    if isinstance(form, Maybe):
        if value is not None:
            check(value, form.form, at)
    elif isinstance(form, Each):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            check(inner, form.form, f"{at}[{key}]")
    elif isinstance(form, dict):
        assert form.keys() <= value.keys(), f"{at} lacks {sorted(form.keys() - value.keys())}"
        for key, inner in form.items():
            check(value[key], inner, f"{at}.{key}")
    elif isinstance(form, tuple):
        assert value in form, f"{at} is {value!r}"
    elif isinstance(form, re.Pattern):
        assert form.fullmatch(value), f"{at} is {value!r}"
    elif form == CITATION:
        assert value.keys() - {"file"} <= {"frames", "lines"}, f"{at} has {sorted(value)}"
        check(value.get("frames", []) + value.get("lines", []), Each(number), at)
    elif form != "anything":
        assert type(value) is form, f"{at} is {value!r}"


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_there(name: str) -> None:
    _, found = judged(name, parsed(name))
    check(found, REPORT)
    assert found["findings"]
    assert found["conversations"]
    assert found["attempts"]


def test_an_empty_run_has_every_key_and_a_verdict() -> None:
    _, found = judged("nothing", [])
    check(found, REPORT)
    assert found["verdict"]["outcome"] == "not_evaluable"
    assert found["run_id"] == "nothing"


def test_findings_name_findings_of_the_report() -> None:
    for name in NAMES:
        _, found = judged(name, parsed(name))
        ids = [f["id"] for f in found["findings"]]
        assert len(set(ids)) == len(ids)
        assert len({f["fingerprint"] for f in found["findings"]}) == len(ids)
        assert {cause for f in found["findings"] for cause in f["because"]} <= set(ids)
        assert {c for a in found["attempts"] for c in a["conversations"]} <= {c["id"] for c in found["conversations"]}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_has_words(lang: str) -> None:
    run = Run().capture("a.pcap", Talk().opens().request().acked().waits(30).fin()).curl("c.log", tried(), **timed_out(30))
    report = run.report()
    shown = re.sub(r'(?m)^ *"(command|script)": .*$', "", to_json(report, [], lang).decode())
    assert "{" not in re.sub(r'(?m)^ *("\w+": )?[{}\[\]],?|\{\}', "", shown)


@pytest.mark.parametrize(
    ("ns", "shown"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_500_000_000, "1970-01-01T00:00:01.5Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (2**63 - 1, "2262-04-11T23:47:16.854775807Z"),
        (10**21, None),
    ],
)
def test_times(ns: int, shown: str | None) -> None:
    assert rfc3339(ns) == shown

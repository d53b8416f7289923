"""A proof as one HTML page that needs nothing else: verdict, findings, and only the lines and frames that they cite, secrets masked."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from runs.analysis.facts.base import Citation
from runs.analysis.report import FileReport, Finding, Report, Statement, merge_citations
from runs.analysis.report_markdown import ranges
from runs.analysis.source import Source
from runs.models import EvidenceFile, Run
from runs.services import storage
from runs.services.lines import read_page
from runs.services.masking import shown_text
from runs.services.reports import tables_of
from runs.views._packets import Packets, times_of
from runs.views._timeline_clocks import offset_text
from runs.views._times import wall_date, wall_time

MOST_FINDINGS, MOST_FILES, MOST_PLACES = 20, 40, 60
STYLE = (Path(__file__).resolve().parents[1] / "static" / "runs" / "proof.css").read_text(encoding="utf-8")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Said(NamedTuple):
    """A sentence, and where it is proven, in words."""

    statement: Statement
    places: str


class Claimed(NamedTuple):
    """A finding with its sentences."""

    finding: Finding
    said: list[Said]


class Shown(NamedTuple):
    """A cited line or frame."""

    number: int
    at: str  # in the run's zone; '' where it has no time of its own
    utc: str
    text: str
    remarks: str


class Cited(NamedTuple):
    """A file with what is cited of it."""

    file: FileReport
    lines: list[Shown]
    frames: list[Shown]
    more: int  # cited places that are left out, or that could not be read any more
    offset: str  # '+2.5 s' that was added to its clock; '' for none


def default_findings(report: Report) -> list[Finding]:
    """What a proof rests on unless somebody chooses: the root and what follows from it, else all faults."""
    faults = [f for f in report.findings if f.outcome == "fail"]
    root = report.verdict.root
    return [f for f in faults if f.id == root or root in f.because][:MOST_FINDINGS] or faults[:MOST_FINDINGS]


def proof_page(run: Run, report: Report, findings: Sequence[Finding], zone: tzinfo, lang: str) -> str:
    """The whole page in a language."""
    citations = merge_citations(
        c for s in (*report.verdict.statements, *(s for f in findings for s in f.statements)) for c in s.citations
    )
    evidence = {file.path: file for file in run.files.all()}
    reports = {file.path: file for file in report.files}
    tables = tables_of(run)
    cited = []
    for citation in citations[:MOST_FILES]:
        file, told = evidence.get(citation.file), reports.get(citation.file)
        if file is not None and told is not None:
            packets = Packets.of(tables, file.path, 0, partial(storage.blob_path, file.blob_id or ""))
            frames = _frames(packets, told, citation, zone) if packets is not None else []
            lines = _lines(file, citation)
            left_out = len(citation.frames) + len(citation.lines) - len(frames) - len(lines)
            cited.append(Cited(told, lines, frames, left_out, offset_text(told.clock.offset_ns if told.clock else None)))
    context = {
        "run": run,
        "report": report,
        "zone": zone,
        "language": lang,
        "verdict": [Said(s, _places(s.citations)) for s in report.verdict.statements],
        "claimed": [Claimed(f, [Said(s, _places(s.citations)) for s in f.statements]) for f in findings],
        "cited": cited,
        "more_files": len(citations) - len(cited),
        "more_findings": len(report.findings) - len(findings),
        "made_at": timezone.now().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
        "style": mark_safe(STYLE),  # noqa: S308  our own style sheet
    }
    with translation.override(lang):
        return render_to_string("runs/proof.html", context)


def _places(citations: Sequence[Citation]) -> str:
    """'lo0.pcap#1-3, curl.log:13'."""
    marks = [(c.file, mark, numbers) for c in citations for mark, numbers in (("#", c.frames), (":", c.lines)) if numbers]
    whole = [shown_text(c.file) for c in citations if not c.frames and not c.lines]
    return ", ".join([*(f"{shown_text(file)}{mark}{ranges(numbers)}" for file, mark, numbers in marks), *whole])


def _lines(file: EvidenceFile, citation: Citation) -> list[Shown]:
    """The cited lines; none where the bytes are not kept any more."""
    try:
        source = Source(storage.blob_path(file.blob_id or ""), file.path)
        made = []
        for number in citation.lines[:MOST_PLACES]:
            page = read_page(source, file.blob_id or "", number, 1)
            for line in page.lines:
                text = "[…]" if page.inside_key else shown_text(line.text)
                made.append(Shown(line.number, "", "", text, ""))
        return made
    except OSError:
        return []


def _frames(packets: Packets, told: FileReport, citation: Citation, zone: tzinfo) -> list[Shown]:
    rows = [n - 1 for n in citation.frames[:MOST_PLACES] if 0 < n <= len(packets)]
    if not rows:
        return []
    times, has_zone = times_of(told, packets.table, [0, *rows])
    made = []
    for words, ns in zip(packets.page(rows), times[1:], strict=True):
        text = f"{words.source} → {words.destination} {words.protocol} {words.length} {words.info}"
        at = f"{wall_date(ns, zone)} {wall_time(ns, zone)}" if has_zone else wall_time(ns, UTC)
        utc = f"{wall_time(ns, UTC)}Z" if has_zone else ""
        made.append(Shown(words.number, at, utc, shown_text(text), ", ".join(words.remarks)))
    return made

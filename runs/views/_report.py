"""A report arranged as the run page shows it: matrix rows, findings under their causes, coverage, file rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from runs.analysis.facts.attempt import PHASES, Phase
from runs.analysis.report import SEVERITIES, AttemptRow, Check, FileReport, Finding, Report, Window
from runs.models import EvidenceFile, RunbookSection, RunFinding
from runs.services.recurrence import Recurrence
from runs.wording import zone_word

SHOWN_ATTEMPTS = 24
FILE_STATES = ("parsed", "partial", "unrecognised", "failed", "refused")
TALLY_ORDER = ("fail", "info", "pass", "not_evaluable", "crashed")
CHECK_ORDER = ("crashed", "fail", "info", "pass", "not_evaluable")


class Cell(NamedTuple):
    """One phase of an attempt: `look` is the stylesheet's class, `has_proof` whether there is anything to open."""

    phase: Phase
    look: str
    has_proof: bool


class MatrixRow(NamedTuple):
    """An attempt and its seven cells, in the order of the phases."""

    attempt: AttemptRow
    cells: tuple[Cell, ...]


class FindingRow(NamedTuple):
    """A finding in the list; `cause` is the finding it hangs under. `stored` has its review; `seen`: the same in earlier runs."""

    finding: Finding
    is_open: bool
    cause: str | None
    stored: RunFinding | None = None
    seen: Recurrence | None = None
    sections: tuple[RunbookSection, ...] = ()  # of the team's runbooks, where it stands open


class CheckRow(NamedTuple):
    """A check in the coverage table, with the findings that tell more of it."""

    check: Check
    findings: tuple[str, ...]


class FileRow(NamedTuple):
    """A file's row: what the report says of it, and the stored file while it is still there."""

    report: FileReport
    stored: EvidenceFile | None
    window: Window | None
    extent: tuple[str, int] | None  # ('frames', 30)


def _cells(attempt: AttemptRow) -> tuple[Cell, ...]:
    by_name = {phase.name: phase for phase in attempt.phases}
    made, failed_before = [], False
    for name in PHASES:
        phase = by_name.get(name) or Phase(name=name, result="not_observed")
        look = {"not_reached": "is-unreached", "not_applicable": "is-unreached", "not_observed": "is-unseen"}.get(phase.result, "")
        if phase.result == "failed":
            look = "is-failed is-late" if failed_before or not attempt.fault else "is-failed"
            failed_before = True
        made.append(Cell(phase, look, bool(phase.citations) or phase.at_ns is not None))
    return tuple(made)


def matrix_rows(attempts: Iterable[AttemptRow]) -> list[MatrixRow]:
    """The reachability matrix; a failure that only follows an earlier one, or is no fault, keeps its mark without the fill."""
    return [MatrixRow(attempt, _cells(attempt)) for attempt in attempts]


def stop_phase(rows: Iterable[MatrixRow]) -> str | None:
    """The phase in which most faulty attempts stop: the vertical band that is the diagnosis at a glance."""
    stops = Counter(c.phase.name for row in rows for c in row.cells if c.look == "is-failed")
    return stops.most_common(1)[0][0] if stops else None


def finding_rows(report: Report, opened: str | None) -> list[FindingRow]:
    """Findings with consequences under their causes. `opened` None: the root stands open; 'all': all of them."""
    known = {finding.id for finding in report.findings}
    root = report.verdict.root or (report.findings[0].id if report.findings else None)
    cause = {f.id: next((b for b in f.because if b in known and b != f.id), None) for f in report.findings}
    ordered: list[Finding] = []

    def place(parent: str | None) -> None:
        for finding in report.findings:
            if cause[finding.id] == parent and finding not in ordered:
                ordered.append(finding)
                place(finding.id)

    place(None)
    ordered += [f for f in report.findings if f not in ordered]  # causes in a circle
    return [FindingRow(f, opened == "all" or f.id == (root if opened is None else opened), cause[f.id]) for f in ordered]


def severity_counts(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    """How many of each severity, gravest first, none that are 0."""
    counts = Counter(finding.severity for finding in findings)
    return [(severity, counts[severity]) for severity in SEVERITIES if counts[severity]]


def coverage(checks: Sequence[Check], findings: Sequence[Finding]) -> dict[str, object]:
    """`answered` and `missing` checks in order; `counts`: how many rules by their gravest answer, which adds up to `total`."""
    ordered = sorted(checks, key=lambda c: (CHECK_ORDER.index(c.outcome), c.rule))
    gravest: dict[str, str] = {}
    for check in ordered:
        gravest.setdefault(check.rule, check.outcome)
    counts = Counter(gravest.values())
    rows = [CheckRow(c, tuple(f.id for f in findings if (f.rule, f.outcome) == (c.rule, c.outcome))) for c in ordered]
    return {
        "answered": [row for row in rows if row.check.outcome != "not_evaluable"],
        "missing": [row for row in rows if row.check.outcome == "not_evaluable"],
        "counts": [(o, counts[o]) for o in TALLY_ORDER if counts[o] or o != "crashed"],
        "not_evaluable": counts["not_evaluable"],
        "total": len(gravest),
    }


def file_rows(report: Report, stored: Mapping[str, EvidenceFile]) -> list[FileRow]:
    """The file table's rows, in the bundle's order."""
    return [FileRow(file, stored.get(file.path), file.window, _extent(file.counts)) for file in report.files]


def _extent(counts: Mapping[str, int]) -> tuple[str, int] | None:
    return next(((unit, counts[unit]) for unit in ("frames", "entries", "lines") if unit in counts), None)


def state_counts(states: Iterable[str]) -> list[tuple[str, int]]:
    """How many files in each final state; the zeros too, so that the sum can be checked."""
    counts = Counter(states)
    return [(state, counts[state]) for state in FILE_STATES]


def report_context(
    report: Report, stored: Mapping[str, EvidenceFile], zone: tzinfo, opened: str | None, all_attempts: bool
) -> dict[str, object]:
    """Everything that `runs/_report.html` shows of a report."""
    rows = matrix_rows(report.attempts)
    return {
        "zone_shown": zone_word(zone, report.window.start_ns if report.window else None),
        "parsed_count": sum(file.state == "parsed" for file in report.files),
        "matrix": rows if all_attempts else rows[:SHOWN_ATTEMPTS],
        "attempt_count": len(rows),
        "phases": PHASES,
        "stop": stop_phase(rows),
        "finding_rows": finding_rows(report, opened),
        "severity_counts": severity_counts(report.findings),
        "coverage": coverage(report.checks, report.findings),
        "file_rows": file_rows(report, stored),
        "state_counts": state_counts(file.state for file in report.files),
        "frame_count": report.frame_count,
    }

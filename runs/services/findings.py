"""The findings of a report brought together with those that the run had: new, changed, gone, back again. Decisions stay."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.utils import timezone

from runs.analysis.report import Finding, Report
from runs.models import Change, Event, FindingReview, HistoryEntry, Presence, Run, RunFinding, SentenceField
from runs.models.finding import SEVERITY_RANKS
from runs.services.history import record, storable_json

SUBJECT_MAX_CHARS = 300
FROM_REPORT = (
    "rule", "domain", "subject", "subject_words", "outcome", "severity", "severity_rank", "confidence", "title", "number", "place",
    "presence", "change", "changed_revision", "changed_at", "last_seen_revision", "last_seen_at",
)  # fmt: skip


@dataclass(frozen=True)
class Movement:
    """What one analysis did to the findings of its run; `first`: there was none before, so that all are new."""

    revision: int
    first: bool
    findings: int
    new: int = 0
    changed: int = 0
    gone: int = 0
    back: int = 0
    new_faults: int = 0  # of the new and those that are back: how many are faults, not remarks


def reconcile(run: Run, report: Report, revision: int) -> Movement:
    """Write the report's findings into the run's rows, within the caller's transaction, and record what moved.

    Every finding of the report has a row and a review afterwards; rows of findings that it has no more are `gone`.
    """
    now = timezone.now()
    first = not HistoryEntry.objects.filter(run=run, event=Event.RUN_ANALYSED).exists()
    known = {row.fingerprint: row for row in run.findings.all()}
    said: dict[str, tuple[int, Finding]] = {}
    for place, finding in enumerate(report.findings):
        said.setdefault(finding.fingerprint, (place, finding))
    made = [_new(run, place, f, revision, now) for key, (place, f) in said.items() if key not in known]
    moved = {row: _update(row, said.get(key), revision, now) for key, row in known.items()}
    RunFinding.objects.bulk_update(known.values(), FROM_REPORT, batch_size=100)
    made = RunFinding.objects.bulk_create(made, batch_size=100)
    FindingReview.objects.bulk_create([FindingReview(finding=row) for row in made], batch_size=100)
    _record_moves(run, moved)
    return _record_analysis(run, revision, first, made, moved)


def _new(run: Run, place: int, finding: Finding, revision: int, now: datetime) -> RunFinding:
    row = RunFinding(
        run=run,
        team_id=run.team_id,
        fingerprint=finding.fingerprint,
        change=Change.NEW,
        changed_revision=revision,
        changed_at=now,
        first_seen_revision=revision,
        last_seen_revision=revision,
        first_seen_at=now,
        last_seen_at=now,
    )
    _copy(row, place, finding)
    return row


def _copy(row: RunFinding, place: int, finding: Finding) -> None:
    row.rule, row.domain, row.outcome = finding.rule, finding.domain, finding.outcome
    row.severity, row.severity_rank, row.confidence = finding.severity, SEVERITY_RANKS[finding.severity], finding.confidence
    row.subject = storable_json(finding.subject)
    row.subject_words = " ".join(finding.subject.values())[:SUBJECT_MAX_CHARS]
    row.title, row.number, row.place = finding.title, finding.id, place


def _state(row: RunFinding) -> dict[str, str]:
    return {"severity": row.severity, "confidence": row.confidence, "outcome": row.outcome}


@dataclass(frozen=True)
class _Move:
    """What happened to a row that was there before; `change` None: nothing."""

    change: Change | None
    before: dict[str, str]


def _update(row: RunFinding, said: tuple[int, Finding] | None, revision: int, now: datetime) -> _Move:
    """Bring one row up to the report. A row whose words, severity, confidence or outcome differ has changed."""
    before, words = _state(row), _words(row)
    change: Change | None = None
    if said is None:
        change = Change.GONE if row.is_present else None
        row.presence = Presence.GONE
    else:
        _copy(row, *said)
        if not row.is_present:
            change = Change.BACK
        elif (words, before) != (_words(row), _state(row)):
            change = Change.CHANGED
        row.presence, row.last_seen_revision, row.last_seen_at = Presence.PRESENT, revision, now
    if change is not None:
        row.change, row.changed_revision, row.changed_at = change, revision, now
    return _Move(change, before)


def _words(row: RunFinding) -> str | None:
    return SentenceField().get_prep_value(row.title)


def _record_moves(run: Run, moved: dict[RunFinding, _Move]) -> None:
    for row, move in moved.items():
        if move.change == Change.CHANGED and move.before != _state(row):
            record(run, Event.FINDING_CHANGED, finding=row, before=move.before, after=_state(row))
        elif move.change == Change.GONE:
            record(run, Event.FINDING_GONE, finding=row)
        elif move.change == Change.BACK:
            record(run, Event.FINDING_BACK, finding=row)


def _record_analysis(run: Run, revision: int, first: bool, made: list[RunFinding], moved: dict[RunFinding, _Move]) -> Movement:
    def count(change: Change) -> int:
        return sum(move.change == change for move in moved.values())

    back = [row for row, move in moved.items() if move.change == Change.BACK]
    movement = Movement(
        revision=revision,
        first=first,
        findings=len(made) + sum(row.is_present for row in moved),
        new=len(made),
        changed=count(Change.CHANGED),
        gone=count(Change.GONE),
        back=len(back),
        new_faults=_faults(made) + _faults(back),
    )
    record(run, Event.RUN_ANALYSED, after=asdict(movement))
    return movement


def _faults(rows: Iterable[RunFinding]) -> int:
    return sum(row.outcome == "fail" for row in rows)


def last_movement(run: Run) -> Movement | None:
    """What the newest analysis did to the run's findings; None before the first that kept count."""
    entry = HistoryEntry.objects.filter(run=run, event=Event.RUN_ANALYSED).newest_first().first()
    return Movement(**entry.after) if entry and entry.after else None

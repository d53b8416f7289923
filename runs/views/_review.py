"""What people decided, arranged for the run page: findings with their reviews, the checklist, notes, sign-off, last movement."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from runs.models import Run, RunFinding, Status, Task
from runs.services import checklist, findings, notes, recurrence, review, signoffs
from runs.services.runbook_links import headings_for
from runs.views._report import FindingRow

if TYPE_CHECKING:
    from runs.models.team import AnyUser


class TaskRow(NamedTuple):
    """An entry of the checklist."""

    task: Task
    overdue: bool


def stored_findings(run: Run) -> dict[str, RunFinding]:
    """The run's findings with their reviews by fingerprint; `comment_count` says how much was said. One query."""
    said = Count("comments", filter=Q(comments__deleted_at=None))
    rows = run.findings.select_related("review__assignee", "review__status_by").annotate(comment_count=said)
    return {row.fingerprint: row for row in rows}


def review_context(run: Run, rows: Sequence[FindingRow], user: "AnyUser") -> dict[str, Any]:
    """What the run page shows of people's decisions: `finding_rows` with `stored` and `seen`, and what stands beside them."""
    stored = stored_findings(run)
    seen = recurrence.recurrences(run, [row.finding.fingerprint for row in rows], user)
    last = signoffs.newest(run)
    made = [row._replace(stored=stored.get(row.finding.fingerprint), seen=seen.get(row.finding.fingerprint)) for row in rows]
    return {
        "finding_rows": _with_sections(made),
        "gone_findings": [row for row in stored.values() if not row.is_present],
        "movement": findings.last_movement(run),
        "notes": notes.notes_of(run),
        "signoff": last if last is not None and last.ended_at is None else None,
        "ended_signoff": last if last is not None and last.ended_at is not None else None,
        **checklist_context(run),
    }


def _with_sections(rows: list[FindingRow]) -> list[FindingRow]:
    """The rows, those that stand open with their runbook sections."""
    opened = {row.stored: row.finding.topics for row in rows if row.is_open and row.stored}
    found = headings_for(opened) if opened else {}
    return [row._replace(sections=tuple(found.get(row.finding.fingerprint, ()))) if row.is_open else row for row in rows]


def checklist_context(run: Run) -> dict[str, Any]:
    """`tasks`, `tasks_done` (how many), and what forms about the run's work need: `people`, `statuses`, `today`."""
    today = timezone.localdate()
    tasks = checklist.tasks_of(run)
    return {
        "tasks": [TaskRow(task, task.is_overdue(today)) for task in tasks],
        "tasks_done": sum(task.done_at is not None for task in tasks),
        "people": list(review.assignable(run)),
        "statuses": [status.value for status in Status],
        "today": today,
    }

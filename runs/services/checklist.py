"""The run's checklist: what a report proposes kept together with what people made of it; and people's own changes of it."""

import hashlib
import json
from collections.abc import Iterator

import msgspec

from runs.analysis.report import Report
from runs.models import Run, RunFinding, Task, TaskSource
from runs.models.fields import storable

MOST_PROPOSED = 300  # a hostile note of ten thousand list items fills no checklist
PROPOSAL = ["is_proposed", "finding", "sentence", "command", "written", "path", "line", "place"]


def propose(run: Run, report: Report) -> None:
    """Bring the checklist up to the report, within the caller's transaction.

    A proposal that was there keeps owner, date and tick; one that the report has no more is kept where somebody had put a
    hand to it. What the notes call done is ticked when it first appears.
    """
    known = {task.origin: task for task in run.tasks.exclude(origin="")}
    rows = {row.fingerprint: row for row in run.findings.all()}
    proposed: dict[str, Task] = {}
    for task in _proposals(run, report, rows):
        if len(proposed) >= MOST_PROPOSED:
            break
        proposed.setdefault(task.origin, task)
    for place, (origin, task) in enumerate(proposed.items()):
        task.place = place
        if origin in known:
            for name in PROPOSAL:
                setattr(known[origin], name, getattr(task, name))
    for origin, task in known.items():
        if origin not in proposed:
            task.is_proposed = False
    Task.objects.bulk_update(known.values(), PROPOSAL, batch_size=100)
    Task.objects.bulk_create([task for origin, task in proposed.items() if origin not in known], batch_size=100)


def _proposals(run: Run, report: Report, rows: dict[str, RunFinding]) -> Iterator[Task]:
    """What the notes plan, then what findings advise, as tasks that are not saved."""
    from django.utils import timezone

    for planned in report.actions:
        task = Task(run=run, source=TaskSource.NOTES, written=planned.text or "—", path=planned.file, line=planned.line)
        task.origin = _digest("notes", planned.file, planned.text)
        task.done_at = timezone.now() if planned.done else None
        yield task
    for finding in report.findings:
        for action in finding.next_actions:
            words = msgspec.to_builtins(action.text)
            yield Task(
                run=run,
                source=TaskSource.FINDING,
                origin=_digest("finding", words),
                finding=rows.get(finding.fingerprint),
                sentence=action.text,
                command=action.command or "",
            )


def _digest(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(storable(text).encode()).hexdigest()

"""The run's checklist: what a report proposes kept together with what people made of it; and people's own changes of it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import msgspec
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from runs.analysis.report import Report
from runs.models import TASK_MAX_CHARS, Event, Run, RunFinding, Task, TaskSource
from runs.models.fields import storable
from runs.services.history import name_of, record
from runs.services.review import Stale, assignable

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_OWN = 500
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


def add_task(run: Run, text: str, owner: "User | None", due_date: date | None, by: "User") -> Task:
    """Put an own entry on the run's checklist. Raises ValueError without words, for more than MOST_OWN, for an owner who is no reviewer."""
    text = text.strip()[:TASK_MAX_CHARS]
    if not text or run.tasks.filter(source=TaskSource.PERSON, removed_at=None).count() >= MOST_OWN or not _may_own(run, owner):
        raise ValueError("this is no next action")
    with transaction.atomic():
        last = run.tasks.aggregate(last=Max("place"))["last"] or 0
        task = Task.objects.create(
            run=run, source=TaskSource.PERSON, written=text, owner=owner, due_date=due_date, created_by=by, place=last + 1
        )
        record(run, Event.TASK_ADDED, by, after=_said(task))
    return task


def tick(task: Task, done: bool, by: "User") -> None:
    """Say that it is done, or that it is not after all. Saying what is said already changes nothing."""
    with transaction.atomic():
        now = timezone.now() if done else None
        wanted = Task.objects.filter(pk=task.pk, removed_at=None, done_at__isnull=done)
        if wanted.update(done_at=now, done_by=by if done else None, version=F("version") + 1):
            record(task.run, Event.TASK_DONE if done else Event.TASK_UNDONE, by, finding=task.finding, after=_said(task))


def plan(task: Task, owner: "User | None", due_date: date | None, version: int, by: "User") -> Task:
    """Say who does it until when. Raises Stale where somebody changed it since, ValueError for an owner who is no reviewer."""
    if not _may_own(task.run, owner):
        raise ValueError("the owner of a next action is a reviewer of the team")
    with transaction.atomic():
        current = Task.objects.select_for_update(of=("self",)).select_related("owner").get(pk=task.pk)
        if (current.owner, current.due_date) == (owner, due_date):
            return current
        if current.version != version or current.removed_at is not None:
            raise Stale(current)
        before = _planned(current)
        current.owner, current.due_date, current.version = owner, due_date, current.version + 1
        current.save()
        record(task.run, Event.TASK_CHANGED, by, finding=current.finding, before=before, after=_planned(current))
    return current


def remove_task(task: Task, by: "User") -> None:
    """Take an entry off the checklist; a proposal of a later report does not bring it back."""
    with transaction.atomic():
        if Task.objects.filter(pk=task.pk, removed_at=None).update(removed_at=timezone.now()):
            record(task.run, Event.TASK_REMOVED, by, before=_said(task))


def tasks_of(run: Run) -> list[Task]:
    """The run's checklist, with owners and findings."""
    return list(Task.objects.filter(run=run).current().select_related("owner", "done_by", "finding"))


def _may_own(run: Run, owner: "User | None") -> bool:
    return owner is None or assignable(run).filter(pk=owner.pk).exists()


def _said(task: Task) -> dict[str, object]:
    """The entry as history keeps it: in words, or as the sentence's id and parameters."""
    words = task.written or (msgspec.to_builtins(task.sentence) if task.sentence else "")
    return {"task": task.pk, "text": words}


def _planned(task: Task) -> dict[str, object]:
    owner = name_of(task.owner) if task.owner else None
    return {**_said(task), "owner": owner, "due": task.due_date.isoformat() if task.due_date else None}

"""Sign-off of runs: given by a reviewer with the open points listed; ended by one, by changed evidence, or by what is newly found."""

from typing import TYPE_CHECKING, Any

import msgspec
from django.db import transaction
from django.utils import timezone

from runs.models import Ending, Event, FindingReview, Run, RunState, SignOff
from runs.models.signoff import REMARK_MAX_CHARS
from runs.services.checklist import tasks_of
from runs.services.history import record, storable_json
from runs.services.review import Stale

if TYPE_CHECKING:
    from datetime import date

    from django.contrib.auth.models import User

    from runs.analysis.report import Report

MOST_POINTS = 200


def newest(run: Run) -> SignOff | None:
    """The last sign-off: the one that holds or, where none does, the one that ended last: another is given only when it ended."""
    return run.signoffs.select_related("by", "ended_by").first()


def standing(run: Run) -> SignOff | None:
    """The sign-off that holds, if any."""
    last = newest(run)
    return last if last is not None and last.ended_at is None else None


def open_points(run: Run, report: "Report | None", today: "date") -> list[dict[str, Any]]:
    """What is not settled, gravest first: findings not closed, next actions not done, what the bundle cannot decide.

    Each: {kind: 'finding' | 'task' | 'undecided', number: 'F1' or '', text: {id, params} of a sentence, or words as written}.
    """
    pending = FindingReview.objects.filter(finding__run=run, finding__outcome="fail").pending(today)
    reviews = pending.select_related("finding").order_by("finding__severity_rank", "finding__place")
    points = [_point("finding", review.finding.title, review.finding.number) for review in reviews]
    points += [_point("task", task.sentence or task.written) for task in tasks_of(run) if task.done_at is None]
    points += [_point("undecided", statement.text) for statement in (report.verdict.undecided if report else ())]
    return points[:MOST_POINTS]


def _point(kind: str, words: Any, number: str = "") -> dict[str, Any]:
    text = words if isinstance(words, str) else msgspec.to_builtins(words)
    return {"kind": kind, "number": number, "text": storable_json(text)}


def sign_off(run: Run, report: "Report | None", remark: str, revision: int, by: "User") -> SignOff:
    """Say that the run was looked at as a whole. `revision`: the one that the person saw.

    Raises Stale (`current` is the run) where the run is another by now, is being analysed, or is signed off already.
    """
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        as_seen = locked.state == RunState.CONCLUDED and locked.concluded_revision == locked.input_revision == revision
        if not as_seen or standing(run) is not None:
            raise Stale(locked)
        points = open_points(locked, report, timezone.localdate())
        remark = remark.strip()[:REMARK_MAX_CHARS]
        made = SignOff.objects.create(run=locked, by=by, revision=revision, remark=remark, open_points=points)
        record(locked, Event.SIGNED_OFF, by, after={"revision": revision, "open": len(points), "remark": remark})
    return made


def withdraw(run: Run, by: "User") -> bool:
    """Take the sign-off back. Returns whether there was one."""
    with transaction.atomic():
        return reopen(run, Ending.WITHDRAWN, by)


def reopen(run: Run, ending: Ending, actor: "User | None" = None) -> bool:
    """End the sign-off that holds, within the caller's transaction, and record it. Returns whether there was one."""
    ended = SignOff.objects.filter(run=run, ended_at=None).update(ended_at=timezone.now(), ended_by=actor, ending=ending)
    if ended:
        event = Event.SIGNOFF_WITHDRAWN if ending == Ending.WITHDRAWN else Event.REOPENED
        record(run, event, actor, after={"why": ending.value})
    return bool(ended)

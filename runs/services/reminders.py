"""Every morning: reminders of what is due, and digests of what is on a person's desk. Each is planned once a day, however often it is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils import timezone

from runs.models import Digest, FindingReview, Notice, NoticeSettings, Reason, Run, RunFinding, RunState, Status, Task
from runs.services.desk import Desk
from runs.services.notices import settings_of

MONDAY = 0
DIGEST_RUNS = 20


@dataclass(frozen=True)
class Item:
    """Something of one person's that is due. `step`: 'soon' (tomorrow), 'today', 'over', 'accepted' (an acceptance that has ended)."""

    step: str
    day: date
    run: Run
    finding: RunFinding | None = None
    task: Task | None = None


@dataclass(frozen=True)
class DigestContent:
    """How much is on a person's desk, and the runs judged since the last digest, newest first."""

    assigned: int
    due: int
    tasks: int
    mentions: int
    unclaimed: int
    back: int
    runs: list[Run]

    @property
    def something(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.runs or any((self.assigned, self.due, self.tasks, self.mentions, self.unclaimed, self.back)))


def plan(now: datetime) -> None:
    """Put down today's reminders and digests, once the hour has come. Cheap where they stand already."""
    local = timezone.localtime(now)
    if local.hour < settings.DIGEST_HOUR:
        return
    today = local.date()
    _plan_due(today, now)
    _plan_digests(today, now)


def _plan_due(today: date, now: datetime) -> None:
    """One row for each thing and step; who was told stays told (`key` is unique for a person)."""
    rows: list[Notice] = []
    days = (today - timedelta(days=1), today, today + timedelta(days=1))
    reviews = FindingReview.objects.pending(today).filter(due_date__in=days).exclude(assignee=None).exclude(status=Status.ACCEPTED)
    for review in reviews:
        assert review.due_date is not None
        assert review.assignee_id is not None
        key = _key("review", review.pk, review.due_date, today)
        rows.append(Notice(user_id=review.assignee_id, finding_id=review.finding_id, key=key))
    ended = FindingReview.objects.filter(
        status=Status.ACCEPTED, accepted_until=today - timedelta(days=1), finding__presence="present"
    )
    for review in ended:
        if user := review.assignee_id or review.status_by_id:
            rows.append(Notice(user_id=user, finding_id=review.finding_id, key=f"due:accepted:{review.pk}:{review.accepted_until}"))
    for task in Task.objects.current().filter(due_date__in=days, done_at=None).exclude(owner=None):
        assert task.due_date is not None
        assert task.owner_id is not None
        rows.append(Notice(user_id=task.owner_id, task=task, key=_key("task", task.pk, task.due_date, today)))
    for row in rows:
        row.reason, row.due_at = Reason.DUE, now
    told = set(Notice.objects.filter(key__in=[row.key for row in rows]).values_list("user_id", "key"))
    Notice.objects.bulk_create([row for row in rows if (row.user_id, row.key) not in told], ignore_conflicts=True)


def _key(what: str, pk: int, due: date, today: date) -> str:
    return f"due:{what}:{pk}:{due}:{_step(due, today)}"


def _step(due: date, today: date) -> str:
    return "over" if due < today else "today" if due == today else "soon"


def _plan_digests(today: date, now: datetime) -> None:
    wanted = Q(digest=Digest.DAILY) | (Q(digest=Digest.WEEKLY) if today.weekday() == MONDAY else Q(pk=None))
    people = NoticeSettings.objects.filter(wanted, by_mail=True, user__is_active=True).exclude(user__email="")
    key = f"digest:{today}"
    people = people.exclude(user__notices__key=key)
    Notice.objects.bulk_create(
        [Notice(user_id=each.user_id, reason=Reason.DIGEST, key=key, due_at=now) for each in people], ignore_conflicts=True
    )


def still_due(rows: Iterable[Notice], today: date) -> list[Item]:
    """What of one person's reminders is still to be done, the longest overdue first."""
    items = [item for row in rows if (item := _item(row, today)) is not None]
    return sorted(items, key=lambda item: (item.day, item.run.pk))


def _item(row: Notice, today: date) -> Item | None:
    if row.task is not None:
        task = row.task
        holds = task.owner_id == row.user_id and task.done_at is None and task.removed_at is None and task.due_date
        return Item(_step(task.due_date, today), task.due_date, task.run, task=task) if holds and task.due_date else None
    if row.finding is None:
        return None
    review = row.finding.review
    if review.status == Status.ACCEPTED and review.accepted_until is not None:
        ended = review.accepted_until < today and row.user_id in (review.assignee_id, review.status_by_id)
        return Item("accepted", review.accepted_until, row.finding.run, row.finding) if ended else None
    pending = FindingReview.objects.pending(today).filter(pk=review.pk, assignee_id=row.user_id).exists()
    if not pending or review.due_date is None:
        return None
    return Item(_step(review.due_date, today), review.due_date, row.finding.run, row.finding)


def digest_of(user: User, today: date) -> DigestContent:
    """What stands on the person's desk now."""
    desk = Desk(user, today)
    since = timezone.now() - timedelta(days=7 if settings_of(user).digest == Digest.WEEKLY else 1)
    runs = Run.objects.visible_to(user).filter(state=RunState.CONCLUDED, concluded_at__gte=since).order_by(F("concluded_at").desc())
    return DigestContent(
        assigned=desk.assigned().count(),
        due=desk.due().count(),
        tasks=desk.tasks().count(),
        mentions=desk.mentions().filter(seen_at=None).count(),
        unclaimed=desk.unclaimed().count(),
        back=desk.came_back().count(),
        runs=list(runs[:DIGEST_RUNS]),
    )

"""Who is told of what happened: planned in the transaction of the event itself, settled by whoever sends."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from runs.models import (
    Comment,
    Event,
    FindingReview,
    HistoryEntry,
    Membership,
    Mention,
    Notice,
    NoticeSettings,
    NoticeState,
    Reason,
    Task,
)
from runs.models.notice import NOTICE_ERROR_MAX_CHARS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from runs.models import Run

COLLECT = timedelta(seconds=20)  # what happens to a run within this time comes in one mail
LEASE = timedelta(minutes=5)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))  # after each failure; then it is given up
MOST_AT_ONCE = 200
KEPT = timedelta(days=90)
ASK_PAUSE = timedelta(minutes=1)

Hearers = list[tuple[int, Reason]]  # users by why they are told, the stronger reason first


def settings_of(user: User) -> NoticeSettings:
    """What the person wants to be told; what a fresh person is told where they never said."""
    return NoticeSettings.objects.filter(user=user).first() or NoticeSettings(user=user)


def set_settings(user: User, wanted: NoticeSettings) -> None:
    """Keep what the person wants to be told."""
    about = {"by_mail": wanted.by_mail, "muted": wanted.muted, "digest": wanted.digest, "language": wanted.language}
    NoticeSettings.objects.update_or_create(user=user, defaults=about)


def set_address(user: User, email: str) -> None:
    """Letters go there from now on; '' ends them."""
    User.objects.filter(pk=user.pk).update(email=email)


def may_ask_for_address(user: User) -> bool:
    """Note that a letter goes to an address that nobody has confirmed. False where one went within ASK_PAUSE: then none is to go."""
    now = timezone.now()
    with transaction.atomic():
        NoticeSettings.objects.get_or_create(user=user)
        free = Q(asked_at=None) | Q(asked_at__lt=now - ASK_PAUSE)
        return bool(NoticeSettings.objects.filter(free, user=user).update(asked_at=now))


def failed_for(user: User) -> "QuerySet[Notice]":
    """What could not be delivered to the person, newest first."""
    return Notice.objects.filter(user=user, state=NoticeState.FAILED)


def plan(entry: HistoryEntry) -> None:
    """Put down who is to be told of the entry, within the caller's transaction: never who did it, and members of the team only."""
    hearers = [(user, reason) for user, reason in _hearers(entry) if user != entry.actor_id]
    if not hearers:
        return
    wanted = {user for user, _reason in hearers}
    members = Membership.objects.filter(team_id=entry.team_id, user__in=wanted, user__is_active=True).exclude(user__email="")
    told = {member.user_id: member.user for member in members.select_related("user__notice_settings")}
    reasons: dict[int, Reason] = {}
    for user_id, reason in hearers:
        if user_id in told and user_id not in reasons and _settings(told[user_id]).wants(reason):
            reasons[user_id] = reason
    due = timezone.now() + COLLECT
    Notice.objects.bulk_create(
        Notice(user_id=user, reason=reason, key=f"entry:{entry.pk}", run_id=entry.run_id, entry=entry, due_at=due)
        for user, reason in reasons.items()
    )


def _settings(user: User) -> NoticeSettings:
    return getattr(user, "notice_settings", None) or NoticeSettings(user=user)


def _hearers(entry: HistoryEntry) -> Hearers:
    if entry.run is None:
        return []
    family, _dot, _what = entry.event.partition(".")
    match family:
        case "finding":
            return _of_finding(entry)
        case "task":
            return _of_task(entry)
        case "comment":
            return _of_comment(entry)
        case "signoff":
            signers = entry.run.signoffs.exclude(by=None).values_list("by_id", flat=True)
            return [(user, Reason.SIGNOFF) for user in (*_uploader(entry.run), *signers)]
        case "run":
            return _of_run(entry, entry.run)
    return []


def _of_finding(entry: HistoryEntry) -> Hearers:
    if entry.event == Event.FINDING_ASSIGNED:
        given, taken = entry.after, entry.before
        return [*([(given["id"], Reason.ASSIGNED)] if given else []), *([(taken["id"], Reason.MINE)] if taken else [])]
    return _assignee(entry)


def _assignee(entry: HistoryEntry) -> Hearers:
    owners = FindingReview.objects.filter(finding_id=entry.finding_id or 0).exclude(assignee=None)
    return [(user, Reason.MINE) for user in owners.values_list("assignee_id", flat=True) if user]


def _of_task(entry: HistoryEntry) -> Hearers:
    before, after = entry.before or {}, entry.after or {}
    owners = Task.objects.filter(pk=(after or before)["task"]).values_list("owner_id", flat=True)
    given = entry.event == Event.TASK_ADDED or after.get("owner") != before.get("owner")
    is_given = given and entry.event in (Event.TASK_ADDED, Event.TASK_CHANGED)
    return [(user, Reason.ASSIGNED if is_given else Reason.MINE) for user in owners if user]


def _of_comment(entry: HistoryEntry) -> Hearers:
    """Whom it mentions (of an edited one: who was not mentioned before), whose finding it is, who took part."""
    if entry.event == Event.COMMENT_DELETED:
        return []
    comment = _said(entry)["comment"]
    called = Mention.objects.filter(comment_id=comment)
    told = Notice.objects.filter(reason=Reason.MENTIONED, entry__run=entry.run, entry__after__comment=comment)
    if entry.event == Event.COMMENT_EDITED:
        called = called.exclude(user__in=told.values("user_id"))
    hearers = [(user, Reason.MENTIONED) for user in called.values_list("user_id", flat=True)]
    if entry.event == Event.COMMENT_ADDED:
        here = Comment.objects.filter(run=entry.run, finding=entry.finding, deleted_at=None).exclude(author=None)
        hearers += _assignee(entry)
        hearers += [(user, Reason.TALK) for user in here.values_list("author_id", flat=True).distinct() if user]
    return hearers


def _of_run(entry: HistoryEntry, run: "Run") -> Hearers:
    if entry.event == Event.RUN_FAILED:
        return [(user, Reason.RUN) for user in _uploader(run)]
    movement = _said(entry)
    if entry.event != Event.RUN_ANALYSED or not _moved(movement):
        return []
    hearers = [(user, Reason.RUN) for user in _uploader(run)]
    if movement["first"] and movement["new_faults"]:
        team = Membership.objects.filter(team_id=run.team_id).values_list("user_id", flat=True)
        hearers += [(user, Reason.TEAM_RUN) for user in team]
    return hearers


def _said(entry: HistoryEntry) -> dict[str, Any]:
    """What the entry keeps of how it is now."""
    return entry.after if isinstance(entry.after, dict) else {}


def _moved(movement: dict[str, int]) -> bool:
    return bool(movement["first"] or any(movement[name] for name in ("new", "changed", "gone", "back")))


def _uploader(run: "Run") -> list[int]:
    return [run.created_by_id] if run.created_by_id else []


def any_due(now: datetime) -> bool:
    """Whether there is something to send."""
    return Notice.objects.due(now).exists()


def take(now: datetime) -> list[Notice]:
    """What is due for one person, the longest waiting one, held for LEASE: another sender passes it by. Empty where nothing is due."""
    with transaction.atomic():
        first = Notice.objects.due(now).values_list("user_id", flat=True).first()
        rows = Notice.objects.due(now).filter(user_id=first or 0).select_for_update(of=("self",), skip_locked=True)
        about = ("run", "entry__finding", "entry__file", "finding__run", "finding__review", "task__run", "user__notice_settings")
        taken = list(rows.select_related(*about)[:MOST_AT_ONCE]) if first is not None else []
        Notice.objects.filter(pk__in=[row.pk for row in taken]).update(due_at=now + LEASE, tries=F("tries") + 1)
    return taken


def still_wanted(rows: Iterable[Notice]) -> list[Notice]:
    """Those of one person's notices that still have their reason; the others are dropped.

    The person may be told no more (left the team, switched off, without an address), want it no more, or a comment was deleted.
    """
    rows = list(rows)
    user = rows[0].user
    teams = set(Membership.objects.filter(user=user).values_list("team_id", flat=True))
    quoted = {int(number) for row in rows if row.entry and (number := _said(row.entry).get("comment"))}
    deleted = set(Comment.objects.filter(pk__in=quoted).exclude(deleted_at=None).values_list("pk", flat=True))
    wants = _settings(user)

    def holds(row: Notice) -> bool:
        if not (user.is_active and user.email and wants.wants(row.reason)):
            return False
        about = row.finding or row.task
        run = row.run or (about.run if about else None)
        if run is not None and run.team_id not in teams:
            return False
        return row.entry is None or _said(row.entry).get("comment") not in deleted

    held = [row for row in rows if holds(row)]
    settle([row for row in rows if row not in held], NoticeState.DROPPED)
    return held


def settle(rows: Collection[Notice], state: NoticeState, error: str = "") -> None:
    """Say what became of them."""
    sent_at = timezone.now() if state == NoticeState.SENT else None
    about = {"state": state, "error": error[:NOTICE_ERROR_MAX_CHARS], "sent_at": sent_at}
    Notice.objects.filter(pk__in=[row.pk for row in rows]).update(**about)


def postpone(rows: Collection[Notice], error: str) -> None:
    """No mail server took them: again after a pause, or given up after the last one. A notice taken by `take` has one try less."""
    now = timezone.now()
    for tries in {row.tries for row in rows}:
        those = [row for row in rows if row.tries == tries]
        if tries >= len(PAUSES):
            settle(those, NoticeState.FAILED, error)
        else:
            again = Notice.objects.filter(pk__in=[row.pk for row in those])
            again.update(due_at=now + PAUSES[tries], error=error[:NOTICE_ERROR_MAX_CHARS])


def forget_old() -> None:
    """Remove what was settled long ago."""
    Notice.objects.exclude(state=NoticeState.WAITING).filter(created_at__lt=timezone.now() - KEPT).delete()

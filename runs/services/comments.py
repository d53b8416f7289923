"""Comments on runs and findings: said, edited, deleted; and whom they call by @name."""

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from runs.models import COMMENT_MAX_CHARS, Comment, Event, HistoryEntry, Mention, Run, RunFinding
from runs.services.history import record
from runs.services.review import Stale

if TYPE_CHECKING:
    from django.db.models import QuerySet

MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]{1,150})")  # a user name as Django allows it, without '@' in it
_CODE = re.compile(r"(```|~~~).*?(\1|\Z)|`[^`\n]*`", re.DOTALL)
MOST_MENTIONS = 50


class Empty(ValueError):
    """A comment without words."""


def say(run: Run, text: str, by: User, finding: RunFinding | None = None) -> Comment:
    """Say something about the run, or one of its findings. Raises Empty."""
    text = _words(text)
    with transaction.atomic():
        comment = Comment.objects.create(run=run, finding=finding, author=by, text=text)
        _call(comment)
        record(run, Event.COMMENT_ADDED, by, finding=finding, after={"comment": comment.pk, "text": text})
    return comment


def edit(comment: Comment, text: str, version: int, by: User) -> Comment:
    """Say it in other words; the earlier ones stand in the history. Raises Empty, Stale (also where it was deleted meanwhile)."""
    text = _words(text)
    with transaction.atomic():
        current = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
        if current.deleted_at is not None or current.version != version:
            raise Stale(current)
        if text == current.text:
            return current
        before = {"comment": current.pk, "text": current.text}
        current.text, current.edited_at, current.version = text, timezone.now(), current.version + 1
        current.save()
        _call(current)
        after = {"comment": current.pk, "text": text}
        record(comment.run, Event.COMMENT_EDITED, by, finding=current.finding, before=before, after=after)
    return current


def delete(comment: Comment, by: User) -> None:
    """Take a comment back: that there was one stays to be seen. One that is deleted already stays as it is."""
    with transaction.atomic():
        gone = Comment.objects.filter(pk=comment.pk, deleted_at=None).update(deleted_at=timezone.now(), deleted_by=by)
        if gone:
            record(comment.run, Event.COMMENT_DELETED, by, finding=comment.finding, before={"comment": comment.pk})


def may_change(comment: Comment, user: User, is_owner: bool) -> bool:
    """Whether the user may delete it: its author and the team's owners. Editing is its author's alone."""
    return comment.deleted_at is None and (comment.author_id == user.pk or is_owner)


def of_finding(finding: RunFinding) -> "QuerySet[Comment]":
    """What was said about a finding, oldest first, with the authors."""
    return finding.comments.select_related("author", "deleted_by")


def of_run(run: Run) -> "QuerySet[Comment]":
    """What was said about the run as a whole, oldest first, with the authors."""
    return run.comments.filter(finding=None).select_related("author", "deleted_by")


def names_in(text: str) -> list[str]:
    """The user names that a text calls, in order, each once; what stands in code calls nobody."""
    found = (match[1].rstrip(".") for match in MENTION.finditer(_CODE.sub(" ", text)))
    return list(dict.fromkeys(found))[:MOST_MENTIONS]


def _call(comment: Comment) -> None:
    """Keep who is called: members of the team, never the author. Who was called before stays called."""
    names = names_in(comment.text)
    people = User.objects.filter(memberships__team_id=comment.run.team_id, username__in=names, is_active=True)
    people = people.exclude(pk=comment.author_id or 0)
    Mention.objects.bulk_create([Mention(comment=comment, user=user) for user in people], ignore_conflicts=True)


def _words(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()[:COMMENT_MAX_CHARS]
    if not text:
        raise Empty
    return text


def mark_seen(user: User, run: Run) -> None:
    """The user has looked at the run: its mentions of them are not new any more."""
    Mention.objects.filter(user=user, comment__run=run, seen_at=None).update(seen_at=timezone.now())


def called_in(said: Collection[Comment]) -> dict[int, frozenset[str]]:
    """Whom each of the comments calls, by the comment's id: user names. One query."""
    found: dict[int, set[str]] = {}
    for comment, name in Mention.objects.filter(comment__in=said).values_list("comment_id", "user__username"):
        found.setdefault(comment, set()).add(name)
    return {comment: frozenset(names) for comment, names in found.items()}


def taken_back(entries: Iterable[HistoryEntry]) -> set[int]:
    """Which of the comments that history entries quote were deleted since: their words are not to be shown. One query."""
    quoted = {
        entry.after["comment"] for entry in entries if entry.after and entry.event in (Event.COMMENT_ADDED, Event.COMMENT_EDITED)
    }
    return set(Comment.objects.filter(pk__in=quoted, deleted_at__isnull=False).values_list("pk", flat=True))

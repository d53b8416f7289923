"""What people decide about findings: status, assignee, due date. Whoever saw an older version is told, and nothing is overwritten."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from runs.models import Event, FindingReview, Membership, Run, RunFinding, Status
from runs.models.review import REASON_MAX_CHARS
from runs.models.team import REVIEWING_ROLES
from runs.services.history import name_of, record

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Stale(Exception):
    """Somebody else changed it since. `current`: how it is now, a model with a newer `version`."""

    def __init__(self, current: Any) -> None:
        super().__init__(current)
        self.current = current


class NotAllowed(ValueError):
    """The decision lacks something: `why` is 'reason' (of a false positive), 'until' (of an acceptance) or 'assignee' (no reviewer)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Decision:
    """All that a person sets of a review, as a whole: what is None or '' is set to nothing."""

    status: Status
    reason: str = ""  # kept for false positives (which need one) and acceptances
    accepted_until: date | None = None  # kept for acceptances, which need it
    assignee: User | None = None
    due_date: date | None = None

    @classmethod
    def of(cls, review: FindingReview) -> "Decision":
        """How the review stands."""
        return cls(Status(review.status), review.reason, review.accepted_until, review.assignee, review.due_date)

    def checked(self, run: Run) -> "Decision":
        """The decision with what its status has no use for taken away. Raises NotAllowed."""
        closing = self.status in (Status.FALSE_POSITIVE, Status.ACCEPTED)
        reason = self.reason.strip()[:REASON_MAX_CHARS] if closing else ""
        until = self.accepted_until if self.status == Status.ACCEPTED else None
        if self.status == Status.FALSE_POSITIVE and not reason:
            raise NotAllowed("reason")
        if self.status == Status.ACCEPTED and until is None:
            raise NotAllowed("until")
        if self.assignee is not None and not assignable(run).filter(pk=self.assignee.pk).exists():
            raise NotAllowed("assignee")
        return replace(self, reason=reason, accepted_until=until)


def assignable(run: Run) -> "QuerySet[User]":
    """Whom work on the run can be given to: active owners and reviewers of its team, by name."""
    members = Membership.objects.filter(team_id=run.team_id, role__in=REVIEWING_ROLES)
    return User.objects.filter(pk__in=members.values("user_id"), is_active=True).order_by("username")


def decide(finding: RunFinding, decision: Decision, version: int, by: User) -> FindingReview:
    """Set the review of a finding, all of it or nothing, and record what changed. `version`: the one that the person saw.

    Raises Stale where it is not the newest (unless the newest is what they want), NotAllowed.
    """
    with transaction.atomic():
        review = FindingReview.objects.select_for_update(of=("self",)).select_related("assignee", "status_by").get(finding=finding)
        return _apply(finding, review, decision.checked(finding.run), version, by)


def _apply(finding: RunFinding, review: FindingReview, wanted: Decision, version: int, by: User) -> FindingReview:
    current = Decision.of(review)
    if wanted == current:
        return review
    if version != review.version:
        raise Stale(review)
    if (wanted.status, wanted.reason, wanted.accepted_until) != (current.status, current.reason, current.accepted_until):
        record(finding.run, Event.FINDING_STATUS, by, finding=finding, before=_status(current), after=_status(wanted))
        review.status_by, review.status_at = by, timezone.now()
    if wanted.assignee != current.assignee:
        before, after = _person(current.assignee), _person(wanted.assignee)
        record(finding.run, Event.FINDING_ASSIGNED, by, finding=finding, before=before, after=after)
    if wanted.due_date != current.due_date:
        record(finding.run, Event.FINDING_DUE, by, finding=finding, before=_day(current.due_date), after=_day(wanted.due_date))
    review.status, review.reason, review.accepted_until = wanted.status, wanted.reason, wanted.accepted_until
    review.assignee, review.due_date = wanted.assignee, wanted.due_date
    review.version += 1
    review.save()
    return review


def claim(finding: RunFinding, version: int, by: User) -> FindingReview:
    """Take the finding on: assigned to oneself and, where it was open or confirmed, in progress. Raises Stale, NotAllowed."""
    current = Decision.of(FindingReview.objects.select_related("assignee").get(finding=finding))
    status = Status.IN_PROGRESS if current.status in (Status.OPEN, Status.CONFIRMED) else current.status
    return decide(finding, replace(current, status=status, assignee=by), version, by)


@dataclass(frozen=True)
class Bulk:
    """One change for many findings; None leaves a part as it is, `unassign` takes the assignee away."""

    status: Status | None = None
    reason: str = ""
    accepted_until: date | None = None
    assignee: User | None = None
    unassign: bool = False
    due_date: date | None = None

    def on(self, review: FindingReview) -> Decision:
        """What becomes of one review."""
        decision = Decision.of(review)
        if self.status is not None:
            decision = replace(decision, status=self.status, reason=self.reason, accepted_until=self.accepted_until)
        if self.assignee is not None or self.unassign:
            decision = replace(decision, assignee=self.assignee)
        return replace(decision, due_date=self.due_date) if self.due_date is not None else decision


def decide_all(run: Run, bulk: Bulk, versions: dict[str, int], by: User) -> tuple[list[RunFinding], list[RunFinding]]:
    """Change the findings of `versions` (fingerprint: the version seen), each by itself. Returns (changed, stale).

    Stale ones stay as they are. Raises NotAllowed, and then none is changed.
    """
    changed: list[RunFinding] = []
    stale: list[RunFinding] = []
    with transaction.atomic():
        rows = run.findings.filter(fingerprint__in=versions).order_by("place", "pk")
        for finding in rows.select_related("review__assignee", "run"):
            before = finding.review.version
            try:
                after = decide(finding, bulk.on(finding.review), versions[finding.fingerprint], by).version
            except Stale:
                stale.append(finding)
                continue
            if after != before:
                changed.append(finding)
    return changed, stale


def _status(decision: Decision) -> dict[str, str | None]:
    until = _day(decision.accepted_until)
    return {"status": decision.status.value, "reason": decision.reason, "accepted_until": until}


def _person(user: User | None) -> dict[str, object] | None:
    return None if user is None else {"id": user.pk, "name": name_of(user)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

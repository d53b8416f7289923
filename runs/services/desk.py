"""What waits for one person: findings assigned to them, unclaimed ones, what came back, what is due; mentions; next actions."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from runs.models import Change, FindingReview, Mention, RunFinding, Status, Task
from runs.models.comment import MentionQuerySet
from runs.models.finding import SEVERITY_RANKS
from runs.models.review import FindingReviewQuerySet
from runs.models.team import reviewed_teams_of, teams_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from runs.models.checklist import TaskQuerySet

SOON = timedelta(days=7)
MANY = 500
RANKS: dict[str, int] = {str(name): rank for name, rank in SEVERITY_RANKS.items()}
_UNREAD = ("finding__subject", *(f"finding__run__{name}" for name in ("title", "purpose", "verdict", "failure", "services")))
CLOSED = (Status.RESOLVED, Status.FALSE_POSITIVE, Status.ACCEPTED)


def gravest_first(found: FindingReviewQuerySet, most: int, severity: str = "") -> list[FindingReview]:
    """The first of the found, gravest first and oldest first within a severity, with their findings, runs and assignees.

    PostgreSQL knows itself how to get at them. For SQLite, few are gathered and sorted; many need not be: findings (of the
    `severity` that was asked for) are walked in that order, by their index, until enough of them are met.
    """
    order = ("severity_rank", "first_seen_at", "pk")
    in_order = tuple(f"finding__{name}" for name in order)
    if connection.vendor == "sqlite":
        first = list(_walked(found, order, severity)[:most])
    else:
        first = list(found.order_by(*in_order).values_list("finding_id", flat=True)[:most])
    whole = FindingReview.objects.filter(finding__in=first).select_related("finding__run", "assignee").defer(*_UNREAD)
    return list(whole.order_by(*in_order))


def _walked(found: FindingReviewQuerySet, order: "Sequence[str]", severity: str) -> "QuerySet[RunFinding, int]":
    """The ids of the findings in that order, as SQLite gets at them."""
    some = list(found.order_by().values_list("finding_id", flat=True)[: MANY + 1])
    rank = {"severity_rank": RANKS[severity]} if severity else {}
    findings = RunFinding.objects.filter(**rank)
    met = Exists(found.order_by().filter(finding=OuterRef("pk"))) if len(some) > MANY else Q(pk__in=some)
    return findings.filter(met).order_by(*order).values_list("pk", flat=True)


@dataclass(frozen=True)
class Desk:
    """One person's desk on one day. Everything is of runs that they may see now."""

    user: "User"
    today: date

    def _visible(self) -> FindingReviewQuerySet:
        return FindingReview.objects.visible_to(self.user)

    def assigned(self) -> FindingReviewQuerySet:
        """Findings given to the person that want something done."""
        return self._visible().filter(assignee=self.user).pending(self.today)

    def unclaimed(self) -> FindingReviewQuerySet:
        """Faults that nobody has taken on, in teams where the person reviews: open, or accepted until a day that is past."""
        teams = reviewed_teams_of(self.user)
        mine = FindingReview.objects.filter(assignee=None, finding__team_id__in=teams, finding__outcome="fail")
        return mine.exclude(status=Status.CONFIRMED).pending(self.today)

    def came_back(self) -> FindingReviewQuerySet:
        """Findings that an analysis found again after they were gone, nobody having decided since; the person's own and unclaimed."""
        undecided = Q(status_at=None) | Q(status_at__lt=F("finding__changed_at"))
        back = self._visible().filter(undecided, finding__presence="present", finding__change=Change.BACK)
        return back.filter(Q(assignee=self.user) | Q(assignee=None))

    def due(self) -> FindingReviewQuerySet:
        """The person's findings that are due within a week, or were before."""
        return self.assigned().filter(Q(due_date__lte=self.today + SOON) | Q(status=Status.ACCEPTED))

    def closed(self) -> FindingReviewQuerySet:
        """What the person has closed."""
        return self._visible().filter(status_by=self.user, status__in=CLOSED)

    def mentions(self) -> MentionQuerySet:
        """Who calls the person."""
        return Mention.objects.of(self.user)

    def tasks(self) -> "TaskQuerySet":
        """Next actions that the person is to do, the first due first."""
        mine = Task.objects.current().filter(owner=self.user, done_at=None, run__team_id__in=teams_of(self.user))
        return mine.order_by(F("due_date").asc(nulls_last=True), "pk")

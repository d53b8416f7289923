"""What waits for one person: findings assigned to them, unclaimed ones, what came back, what is due; mentions; next actions."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Q

from runs.models import Change, FindingReview, Mention, Run, Status, Task
from runs.models.comment import MentionQuerySet
from runs.models.review import FindingReviewQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from runs.models.checklist import TaskQuerySet

SOON = timedelta(days=7)
CLOSED = (Status.RESOLVED, Status.FALSE_POSITIVE, Status.ACCEPTED)


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
        reviewed = Run.objects.reviewable_by(self.user)
        mine = FindingReview.objects.filter(finding__run__in=reviewed, assignee=None, finding__outcome="fail")
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
        mine = Task.objects.current().filter(owner=self.user, done_at=None, run__in=Run.objects.visible_to(self.user))
        return mine.order_by(F("due_date").asc(nulls_last=True), "pk")

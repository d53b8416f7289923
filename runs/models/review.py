"""What people decided about a finding: status, assignee, due date; and what they link it with."""

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from runs.models.fields import EvidenceTextField
from runs.models.finding import RunFinding
from runs.models.run import Run
from runs.models.team import teams_of

if TYPE_CHECKING:
    from runs.models.team import AnyUser

REASON_MAX_CHARS = 2000


class Status(models.TextChoices):
    """Open, confirmed and in progress want something done; the others are closed, accepted only until its date."""

    OPEN = "open", _("Open")
    CONFIRMED = "confirmed", _("Confirmed")
    IN_PROGRESS = "in_progress", _("In progress")
    RESOLVED = "resolved", _("Resolved")
    FALSE_POSITIVE = "false_positive", _("False positive")
    ACCEPTED = "accepted", _("Accepted")


PENDING_STATUSES = (Status.OPEN, Status.CONFIRMED, Status.IN_PROGRESS)


class FindingReviewQuerySet(models.QuerySet["FindingReview"]):
    """Reviews by who may see them, and by whether something is still to be done."""

    def visible_to(self, user: "AnyUser") -> "FindingReviewQuerySet":
        """The reviews of findings of the runs that the user may see."""
        return self.filter(finding__team_id__in=teams_of(user)) if user.is_active else self.none()

    def pending(self, today: date) -> "FindingReviewQuerySet":
        """What wants something done: not closed, or accepted until a day that is past. Gone findings are not among them."""
        undone = Q(status__in=PENDING_STATUSES) | Q(status=Status.ACCEPTED, accepted_until__lt=today)
        return self.filter(undone, finding__presence="present")


class FindingReview(models.Model):
    """Where the work on one finding of one run stands. There is one from the first report that has the finding.

    `version` counts every change: whoever changes it says which version they saw, and learns of it when it is not the newest.
    """

    finding = models.OneToOneField(RunFinding, models.CASCADE, related_name="review")
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.OPEN)
    reason = EvidenceTextField(_("reason"), blank=True, default="", max_length=REASON_MAX_CHARS)
    accepted_until = models.DateField(_("accepted until"), null=True, blank=True)
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    status_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="assigned_reviews")
    due_date = models.DateField(_("due"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    objects = FindingReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = (
            models.Index(fields=("assignee", "status"), name="review_assignee_status"),
            models.Index(fields=("status", "due_date"), name="review_status_due"),
            models.Index(fields=("status_by", "status"), name="review_closer_status"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(status__in=Status.values), name="review_status_known"),
            models.CheckConstraint(
                condition=~Q(status=Status.FALSE_POSITIVE) | ~Q(reason=""), name="review_false_positive_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.ACCEPTED, accepted_until__isnull=False)
                | ~Q(status=Status.ACCEPTED) & Q(accepted_until__isnull=True),
                name="review_accepted_until_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.finding_id} {self.status}"

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been done, or looked at again, before today."""
        if self.status == Status.ACCEPTED:
            return self.accepted_until is not None and self.accepted_until < today
        return self.status in PENDING_STATUSES and self.due_date is not None and self.due_date < today


class FindingLink(models.Model):
    """A finding that a person holds to belong with another finding, or with a run as a whole. Read both ways."""

    finding = models.ForeignKey(RunFinding, models.CASCADE, related_name="links")
    to_finding = models.ForeignKey(RunFinding, models.CASCADE, null=True, blank=True, related_name="links_here")
    to_run = models.ForeignKey(Run, models.CASCADE, null=True, blank=True, related_name="links_here")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("made_at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(to_finding__isnull=True) ^ Q(to_run__isnull=True), name="link_has_one_end"),
            models.CheckConstraint(condition=~Q(to_finding=F("finding")), name="link_not_to_itself"),
            models.UniqueConstraint(fields=("finding", "to_finding"), name="link_to_finding_once"),
            models.UniqueConstraint(fields=("finding", "to_run"), name="link_to_run_once"),
        )

    def __str__(self) -> str:
        return f"{self.finding_id} – {self.to_finding_id or self.to_run_id}"

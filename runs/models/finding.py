"""The findings of a run, one row for each fingerprint that an analysis of it ever had: what human decisions hang on.

The words of a finding (statements, citations, actions) stand in the report; here is what lists, searches and joins need.
A row is never deleted by a re-analysis: what it no longer finds is `gone`, and may come back.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from runs.analysis.report import SEVERITIES
from runs.models.fields import EvidenceCharField, SentenceField
from runs.models.run import Run
from runs.models.team import Team, teams_of

if TYPE_CHECKING:
    from runs.models.team import AnyUser

NUMBER_MAX_CHARS = 12
SEVERITY_RANKS = {name: rank for rank, name in enumerate(SEVERITIES)}  # 0 is the gravest: lists sort by it


class Presence(models.TextChoices):
    """Whether the newest report has the finding."""

    PRESENT = "present", _("Present")
    GONE = "gone", _("Gone")


class Change(models.TextChoices):
    """What the analysis of `changed_revision` did to the finding: the newest thing that happened to it."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    GONE = "gone", _("Gone")
    BACK = "back", _("Back again")


class RunFindingQuerySet(models.QuerySet["RunFinding"]):
    """Findings by who may see them, and by whether the newest report has them."""

    def visible_to(self, user: "AnyUser") -> "RunFindingQuerySet":
        """The findings of the runs that the user may see."""
        return self.filter(team_id__in=teams_of(user)) if user.is_active else self.none()

    def present(self) -> "RunFindingQuerySet":
        """What the newest report has."""
        return self.filter(presence=Presence.PRESENT)

    def faults(self) -> "RunFindingQuerySet":
        """What is wrong, not what is only worth knowing."""
        return self.filter(outcome="fail")

    def gravest_first(self) -> "RunFindingQuerySet":
        """By severity, then in the report's order."""
        return self.order_by("severity_rank", "place", "pk")


class RunFinding(models.Model):
    """A finding of a run, known by its fingerprint (32 hex digits: a hash of rule and subject)."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="findings")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")  # its run's, which never changes: counted without the runs
    fingerprint = models.CharField(max_length=64)
    rule = models.CharField(max_length=64)
    domain = models.CharField(max_length=16, blank=True, default="")
    subject = models.JSONField(default=dict, blank=True)  # as in the report, made storable
    subject_words = EvidenceCharField(max_length=300, blank=True, default="")  # its values in one line, to be searched
    outcome = models.CharField(max_length=8, choices=(("fail", "fail"), ("info", "info")))
    severity = models.CharField(max_length=8, choices=tuple((name, name) for name in SEVERITIES))
    severity_rank = models.PositiveSmallIntegerField()
    confidence = models.CharField(max_length=12)
    title = SentenceField()
    number = models.CharField(max_length=NUMBER_MAX_CHARS)  # 'F1' in the newest report that has it
    place = models.PositiveIntegerField(default=0)  # its place in that report
    presence = models.CharField(max_length=8, choices=Presence.choices, default=Presence.PRESENT)
    change = models.CharField(max_length=8, choices=Change.choices, default=Change.NEW)
    changed_revision = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    first_seen_revision = models.PositiveIntegerField()
    last_seen_revision = models.PositiveIntegerField()
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    objects = RunFindingQuerySet.as_manager()

    class Meta:
        ordering = ("run", "place", "pk")
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        indexes = (
            models.Index(fields=("fingerprint", "-id"), name="finding_fingerprint_newest"),
            models.Index(fields=("rule", "-first_seen_at"), name="finding_rule_newest"),
            models.Index(fields=("team", "fingerprint", "first_seen_at"), name="finding_team_fingerprint"),
            models.Index(fields=("team",), condition=Q(change="back"), name="finding_back_of_team"),
            models.Index(fields=("severity_rank", "first_seen_at"), name="finding_gravest_oldest"),
        )
        constraints = (
            models.UniqueConstraint(fields=("run", "fingerprint"), name="finding_once_a_run"),
            models.CheckConstraint(condition=~Q(fingerprint=""), name="finding_fingerprint_present"),
            models.CheckConstraint(condition=Q(outcome__in=("fail", "info")), name="finding_outcome_known"),
            models.CheckConstraint(condition=Q(severity__in=SEVERITIES), name="finding_severity_known"),
            models.CheckConstraint(condition=Q(presence__in=Presence.values), name="finding_presence_known"),
            models.CheckConstraint(condition=Q(change__in=Change.values), name="finding_change_known"),
            models.CheckConstraint(condition=Q(first_seen_revision__lte=F("last_seen_revision")), name="finding_seen_in_order"),
            models.CheckConstraint(
                condition=Q(presence=Presence.GONE, change=Change.GONE) | Q(presence=Presence.PRESENT) & ~Q(change=Change.GONE),
                name="finding_gone_is_gone",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.rule}"

    @property
    def is_present(self) -> bool:
        """Whether the newest report has it."""
        return self.presence == Presence.PRESENT

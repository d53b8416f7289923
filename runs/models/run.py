"""A run: one incident's bundle of evidence, and where its analysis stands."""

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from runs.models.fields import EvidenceCharField, EvidenceTextField, SentenceField
from runs.models.team import Team, reviewed_teams_of, teams_of

if TYPE_CHECKING:
    from runs.models.team import AnyUser

LABEL_MAX_CHARS = 200


def new_key() -> str:
    """An opaque key for URLs: 96 random bits, which nobody guesses."""
    return secrets.token_urlsafe(12)


class RunState(models.TextChoices):
    """Receiving while files arrive; queued and analysing while workers parse; then concluded, or failed."""

    RECEIVING = "receiving", _("Receiving")
    QUEUED = "queued", _("Queued")
    ANALYSING = "analysing", _("Analysing")
    CONCLUDED = "concluded", _("Concluded")
    FAILED = "failed", _("Failed")


class RunQuerySet(models.QuerySet["Run"]):
    """Runs by who may see them, and by what they wait for."""

    def visible_to(self, user: "AnyUser") -> "RunQuerySet":
        """The runs of the user's teams. Being an administrator opens no run: only a membership does."""
        return self.filter(team_id__in=teams_of(user)) if user.is_active else self.none()

    def reviewable_by(self, user: "AnyUser") -> "RunQuerySet":
        """The runs that the user may change."""
        if not user.is_active:
            return self.none()
        return self.filter(team_id__in=reviewed_teams_of(user))

    def with_counts(self) -> "RunQuerySet":
        """Adds `files_total`, `files_done` (in a final state) and `files_failed` (failed or refused)."""
        from runs.models.evidence import FINAL_STATES, FileState

        return self.annotate(
            files_total=Count("files"),
            files_done=Count("files", filter=Q(files__state__in=FINAL_STATES)),
            files_failed=Count("files", filter=Q(files__state__in=(FileState.FAILED, FileState.REFUSED))),
        )

    def ready_to_conclude(self) -> "RunQuerySet":
        """Runs that were received whole, whose files are all final, and whose newest inputs are not judged yet."""
        from runs.models.evidence import FINAL_STATES, EvidenceFile

        waiting = EvidenceFile.objects.filter(run=OuterRef("pk")).exclude(state__in=FINAL_STATES)
        return self.filter(
            ~Exists(waiting), state__in=(RunState.QUEUED, RunState.ANALYSING), concluded_revision__lt=F("input_revision")
        )


class Run(models.Model):
    """A bundle of evidence. `key` stands in URLs; `label` is the RUN_ID, which need not be unique.

    Every change of its inputs (files, corrections) raises `input_revision`; a report is made for one revision. The columns
    after `timezone_override` repeat the newest report for lists.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="runs")
    label = EvidenceCharField(_("run id"), max_length=LABEL_MAX_CHARS)
    label_is_manual = models.BooleanField(default=False)
    bundle_name = EvidenceCharField(max_length=LABEL_MAX_CHARS, blank=True, default="")  # the folder's or archive's
    title = EvidenceTextField(_("title"), blank=True, default="")
    purpose = EvidenceTextField(_("purpose"), blank=True, default="")
    state = models.CharField(_("state"), max_length=12, choices=RunState.choices, default=RunState.RECEIVING)
    failure = SentenceField(null=True, blank=True)  # why the state is 'failed'
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    touched_at = models.DateTimeField(auto_now_add=True)  # the last sign of life of an upload into it
    concluded_at = models.DateTimeField(_("concluded"), null=True, blank=True)

    input_revision = models.PositiveIntegerField(default=0)
    requested_revision = models.PositiveIntegerField(default=0)  # the newest revision whose conclusion was enqueued
    concluded_revision = models.PositiveIntegerField(default=0)
    conclude_until = models.DateTimeField(null=True, blank=True)  # when an enqueued conclusion counts as lost
    conclude_tries = models.PositiveSmallIntegerField(default=0)

    timezone_override = models.CharField(_("time zone"), max_length=64, null=True, blank=True)

    verdict_outcome = models.CharField(max_length=16, blank=True, default="")
    verdict_severity = models.CharField(max_length=16, blank=True, default="")
    verdict = SentenceField(null=True, blank=True)
    finding_count = models.PositiveIntegerField(default=0)
    file_count = models.PositiveIntegerField(default=0)
    frame_count = models.PositiveBigIntegerField(default=0)
    services = models.JSONField(default=list, blank=True)  # what its attempts asked for: 'localhost:9080' …
    is_baseline = models.BooleanField(_("baseline"), default=False)  # a good example of its services
    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        indexes = (
            models.Index(fields=("team", "-created_at"), name="run_team_newest"),
            models.Index(fields=("state",), name="run_state"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(condition=Q(concluded_revision__lte=F("input_revision")), name="run_concluded_not_ahead"),
            models.CheckConstraint(condition=Q(requested_revision__lte=F("input_revision")), name="run_requested_not_ahead"),
            models.CheckConstraint(condition=~Q(key=""), name="run_key_present"),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def is_busy(self) -> bool:
        """Whether files still arrive or workers still work, so that a page should look again."""
        return self.state in (RunState.RECEIVING, RunState.QUEUED, RunState.ANALYSING)

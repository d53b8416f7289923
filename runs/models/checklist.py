"""The shared checklist of a run: next actions from findings, from the notes, and of the team's own."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.models.fields import EvidenceCharField, EvidenceTextField, SentenceField
from runs.models.finding import RunFinding
from runs.models.run import Run

TASK_MAX_CHARS = 1000


class TaskSource(models.TextChoices):
    """Who proposed it."""

    FINDING = "finding", _("a finding")
    NOTES = "notes", _("the notes")
    PERSON = "person", _("a person")


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks by whether they still count."""

    def current(self) -> "TaskQuerySet":
        """What the newest report still proposes, what people added, and what people have put a hand to."""
        touched = Q(done_at__isnull=False) | Q(owner__isnull=False) | Q(due_date__isnull=False)
        return self.filter(Q(is_proposed=True) | touched, removed_at=None)


class Task(models.Model):
    """Something to do next. `origin` tells equal proposals of later analyses apart from new ones."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="tasks")
    source = models.CharField(max_length=8, choices=TaskSource.choices)
    origin = models.CharField(max_length=64, blank=True, default="")  # a digest of the proposal; '' for a person's own
    is_proposed = models.BooleanField(default=True)  # whether the newest report still has it
    finding = models.ForeignKey(RunFinding, models.SET_NULL, null=True, blank=True, related_name="tasks")
    sentence = SentenceField(null=True, blank=True)  # a finding's advice
    command = EvidenceTextField(blank=True, default="")  # ready to paste, where the advice has one
    written = EvidenceTextField(blank=True, default="")  # as the notes or a person have it
    path = EvidenceCharField(max_length=500, blank=True, default="")  # where in the notes
    line = models.PositiveIntegerField(null=True, blank=True)
    place = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="tasks")
    due_date = models.DateField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )  # None: the notes
    removed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=0)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("place", "pk")
        verbose_name = _("next action")
        verbose_name_plural = _("next actions")
        indexes = (models.Index(fields=("owner", "done_at"), name="task_owner_done"),)
        constraints = (
            models.UniqueConstraint(fields=("run", "origin"), condition=~Q(origin=""), name="task_origin_once"),
            models.CheckConstraint(condition=Q(source__in=TaskSource.values), name="task_source_known"),
            models.CheckConstraint(condition=Q(sentence__isnull=False) | ~Q(written=""), name="task_has_words"),
            models.CheckConstraint(condition=Q(source=TaskSource.PERSON) ^ ~Q(origin=""), name="task_origin_unless_own"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.origin[:12] or self.written[:40]}"

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been done before today."""
        return self.done_at is None and self.due_date is not None and self.due_date < today

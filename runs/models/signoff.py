"""A reviewer's word that a run was looked at as a whole, and what was still open then."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.models.fields import EvidenceTextField
from runs.models.run import Run

REMARK_MAX_CHARS = 2000


class Ending(models.TextChoices):
    """Why a sign-off holds no longer."""

    WITHDRAWN = "withdrawn", _("withdrawn by a person")
    EVIDENCE = "evidence", _("the evidence was changed")
    FINDINGS = "findings", _("an analysis found something new")


class SignOff(models.Model):
    """One sign-off of a run, for one revision of its inputs; at most one holds at a time, those that ended stay as a record."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="signoffs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField()
    remark = EvidenceTextField(_("remark"), blank=True, default="", max_length=REMARK_MAX_CHARS)
    open_points = models.JSONField(default=list, blank=True)  # [{kind: finding|task|undecided, number, text: {id, params} or str}]
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True, default="")

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        constraints = (
            models.UniqueConstraint(fields=("run",), condition=Q(ended_at=None), name="signoff_one_holds"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) ^ ~Q(ending=""), name="signoff_ends_for_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.run_id} r{self.revision}"

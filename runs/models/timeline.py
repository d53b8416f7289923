"""Bookmarks and remarks that people leave at a place of the evidence, on the timeline of a run."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.models.evidence import PATH_MAX_CHARS
from runs.models.fields import EvidenceCharField, EvidenceTextField
from runs.models.run import Run

MARK_MAX_CHARS = 2_000


class TimelineMark(models.Model):
    """A bookmark (without a text) or a remark, at a frame or a line of a file. It belongs to the run and survives its analyses."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="marks")
    path = EvidenceCharField(max_length=PATH_MAX_CHARS)
    kind = models.CharField(max_length=6, choices=(("frames", _("frame")), ("lines", _("line"))))
    number = models.PositiveBigIntegerField()  # of the frame or the line, from 1
    text = EvidenceTextField(blank=True, default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "pk")
        verbose_name = _("bookmark")
        verbose_name_plural = _("bookmarks")
        indexes = (models.Index(fields=("run", "path"), name="mark_run_path"),)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=("frames", "lines")), name="mark_kind_known"),
            models.CheckConstraint(condition=Q(number__gt=0), name="mark_number_counts"),
        )

    def __str__(self) -> str:
        return f"{self.path}{'#' if self.kind == 'frames' else ':'}{self.number}"

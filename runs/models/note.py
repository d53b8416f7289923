"""What people hold of a file: the 所見 beside the machine's line."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from runs.models.evidence import EvidenceFile
from runs.models.fields import EvidenceTextField

NOTE_MAX_CHARS = 5000


class FileNote(models.Model):
    """A person's remark on a file of a run; it stays with the file through re-analysis. Its earlier words stand in the history."""

    file = models.OneToOneField(EvidenceFile, models.CASCADE, related_name="note")
    text = EvidenceTextField(_("note"), blank=True, default="", max_length=NOTE_MAX_CHARS)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("file note")
        verbose_name_plural = _("file notes")

    def __str__(self) -> str:
        return self.text[:40]

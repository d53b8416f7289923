"""The files of a run, and the bytes they stand for."""

import re
from datetime import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.models.fields import EvidenceCharField, SentenceField
from runs.models.run import Run

PATH_MAX_CHARS = 500  # four bytes each stay below the longest key of PostgreSQL's index


class FileState(models.TextChoices):
    """Waiting and parsing are on the way; the others are final."""

    WAITING = "waiting", _("Waiting")
    PARSING = "parsing", _("Parsing")
    PARSED = "parsed", _("Parsed")
    PARTIAL = "partial", _("Partial")
    UNRECOGNISED = "unrecognised", _("Unrecognised")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("Refused")


FINAL_STATES = (FileState.PARSED, FileState.PARTIAL, FileState.UNRECOGNISED, FileState.FAILED, FileState.REFUSED)


class BlobQuerySet(models.QuerySet["Blob"]):
    """Blobs by whether something needs them."""

    def unneeded(self, before: datetime) -> "BlobQuerySet":
        """Blobs of no file that were last stored before the moment: an upload under way may be about to name its own."""
        return self.filter(files__isnull=True, stored_at__lt=before)


class Blob(models.Model):
    """Bytes, kept once by their SHA-256 however many files of however many runs have them."""

    sha256 = models.CharField(primary_key=True, max_length=64, validators=[RegexValidator(re.compile(r"^[0-9a-f]{64}\Z"))])
    size_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    stored_at = models.DateTimeField()  # the last time that an upload brought these bytes

    objects = BlobQuerySet.as_manager()

    def __str__(self) -> str:
        return self.sha256[:12]


class EvidenceFileQuerySet(models.QuerySet["EvidenceFile"]):
    """Files by where their parsing stands."""

    def final(self) -> "EvidenceFileQuerySet":
        """Files that no worker will touch again."""
        return self.filter(state__in=FINAL_STATES)

    def unfinished(self) -> "EvidenceFileQuerySet":
        """Files that wait for a worker or are with one."""
        return self.exclude(state__in=FINAL_STATES)

    def takeable(self, now: datetime) -> "EvidenceFileQuerySet":
        """Files that a worker may take: waiting, or taken by one whose lease ran out."""
        return self.filter(Q(state=FileState.WAITING) | Q(state=FileState.PARSING, lease_until__lt=now))


class EvidenceFile(models.Model):
    """A file of a run, under its path in the bundle."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="files")
    path = EvidenceCharField(_("path"), max_length=PATH_MAX_CHARS)
    position = models.PositiveIntegerField(default=0)  # its place in the bundle as it came
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, blank=True, related_name="files")  # None: refused, no bytes kept
    size_bytes = models.PositiveBigIntegerField(default=0)
    state = models.CharField(_("state"), max_length=12, choices=FileState.choices, default=FileState.WAITING)
    kind = models.CharField(_("kind"), max_length=64, blank=True, default="")
    kind_override = models.CharField(_("kind, as corrected"), max_length=64, blank=True, default="")
    clock_zone = models.CharField(_("zone, as corrected"), max_length=64, blank=True, default="")
    clock_offset_ns = models.BigIntegerField(_("offset, as corrected"), null=True, blank=True)
    clock_date = models.DateField(_("date, as corrected"), null=True, blank=True)  # of times that are written without one
    encoding = models.CharField(_("encoding"), max_length=32, blank=True, default="")
    problem = SentenceField(null=True, blank=True)  # why it was refused or failed, or its first problem
    remark = SentenceField(null=True, blank=True)  # what the upload has to say of it: renamed, name decoded
    counts = models.JSONField(default=dict, blank=True)  # what the parser counted: 'frames', 'lines' …
    artefact = models.CharField(max_length=200, blank=True, default="")  # where its facts and tables stand in storage
    lease_token = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)  # when its parsing was last enqueued
    tries = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = EvidenceFileQuerySet.as_manager()

    class Meta:
        ordering = ("position", "path")
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = (models.Index(fields=("state", "lease_until"), name="file_state_lease"),)
        constraints = (
            models.UniqueConstraint(fields=("run", "path"), name="file_path_once"),
            models.CheckConstraint(condition=~Q(path=""), name="file_path_present"),
            models.CheckConstraint(condition=Q(state__in=FileState.values), name="file_state_known"),
            models.CheckConstraint(condition=Q(blob__isnull=False) | Q(state=FileState.REFUSED), name="file_blob_unless_refused"),
            models.CheckConstraint(
                condition=(Q(state=FileState.PARSING) & Q(lease_until__isnull=False) & ~Q(lease_token=""))
                | (~Q(state=FileState.PARSING) & Q(lease_until__isnull=True) & Q(lease_token="")),
                name="file_lease_while_parsing",
            ),
        )

    def __str__(self) -> str:
        return self.path

    @property
    def has_clock_correction(self) -> bool:
        """Whether a person said what its times mean."""
        return bool(self.clock_zone) or self.clock_offset_ns is not None or self.clock_date is not None

    @property
    def is_final(self) -> bool:
        """Whether no worker will touch it again."""
        return self.state in FINAL_STATES

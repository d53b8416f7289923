"""Links to a proof: one page about some findings, as it stood when it was shared, for people without an account."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runs.models.fields import EvidenceTextField
from runs.models.run import Run

if TYPE_CHECKING:
    from datetime import datetime


class ProofLinkQuerySet(models.QuerySet["ProofLink"]):
    """Links by whether they open anything."""

    def open(self) -> "ProofLinkQuerySet":
        """Neither revoked nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class ProofLink(models.Model):
    """One link. The page is kept as it was; the address's secret is shown once and never kept."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="proof_links")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the secret in the address
    findings = models.JSONField(default=list)  # numbers, as they were: ['F1', 'F3']
    language = models.CharField(max_length=2)
    body = EvidenceTextField()  # the whole HTML page
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    views = models.PositiveIntegerField(default=0)
    last_viewed_at = models.DateTimeField(null=True, blank=True)

    objects = ProofLinkQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("proof link")
        verbose_name_plural = _("proof links")

    def __str__(self) -> str:
        return f"{self.run_id} {', '.join(self.findings)}"

    @property
    def ended_at(self) -> "datetime | None":
        """Since when it opens nothing; None while it does."""
        if self.revoked_at is not None:
            return self.revoked_at
        return self.expires_at if self.expires_at <= timezone.now() else None

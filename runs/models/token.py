"""Personal tokens of the API: what a program shows instead of a password. Only a digest of the secret is kept."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime

TOKEN_NAME_MAX_CHARS = 100


class TokenScope(models.TextChoices):
    """What a token may do; its person's role in a team may allow less."""

    READ = "read", _("read runs")
    WRITE = "write", _("read and upload runs")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens by whether they open anything."""

    def active(self) -> "ApiTokenQuerySet":
        """Neither revoked nor expired, of a person who may sign in."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class ApiToken(models.Model):
    """One token of one person. The secret itself is shown once and never kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=TOKEN_NAME_MAX_CHARS)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the secret, which has 256 bits: no salt is needed
    hint = models.CharField(max_length=16)  # how the secret begins, to tell tokens apart
    scope = models.CharField(_("scope"), max_length=8, choices=TokenScope.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = (models.CheckConstraint(condition=Q(scope__in=TokenScope.values), name="token_scope_known"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def ended_at(self) -> "datetime | None":
        """Since when it opens nothing; None while it does."""
        if self.revoked_at is not None:
            return self.revoked_at
        return self.expires_at if self.expires_at <= timezone.now() else None

"""Webhooks of a team: where events are posted to, what waits to be posted, and how the last posts went."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.models.history import Event, HistoryEntry
from runs.models.team import Team

if TYPE_CHECKING:
    from datetime import datetime

WEBHOOK_NAME_MAX_CHARS = 100
WEBHOOK_URL_MAX_CHARS = 500
WEBHOOK_ERROR_MAX_CHARS = 300


class Topic(models.TextChoices):
    """What a webhook may be told, by kinds of events."""

    ANALYSIS = "analysis", _("judged runs and failed analyses")
    EVIDENCE = "evidence", _("evidence added, removed or corrected")
    REVIEW = "review", _("findings: status, assignee, due date, links")
    TALK = "talk", _("comments, file notes, marks")
    TASKS = "tasks", _("next actions")
    SIGNOFF = "signoff", _("sign-offs")
    RUNBOOKS = "runbooks", _("runbooks")
    PROOF = "proof", _("proofs shared with others")


_OF_FAMILY = {
    "run": Topic.EVIDENCE,
    "mark": Topic.TALK,
    "finding": Topic.REVIEW,
    "comment": Topic.TALK,
    "note": Topic.TALK,
    "task": Topic.TASKS,
    "runbook": Topic.RUNBOOKS,
    "section": Topic.RUNBOOKS,
    "proof": Topic.PROOF,
    "signoff": Topic.SIGNOFF,
}
_OF_EVENT = dict.fromkeys(
    (Event.RUN_ANALYSED, Event.RUN_FAILED, Event.FINDING_CHANGED, Event.FINDING_GONE, Event.FINDING_BACK), Topic.ANALYSIS
)


def topic_of(event: str) -> Topic | None:
    """The topic that an event belongs to; None for changes of the webhooks themselves, which none is told."""
    return _OF_EVENT.get(Event(event)) or _OF_FAMILY.get(event.partition(".")[0])


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Webhooks by whether there is work."""

    def with_work(self, now: "datetime") -> "WebhookQuerySet":
        """Active ones with something waiting whose next try is due."""
        waiting = WebhookEvent.objects.filter(webhook=models.OuterRef("pk"))
        return self.filter(models.Exists(waiting), is_active=True, next_try_at__lte=now)


class Webhook(models.Model):
    """An address that a team's events are posted to, in order. Its signing secret is derived from the portal's key and `nonce`."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="webhooks")
    name = models.CharField(_("name"), max_length=WEBHOOK_NAME_MAX_CHARS)
    url = models.CharField(_("address"), max_length=WEBHOOK_URL_MAX_CHARS)
    nonce = models.CharField(max_length=32)  # another one is another secret
    topics = models.JSONField(default=list)  # values of Topic
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(auto_now_add=True)  # a sender moves it on while it works, and after a failure
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    lost = models.PositiveIntegerField(default=0)  # events that were given up

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("team", "pk")
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class WebhookEvent(models.Model):
    """One event that waits to be posted."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="waiting")
    entry = models.ForeignKey(HistoryEntry, models.CASCADE, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("webhook", "entry"), name="webhook_event_once"),)

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.entry_id}"


class WebhookAttempt(models.Model):
    """How one post went: the answer's status, or in words why there was none."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="attempts")
    at = models.DateTimeField(auto_now_add=True)
    events = models.PositiveIntegerField()  # 0: a test
    status = models.PositiveIntegerField(null=True, blank=True)
    error = models.CharField(max_length=WEBHOOK_ERROR_MAX_CHARS, blank=True, default="")
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=Q(status__isnull=False) | ~Q(error=""), name="attempt_tells_how"),)

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.status or self.error}"

    @property
    def succeeded(self) -> bool:
        """Whether the other end took it."""
        return self.status is not None and 200 <= self.status < 300

"""What people are told by e-mail: why they are told, what they want to be told, and what waits to be sent."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from runs.models.checklist import Task
from runs.models.finding import RunFinding
from runs.models.history import HistoryEntry
from runs.models.run import Run

if TYPE_CHECKING:
    from datetime import datetime

NOTICE_KEY_MAX_CHARS = 80
NOTICE_ERROR_MAX_CHARS = 300


class Reason(models.TextChoices):
    """Why somebody is told. A person may switch each off."""

    ASSIGNED = "assigned", _("a finding or a next action is given to me")
    MENTIONED = "mentioned", _("a comment mentions me")
    MINE = "mine", _("something of mine is changed by somebody else")
    TALK = "talk", _("somebody answers where I took part")
    RUN = "run", _("a run that I uploaded is judged, or its analysis fails")
    TEAM_RUN = "team_run", _("any run of my teams is judged and has faults")
    SIGNOFF = "signoff", _("a run that I uploaded or signed off is signed off, or opened again")
    DUE = "due", _("something of mine is due tomorrow or today, is overdue, or was accepted until yesterday")
    DIGEST = "digest", _("the digest")


MUTED_AT_FIRST = (Reason.TEAM_RUN,)


def muted_at_first() -> list[str]:
    """What nobody is told before they ask for it."""
    return [reason.value for reason in MUTED_AT_FIRST]


class Digest(models.TextChoices):
    """How often somebody gets what is on their desk as one mail."""

    OFF = "off", pgettext_lazy("digest", "never")
    DAILY = "daily", pgettext_lazy("digest", "every morning")
    WEEKLY = "weekly", pgettext_lazy("digest", "on Monday mornings")


class NoticeSettings(models.Model):
    """What one person wants to be told. A person without a row is told as a fresh one says, in the portal's language."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_settings")
    by_mail = models.BooleanField(_("e-mail"), default=True)
    muted = models.JSONField(default=muted_at_first, blank=True)  # values of Reason
    digest = models.CharField(_("digest"), max_length=8, choices=Digest.choices, default=Digest.OFF)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    asked_at = models.DateTimeField(null=True, blank=True)  # when a letter last went to an address not confirmed yet

    class Meta:
        verbose_name = _("notification settings")
        verbose_name_plural = _("notification settings")
        constraints = (models.CheckConstraint(condition=Q(digest__in=Digest.values), name="notice_digest_known"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.digest}"

    def wants(self, reason: str) -> bool:
        """Whether the person is told for this reason."""
        return self.by_mail and reason not in self.muted


class NoticeState(models.TextChoices):
    """Waiting until it is sent; dropped where the reason had gone meanwhile; failed where no mail server takes it."""

    WAITING = "waiting", pgettext_lazy("notice", "waiting")
    SENT = "sent", pgettext_lazy("notice", "sent")
    DROPPED = "dropped", pgettext_lazy("notice", "dropped")
    FAILED = "failed", pgettext_lazy("notice", "failed")


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by whether they are to be sent."""

    def due(self, now: "datetime") -> "NoticeQuerySet":
        """What is to be sent now, the oldest first; what a sender holds is not among them until its time is over."""
        return self.filter(state=NoticeState.WAITING, due_at__lte=now).order_by("pk")


class Notice(models.Model):
    """One thing that one person is to be told. `key` says what, so that nothing is told twice: 'entry:812', 'due:review:9:2026-12-01'."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    key = models.CharField(max_length=NOTICE_KEY_MAX_CHARS)
    run = models.ForeignKey(Run, models.CASCADE, null=True, blank=True, related_name="+")
    entry = models.ForeignKey(HistoryEntry, models.CASCADE, null=True, blank=True, related_name="notices")
    finding = models.ForeignKey(RunFinding, models.CASCADE, null=True, blank=True, related_name="+")
    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=NoticeState.choices, default=NoticeState.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()  # not before; a sender moves it on while it works, and after a failure
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=NOTICE_ERROR_MAX_CHARS, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = (models.Index(fields=("state", "due_at"), name="notice_state_due"),)
        constraints = (
            models.UniqueConstraint(fields=("user", "key"), name="notice_once"),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="notice_reason_known"),
            models.CheckConstraint(condition=Q(state__in=NoticeState.values), name="notice_state_known"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

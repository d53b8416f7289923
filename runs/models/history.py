"""Who did what, when, from what to what: written once by `services.history.record`, never changed."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.models.evidence import EvidenceFile
from runs.models.finding import RunFinding
from runs.models.run import Run
from runs.models.team import Team, teams_of

if TYPE_CHECKING:
    from runs.models.team import AnyUser


class Event(models.TextChoices):
    """What happened. `before` and `after` of the entry hold what the comment beside each event says."""

    RUN_FILES_ADDED = "run.files_added", _("files added")  # after: {files, bytes}
    RUN_FILE_REMOVED = "run.file_removed", _("file removed")  # before: {path}
    RUN_KIND_SET = "run.kind_set", _("kind corrected")  # before, after: kind; '' is 'as recognised'
    RUN_ZONE_SET = "run.zone_set", _("time zone corrected")  # before, after: zone or null
    RUN_CLOCK_SET = "run.clock_set", _("clock corrected")  # before, after: {zone, offset_ns, date}; the entry names the file
    RUN_RENAMED = "run.renamed", _("renamed")  # before, after: label
    RUN_BASELINE_SET = "run.baseline_set", _("marked as a baseline of its services")
    RUN_BASELINE_ENDED = "run.baseline_ended", _("no longer a baseline")
    MARK_ADDED = "mark.added", _("marked on the timeline")  # after: {place, text}
    MARK_REMOVED = "mark.removed", _("mark removed from the timeline")  # before: {place, text}
    RUN_REANALYSED = "run.reanalysed", _("analysis asked for again")
    RUN_ANALYSED = "run.analysed", _("analysed")  # after: {revision, first, findings, new, changed, gone, back}; no actor
    RUN_FAILED = "run.failed", _("analysis failed")  # no actor
    FINDING_CHANGED = "finding.changed", _("changed in an analysis")  # before, after: {severity, confidence, outcome}; no actor
    FINDING_GONE = "finding.gone", _("gone in an analysis")  # no actor
    FINDING_BACK = "finding.back", _("back again in an analysis")  # no actor
    FINDING_STATUS = "finding.status", _("status changed")  # before, after: {status, reason, accepted_until}
    FINDING_ASSIGNED = "finding.assigned", _("assigned")  # before, after: {id, name} or null
    FINDING_DUE = "finding.due", _("due date set")  # before, after: ISO date or null
    FINDING_LINKED = "finding.linked", _("linked")  # after: {run: key, label, finding: fingerprint or null, number}
    FINDING_UNLINKED = "finding.unlinked", _("link removed")  # before: as above
    COMMENT_ADDED = "comment.added", _("commented")  # after: {comment, text}
    COMMENT_EDITED = "comment.edited", _("comment edited")  # before, after: {comment, text}
    COMMENT_DELETED = "comment.deleted", _("comment deleted")  # before: {comment}
    NOTE_EDITED = "note.edited", _("file note edited")  # before, after: text; the entry names the file
    TASK_ADDED = "task.added", _("next action added")  # after: {task, text}
    TASK_DONE = "task.done", _("next action done")  # after: {task, text}
    TASK_UNDONE = "task.undone", _("next action open again")  # after: {task, text}
    TASK_CHANGED = "task.changed", _("next action changed")  # before, after: {task, text, owner, due}
    TASK_REMOVED = "task.removed", _("next action removed")  # before: {task, text}
    RUNBOOK_SAVED = (
        "runbook.saved",
        _("runbook saved"),
    )  # after: {runbook, name, version, restored: the version taken up again}; no run
    RUNBOOK_RENAMED = "runbook.renamed", _("runbook renamed")  # before, after: {runbook, name}; no run
    RUNBOOK_WITHDRAWN = "runbook.withdrawn", _("runbook withdrawn")  # before: {runbook, name, sections, findings}; no run
    RUNBOOK_BACK = "runbook.back", _("runbook brought back")  # after: {runbook, name}; no run
    SECTION_LINKED = "section.linked", _("runbook section linked")  # after: {section, runbook, name, anchor, all}
    SECTION_UNLINKED = "section.unlinked", _("runbook section no longer linked")  # before: as above
    SECTION_JUDGED = "section.judged", _("runbook section judged")  # after: {section, runbook, name, anchor, helped}
    PROOF_SHARED = "proof.shared", _("proof shared by a link")  # after: {findings, days}
    PROOF_ENDED = "proof.ended", _("link to a proof revoked")  # before: {findings}
    WEBHOOK_ADDED = "webhook.added", _("webhook added")  # after: {name, address}; no run
    WEBHOOK_CHANGED = "webhook.changed", _("webhook changed")  # after: {name, address}; no run
    WEBHOOK_REMOVED = "webhook.removed", _("webhook removed")  # before: {name, address}; no run
    SIGNED_OFF = "signoff.given", _("signed off")  # after: {revision, open: how many points, remark}
    SIGNOFF_WITHDRAWN = "signoff.withdrawn", _("sign-off withdrawn")  # after: {why}
    REOPENED = "signoff.reopened", _("reopened after sign-off")  # after: {why: 'evidence' | 'findings'}


class HistoryQuerySet(models.QuerySet["HistoryEntry"]):
    """Entries by who may see them. They are not changed in bulk either."""

    def visible_to(self, user: "AnyUser") -> "HistoryQuerySet":
        """Entries of the user's teams."""
        return self.filter(team_id__in=teams_of(user)) if user.is_active else self.none()

    def newest_first(self) -> "HistoryQuerySet":
        """As a feed shows them."""
        return self.order_by("-pk")

    def update(self, **changes: Any) -> int:
        """Refused. (Django itself forgets deleted people and files below this method.)"""
        raise TypeError("history is not rewritten")


class HistoryEntry(models.Model):
    """One thing that happened to a run, its finding, file, checklist or sign-off.

    `actor` None: the analysis itself, or a person whose account was deleted (`actor_name` keeps who it was).
    `before` and `after` are JSON in no language; what each event puts there stands with `Event`.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="history")
    run = models.ForeignKey(Run, models.CASCADE, null=True, blank=True, related_name="history")
    finding = models.ForeignKey(RunFinding, models.CASCADE, null=True, blank=True, related_name="history")
    file = models.ForeignKey(EvidenceFile, models.SET_NULL, null=True, blank=True, related_name="history")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True, default="")  # '': the analysis itself
    event = models.CharField(max_length=32, choices=Event.choices)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("history entry")
        verbose_name_plural = _("history entries")
        indexes = (
            models.Index(fields=("team", "-id"), name="history_team_newest"),
            models.Index(fields=("run", "-id"), name="history_run_newest"),
        )
        constraints = (models.CheckConstraint(condition=~Q(event=""), name="history_event_present"),)

    def __str__(self) -> str:
        return f"{self.event} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("history is not rewritten")
        super().save(*args, **kwargs)

"""A team's runbooks: Markdown in versions that are never rewritten, their sections, and how findings and sections meet."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from runs.models.fields import EvidenceCharField, EvidenceTextField
from runs.models.finding import RunFinding
from runs.models.team import Team

if TYPE_CHECKING:
    from runs.models.team import AnyUser

RUNBOOK_NAME_MAX_CHARS = 200
RUNBOOK_MAX_CHARS = 200_000
HEADING_MAX_CHARS = 300
ANCHOR_MAX_CHARS = 120


class RunbookQuerySet(models.QuerySet["Runbook"]):
    """Runbooks by who may read and who may write them."""

    def visible_to(self, user: "AnyUser") -> "RunbookQuerySet":
        """The runbooks of the user's teams."""
        return self.filter(team__in=Team.objects.of(user))

    def reviewable_by(self, user: "AnyUser") -> "RunbookQuerySet":
        """The runbooks that the user may change: of teams where they are owner or reviewer."""
        return self.filter(team__in=Team.objects.reviewable_by(user))

    def standing(self) -> "RunbookQuerySet":
        """Those that are not withdrawn."""
        return self.filter(withdrawn_at=None)


class Runbook(models.Model):
    """A document of a team, known by its name: references in notes name it like a file (`…_RUNBOOK.md`).

    `version` is the number of its newest `RunbookVersion`; 0 only while the first is being written. A withdrawn one gives its
    name free and comes up nowhere of itself; its text, and what was said about its sections, can still be read.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="runbooks")
    name = EvidenceCharField(_("name"), max_length=RUNBOOK_NAME_MAX_CHARS)
    version = models.PositiveIntegerField(default=0)
    name_version = models.PositiveIntegerField(default=1)  # counts its names: the later of two who rename it is told
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_name = models.CharField(max_length=150, blank=True, default="")

    objects = RunbookQuerySet.as_manager()

    class Meta:
        ordering = ("team", "name", "pk")
        verbose_name = _("runbook")
        verbose_name_plural = _("runbooks")
        constraints = (
            models.UniqueConstraint(
                "team", Lower("name"), condition=Q(withdrawn_at__isnull=True), name="runbook_standing_name_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="runbook_has_name"),
        )

    def __str__(self) -> str:
        return self.name


class RunbookVersion(models.Model):
    """The whole text as somebody saved it. Never changed afterwards; a deleted account leaves `author_name`."""

    runbook = models.ForeignKey(Runbook, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # 1, 2, …
    body = EvidenceTextField(max_length=RUNBOOK_MAX_CHARS)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=150, blank=True, default="")  # '': imported on the command line
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("runbook", "-number")
        verbose_name = _("runbook version")
        verbose_name_plural = _("runbook versions")
        constraints = (models.UniqueConstraint(fields=("runbook", "number"), name="runbook_version_once"),)

    def __str__(self) -> str:
        return f"{self.runbook_id} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a version is not rewritten")
        super().save(*args, **kwargs)


class SectionQuerySet(models.QuerySet["RunbookSection"]):
    """Sections by who may read them, and by what they are about."""

    def visible_to(self, user: "AnyUser") -> "SectionQuerySet":
        """The sections of the runbooks of the user's teams."""
        return self.filter(runbook__team__in=Team.objects.of(user))

    def current(self) -> "SectionQuerySet":
        """What the newest versions have, of runbooks that are not withdrawn."""
        return self.filter(is_current=True, runbook__withdrawn_at=None)


class RunbookSection(models.Model):
    """A heading of a runbook's newest version with its text, known by its anchor.

    The row lives on when the text is edited, so that links and answers stay; where a version drops the heading it is
    no longer `is_current`, and it is again when the heading comes back.
    """

    runbook = models.ForeignKey(Runbook, models.CASCADE, related_name="sections")
    anchor = EvidenceCharField(max_length=ANCHOR_MAX_CHARS)  # '§8', 'when-the-port-is-silent', 'start' before the first heading
    heading = EvidenceCharField(max_length=HEADING_MAX_CHARS, blank=True, default="")
    level = models.PositiveSmallIntegerField()  # 1 to 6; 0 before the first heading
    place = models.PositiveIntegerField()  # from 0, in the document's order
    line = models.PositiveIntegerField()  # of the heading, 1-based in the version's body
    body = EvidenceTextField(blank=True, default="")  # up to the next heading of any level, without the topics line
    is_current = models.BooleanField(default=True)

    objects = SectionQuerySet.as_manager()

    class Meta:
        ordering = ("runbook", "place", "pk")
        verbose_name = _("runbook section")
        verbose_name_plural = _("runbook sections")
        constraints = (
            models.UniqueConstraint(fields=("runbook", "anchor"), name="section_anchor_once"),
            models.CheckConstraint(condition=~Q(anchor=""), name="section_has_anchor"),
            models.CheckConstraint(condition=Q(level__lte=6), name="section_level_known"),
        )

    def __str__(self) -> str:
        return f"{self.anchor} {self.heading}"


class SectionTopic(models.Model):
    """A topic that the section declares (`topics: dns, mtu`)."""

    section = models.ForeignKey(RunbookSection, models.CASCADE, related_name="topics")
    topic = models.CharField(max_length=32)

    class Meta:
        ordering = ("topic",)
        constraints = (models.UniqueConstraint(fields=("section", "topic"), name="section_topic_once"),)
        indexes = (models.Index(fields=("topic",), name="section_topic"),)

    def __str__(self) -> str:
        return self.topic


class SectionLink(models.Model):
    """A section that a person holds to be right for one finding, or for every finding with this fingerprint in the section's team."""

    section = models.ForeignKey(RunbookSection, models.CASCADE, related_name="links")
    finding = models.ForeignKey(RunFinding, models.CASCADE, null=True, blank=True, related_name="section_links")
    fingerprint = models.CharField(max_length=64, blank=True, default="")  # of all findings; '' where it is for one
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("made_at", "pk")
        indexes = (models.Index(fields=("fingerprint",), name="section_link_fingerprint"),)
        constraints = (
            models.CheckConstraint(condition=Q(finding__isnull=True) ^ Q(fingerprint=""), name="section_link_for_one_or_all"),
            models.UniqueConstraint(
                fields=("section", "finding"), condition=Q(finding__isnull=False), name="section_linked_to_finding_once"
            ),
            models.UniqueConstraint(
                fields=("section", "fingerprint"), condition=~Q(fingerprint=""), name="section_linked_to_all_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.section_id} – {self.finding_id or self.fingerprint}"


class SectionAnswer(models.Model):
    """Whether a section helped with a finding: one answer for both, the last that somebody gave."""

    section = models.ForeignKey(RunbookSection, models.CASCADE, related_name="answers")
    finding = models.ForeignKey(RunFinding, models.CASCADE, related_name="section_answers")
    helped = models.BooleanField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-answered_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("section", "finding"), name="section_answer_once"),)

    def __str__(self) -> str:
        return f"{self.section_id} – {self.finding_id}: {self.helped}"

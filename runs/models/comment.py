"""What people say to one another about a run or one of its findings, and whom they call."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runs.models.fields import EvidenceTextField
from runs.models.finding import RunFinding
from runs.models.run import Run
from runs.models.team import teams_of

if TYPE_CHECKING:
    from runs.models.team import AnyUser

COMMENT_MAX_CHARS = 20_000


class Comment(models.Model):
    """Markdown as it was typed. A deleted one stays as a mark that there was one; its words are shown no more."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="comments")
    finding = models.ForeignKey(RunFinding, models.CASCADE, null=True, blank=True, related_name="comments")  # None: the run
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    text = EvidenceTextField(_("comment"), max_length=COMMENT_MAX_CHARS)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("created_at", "pk")
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = (models.Index(fields=("run", "finding"), name="comment_run_finding"),)
        constraints = (models.CheckConstraint(condition=~Q(text=""), name="comment_has_words"),)

    def __str__(self) -> str:
        return self.text[:40]


class MentionQuerySet(models.QuerySet["Mention"]):
    """Mentions of one person, while that person may see the run."""

    def of(self, user: "AnyUser") -> "MentionQuerySet":
        """Who calls the user, newest first; comments that were deleted call nobody."""
        mine = self.filter(user_id=user.pk or 0, comment__deleted_at=None, comment__run__team_id__in=teams_of(user))
        return mine.order_by("-comment__created_at", "-pk")


class Mention(models.Model):
    """A member called by @name in a comment."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("comment", "user"), name="mention_once"),)

    def __str__(self) -> str:
        return f"{self.comment_id} @{self.user_id}"

"""Teams, and who belongs to them in which role."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    AnyUser = User | AnonymousUser


class Role(models.TextChoices):
    """What a member may do: viewers read, reviewers change runs, owners also rule the team."""

    OWNER = "owner", _("Owner")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")


REVIEWING_ROLES = (Role.OWNER, Role.REVIEWER)


def teams_of(user: "AnyUser") -> "QuerySet[Membership, int]":
    """The ids of the user's teams, as a subquery: rows of many teams are then found by their own indexes, without a join."""
    return Membership.objects.filter(user_id=user.pk or 0).values_list("team_id", flat=True)


def reviewed_teams_of(user: "AnyUser") -> "QuerySet[Membership, int]":
    """The ids of the teams whose runs the user may change."""
    return teams_of(user).filter(role__in=REVIEWING_ROLES)


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams by their members."""

    def of(self, user: "AnyUser") -> "TeamQuerySet":
        """The teams that the user is a member of; none for a visitor who is not signed in or was switched off."""
        return self.filter(memberships__user_id=user.pk) if user.is_active else self.none()

    def reviewable_by(self, user: "AnyUser") -> "TeamQuerySet":
        """The teams whose runs the user may add to and change."""
        if not user.is_active:
            return self.none()
        return self.filter(memberships__user_id=user.pk, memberships__role__in=REVIEWING_ROLES)

    def owned_by(self, user: "AnyUser") -> "TeamQuerySet":
        """The teams that the user rules."""
        return self.filter(memberships__user_id=user.pk, memberships__role=Role.OWNER) if user.is_active else self.none()


class Team(models.Model):
    """Who shares runs."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One user's place in one team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(fields=("team", "user"), name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.team} · {self.get_role_display()}"

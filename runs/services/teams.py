"""Changes of teams: making them, and who belongs to them in which role."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify

from runs.models import Membership, Role, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@transaction.atomic
def create_team(name: str, owner: "User | None" = None) -> Team:
    """A new team, with its first owner where one is given. Its slug is made of the name, with a number where it is taken."""
    base = slugify(name) or "team"
    slug, number = base, 2
    while Team.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    team = Team.objects.create(name=name, slug=slug)
    if owner is not None:
        set_role(team, owner, Role.OWNER)
    return team


def set_role(team: Team, user: "User", role: Role) -> Membership:
    """Give the user this role in the team, whether or not they were a member."""
    membership, _ = Membership.objects.update_or_create(team=team, user=user, defaults={"role": role})
    return membership


def remove_member(team: Team, user: "User") -> None:
    """Take the user out of the team."""
    Membership.objects.filter(team=team, user=user).delete()

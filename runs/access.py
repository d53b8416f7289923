"""The only way from a request to a run: by key, and only for members of its team."""

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from runs.models import Run, Team

if TYPE_CHECKING:
    from runs.models.team import AnyUser


def visible_run(user: "AnyUser", key: str) -> Run:
    """The run, for any member of its team. Raises Http404 for everybody else: a stranger does not learn that it exists."""
    return get_object_or_404(Run.objects.visible_to(user).select_related("team"), key=key)


def reviewable_run(user: "AnyUser", key: str) -> Run:
    """The run, for those who may change it (owners and reviewers). Raises Http404 for everybody else."""
    return get_object_or_404(Run.objects.reviewable_by(user).select_related("team"), key=key)


def reviewable_team(user: "AnyUser", slug: str) -> Team:
    """The team, for those who may add runs to it. Raises Http404 for everybody else."""
    return get_object_or_404(Team.objects.reviewable_by(user), slug=slug)

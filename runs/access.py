"""The only way from a request to a run and its findings: by key, and only for members of its team."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from runs.models import Run, Runbook, RunFinding, Team, Webhook

if TYPE_CHECKING:
    from django.contrib.auth.models import User

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


def owned_team(user: "AnyUser", slug: str) -> Team:
    """The team, for its owners. Raises Http404 for everybody else."""
    return get_object_or_404(Team.objects.owned_by(user), slug=slug)


def owned_webhook(user: "AnyUser", slug: str, pk: int) -> Webhook:
    """A webhook of the team, for the team's owners. Raises Http404 for everybody else."""
    return get_object_or_404(Webhook.objects.filter(team=owned_team(user, slug)).select_related("team"), pk=pk)


def visible_finding(user: "AnyUser", key: str, fingerprint: str) -> RunFinding:
    """The run's finding with its review, for any member of the team. Raises Http404 for everybody else."""
    return _finding(visible_run(user, key), fingerprint)


def reviewable_finding(user: "AnyUser", key: str, fingerprint: str) -> RunFinding:
    """The run's finding with its review, for those who may change it. Raises Http404 for everybody else."""
    return _finding(reviewable_run(user, key), fingerprint)


def visible_runbook(user: "AnyUser", pk: int) -> Runbook:
    """The runbook, for any member of its team. Raises Http404 for everybody else."""
    return get_object_or_404(Runbook.objects.visible_to(user).select_related("team"), pk=pk)


def reviewable_runbook(user: "AnyUser", pk: int) -> Runbook:
    """The runbook, for those who may write in it. Raises Http404 for everybody else."""
    return get_object_or_404(Runbook.objects.reviewable_by(user).select_related("team"), pk=pk)


def _finding(run: Run, fingerprint: str) -> RunFinding:
    found = run.findings.select_related("review__assignee", "review__status_by")
    finding = get_object_or_404(found, fingerprint=fingerprint)
    finding.run = run
    return finding


def signed_in(request: HttpRequest) -> "User":
    """Who asks: every page but the sign-in itself has one (`LoginRequiredMiddleware`)."""
    return cast("User", request.user)

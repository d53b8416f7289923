"""What happened, newest first: in one run, or in all runs of the viewer's teams."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.access import signed_in, visible_run
from runs.models import HistoryEntry, Role, Team
from runs.models.history import HistoryQuerySet
from runs.services.comments import called_in, mark_seen, taken_back
from runs.services.comments import of_run as comments_of
from runs.views._run_page import run_context, zone_named

PAGE_ENTRIES = 100
MOST_COMMENTS = 500


def _page(request: HttpRequest, entries: HistoryQuerySet) -> dict[str, object]:
    """`entries` of one page, and `before`: where the next one begins, None at the end."""
    place = request.GET.get("before", "")
    if place.isdecimal() and len(place) < 19:
        entries = entries.filter(pk__lt=int(place))
    rows = list(entries.newest_first().select_related("run", "finding", "file")[: PAGE_ENTRIES + 1])
    return {
        "entries": rows[:PAGE_ENTRIES],
        "taken_back": taken_back(rows),
        "before": rows[PAGE_ENTRIES - 1].pk if len(rows) > PAGE_ENTRIES else None,
    }


@require_safe
def run_activity(request: HttpRequest, key: str) -> HttpResponse:
    """What was said about the run as a whole, and its feed."""
    run = visible_run(request.user, key)
    said = list(comments_of(run)[:MOST_COMMENTS])
    context = run_context(request.user, run, "activity") | {
        "comments": said,
        "called": called_in(said),
        "is_owner": run.team.memberships.filter(user=signed_in(request), role=Role.OWNER).exists(),
        "say_to": reverse("run_comment_add", args=[key]),
    }
    mark_seen(signed_in(request), run)
    return render(request, "runs/run_activity.html", context | _page(request, HistoryEntry.objects.filter(run=run)))


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """The feed of all the viewer's teams, or of the one that `?team=` names."""
    entries = HistoryEntry.objects.visible_to(request.user)
    teams = list(Team.objects.of(request.user))
    asked = next((team for team in teams if team.slug == request.GET.get("team")), None)
    if asked is not None:
        entries = entries.filter(team=asked)
    context = {"teams": teams, "team": asked, "zone": zone_named(None)}
    return render(request, "runs/activity.html", context | _page(request, entries))

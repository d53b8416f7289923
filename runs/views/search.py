"""The search: what of the viewer's teams has the words, grouped by kind; question, kind and team stand in the URL."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.models import EntryKind, SearchEntry, Team
from runs.services import search as searching
from runs.services.search_terms import wanted

QUERY_MAX_CHARS = 200
SHOWN, SHOWN_OF_ONE = 8, 100


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results of `?q=`, of all kinds or more of one (`?kind=`), of all teams or one (`?team=`)."""
    asked = {name: said for name in ("q", "kind", "team") if (said := request.GET.get(name, "").strip().replace("\0", ""))}
    asked["q"] = asked.get("q", "")[:QUERY_MAX_CHARS]
    kind = asked.get("kind", "")
    kinds = [EntryKind(kind)] if kind in EntryKind.values else list(EntryKind)
    most = SHOWN_OF_ONE if len(kinds) == 1 else SHOWN
    groups = searching.search(request.user, wanted(asked["q"]), kinds, most, asked.get("team", ""))
    context = {
        "asked": asked,
        "kinds": EntryKind,
        "teams": list(Team.objects.of(request.user)),
        "groups": [(group, [(entry, place_of(entry)) for entry in group.entries], _all(asked, group.kind)) for group in groups],
        "one_kind": len(kinds) == 1,
    }
    return render(request, "runs/search.html", context)


def _all(asked: dict[str, str], kind: EntryKind) -> str:
    return urlencode(asked | {"kind": kind})


def place_of(entry: SearchEntry) -> str:
    """The address of the very place: the finding, the file, the run, or its timeline searched for the words."""
    run = entry.run.key
    if entry.finding is not None:
        return reverse("finding", args=(run, entry.finding.fingerprint))
    if entry.kind == EntryKind.FILE and entry.file is not None:
        return reverse("file", args=(run, entry.file.pk))
    if entry.kind == EntryKind.RUN:
        return reverse("run", args=(run,))
    words = entry.text.split(" port ")[0] if entry.kind != EntryKind.TEMPLATE else max(entry.text.split("<*>"), key=len).strip()
    return f"{reverse('timeline', args=(run,))}?{urlencode({'q': words})}"

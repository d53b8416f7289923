"""The run list: which runs there are, what each came to; the filter and the place in the list stand in the URL."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from runs.models import EvidenceFile, Run, Team
from runs.models.run import RunQuerySet
from runs.services.recurrence import seen_before
from runs.views._run_page import zone_named

PAGE_ROWS = 50
OUTCOMES = ("fail", "pass", "not_evaluable", "busy", "failed")
BUSY = ("receiving", "queued", "analysing")
HEX_DIGITS = frozenset("0123456789abcdef")
SHA256_LEAST_DIGITS = 6


def run_list(request: HttpRequest) -> HttpResponse:
    """The runs of the user's teams, newest first, a page at a time."""
    visible = Run.objects.visible_to(request.user)
    asked = {name: value for name in ("q", "team", "outcome") if (value := request.GET.get(name, "").strip().replace("\0", ""))}
    rows = _page(_after(_filtered(visible, asked), request.GET.get("before", "")))
    more = urlencode({**asked, "before": _place_of(rows[PAGE_ROWS - 1])}) if len(rows) > PAGE_ROWS else ""
    context = {
        "runs": rows[:PAGE_ROWS],
        "seen": seen_before(rows[:PAGE_ROWS]),
        "more": more,
        "asked": asked,
        "teams": Team.objects.of(request.user),
        "may_add": Team.objects.reviewable_by(request.user).exists(),
        "outcomes": OUTCOMES,
        "total": visible.count(),
        "zone": zone_named(None),
    }
    return render(request, "runs/run_list.html", context)


def _page(found: RunQuerySet) -> list[Run]:
    """The first rows, and one more where there are others. Which they are is found out first: only theirs are counted and read whole."""
    first = found.order_by("-created_at", "-pk").values("pk")[: PAGE_ROWS + 1]
    return list(Run.objects.filter(pk__in=first).select_related("team").with_counts().order_by("-created_at", "-pk"))


def _filtered(runs: RunQuerySet, asked: dict[str, str]) -> RunQuerySet:
    """Narrow the runs to what was asked; words look at label, title, purpose, file names, and the start of a SHA-256."""
    if "team" in asked:
        runs = runs.filter(team__slug=asked["team"])
    outcome = asked.get("outcome")
    if outcome == "busy":
        runs = runs.filter(state__in=BUSY)
    elif outcome == "failed":
        runs = runs.filter(state="failed")
    elif outcome:
        runs = runs.filter(verdict_outcome=outcome)
    for word in asked.get("q", "").split()[:8]:
        of_run = EvidenceFile.objects.filter(run=OuterRef("pk"))
        files = Q(path__icontains=word)
        if len(word) >= SHA256_LEAST_DIGITS and HEX_DIGITS.issuperset(word.lower()):
            files |= Q(blob__sha256__startswith=word.lower())
        own = Q(label__icontains=word) | Q(title__icontains=word) | Q(purpose__icontains=word)
        runs = runs.filter(own | Exists(of_run.filter(files)))
    return runs


def _place_of(run: Run) -> str:
    """A run's place in the list, for `?before=`: it stays true while runs are added and deleted."""
    return f"{round(run.created_at.timestamp() * 1_000_000)}-{run.pk}"


def _after(runs: RunQuerySet, place: str) -> RunQuerySet:
    """The runs after a place in the list; all of them where the place cannot be read."""
    micros, _, pk = place.partition("-")
    if not (micros.isascii() and micros.isdigit() and pk.isascii() and pk.isdigit() and len(micros) < 17 and len(pk) < 19):
        return runs
    at = datetime.fromtimestamp(int(micros) // 1_000_000, UTC).replace(microsecond=int(micros) % 1_000_000)
    return runs.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=int(pk)))

"""My desk: findings assigned to me, waiting for somebody, back again, due soon, closed by me; mentions; my next actions."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from runs.access import signed_in
from runs.analysis import registry
from runs.analysis.report import SEVERITIES
from runs.models import Run, Status, Team
from runs.models.review import FindingReviewQuerySet
from runs.services import review
from runs.services.comments import called_in
from runs.services.desk import Desk, gravest_first
from runs.services.review import Bulk, NotAllowed
from runs.views._run_page import zone_named

TABS = ("assigned", "unclaimed", "back", "due", "mentions", "closed")
SHOWN, SHOWN_TASKS = 50, 20
COUNTED = 100  # a tab says '99+' from there


def _lists(desk: Desk) -> dict[str, Callable[[], FindingReviewQuerySet]]:
    return {
        "assigned": desk.assigned,
        "unclaimed": desk.unclaimed,
        "back": desk.came_back,
        "due": desk.due,
        "closed": desk.closed,
    }


def _count(rows: "QuerySet[Any]") -> int:
    return rows.order_by()[:COUNTED].count()


def _filtered(rows: FindingReviewQuerySet, asked: dict[str, str]) -> FindingReviewQuerySet:
    """Narrow to what was asked: words of rule, subject or run; a severity; a team."""
    if asked.get("severity") in SEVERITIES:
        rows = rows.filter(finding__severity=asked["severity"])
    if "team" in asked:
        rows = rows.filter(finding__run__team__slug=asked["team"])
    for word in asked.get("q", "").split()[:8]:
        rules = [rule for rule in registry.rules() if word.lower() in rule]
        labelled = Run.objects.filter(label__icontains=word).values("pk")  # looked at once, not for each finding
        rows = rows.filter(Q(finding__rule__in=rules) | Q(finding__subject_words__icontains=word) | Q(finding__run__in=labelled))
    return rows


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """One tab of the desk (`?tab=`), gravest first and oldest first within a severity; the filter stands in the URL."""
    mine = Desk(signed_in(request), timezone.localdate())
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    asked = {name: said for name in ("q", "severity", "team") if (said := request.GET.get(name, "").strip().replace("\0", ""))}
    lists = _lists(mine)
    counts = {name: _count(rows()) for name, rows in lists.items()} | {"mentions": _count(mine.mentions().filter(seen_at=None))}
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": [(name, counts[name], counts[name] >= COUNTED) for name in TABS],
        "asked": asked,
        "severities": SEVERITIES,
        "teams": list(Team.objects.of(request.user)),
        "tasks": list(mine.tasks().select_related("run", "finding")[:SHOWN_TASKS]) if tab in ("assigned", "due") else [],
        "statuses": [status.value for status in Status],
        "may_review": Team.objects.reviewable_by(request.user).exists(),
        "zone": zone_named(None),
        "today": mine.today,
    }
    context |= _mentions(mine) if tab == "mentions" else _rows(_filtered(lists[tab](), asked), asked.get("severity", ""))
    return render(request, "runs/desk.html", context)


def _rows(found: FindingReviewQuerySet, severity: str) -> dict[str, Any]:
    """`rows`: reviews with their findings and runs; `more`: whether there are others."""
    rows = gravest_first(found, SHOWN + 1, severity if severity in SEVERITIES else "")
    return {"rows": rows[:SHOWN], "more": len(rows) > SHOWN}


def _mentions(mine: Desk) -> dict[str, Any]:
    rows = list(mine.mentions().select_related("comment__author", "comment__run", "comment__finding")[:SHOWN])
    return {"mentions": rows, "called": called_in([row.comment for row in rows])}


@require_POST
def desk_bulk(request: HttpRequest) -> HttpResponse:
    """Set a status for the ticked findings, or take them on; each tick is 'run:fingerprint:version'."""
    user, back = signed_in(request), f"{reverse('desk')}?tab={request.POST.get('tab', '')}"
    ticks: dict[str, dict[str, int]] = defaultdict(dict)
    for tick in request.POST.getlist("finding")[: SHOWN * 2]:
        key, _colon, rest = tick.partition(":")
        one, _colon, version = rest.partition(":")
        if version.isdecimal() and len(version) < 10:
            ticks[key][one] = int(version)
    wanted = request.POST.get("status", "")
    claims = request.POST.get("do") == "claim"
    bulk = Bulk(assignee=user) if claims else Bulk(status=Status(wanted) if wanted in Status.values else None)
    if not ticks or not (claims or bulk.status):
        messages.error(request, _("Nothing was changed: tick findings, and say what is to become of them."))
        return redirect(back)
    _tell(request, bulk, ticks)
    return redirect(back)


def _tell(request: HttpRequest, bulk: Bulk, ticks: dict[str, dict[str, int]]) -> None:
    """Change what was ticked, run by run, and say what became of it."""
    changed, stale = 0, 0
    for run in Run.objects.reviewable_by(request.user).filter(key__in=ticks):
        try:
            done, left = review.decide_all(run, bulk, ticks[run.key], signed_in(request))
        except NotAllowed:
            messages.error(request, _("A false positive needs a reason, an acceptance a day: set them on the finding's page."))
            return
        changed, stale = changed + len(done), stale + len(left)
    messages.info(request, ngettext("%(n)s finding is changed.", "%(n)s findings are changed.", changed) % {"n": changed})
    if stale:
        said = ngettext(
            "%(n)s was changed by somebody else meanwhile and stays.",
            "%(n)s were changed by somebody else meanwhile and stay.",
            stale,
        )
        messages.warning(request, said % {"n": stale})

"""The page of one finding, and what reviewers do there: decide, claim, link; and the bulk change on the run page."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from runs.access import reviewable_finding, reviewable_run, signed_in, visible_finding
from runs.analysis.report import Report
from runs.forms import BulkForm, ReviewForm
from runs.models import Run, RunFinding
from runs.services import comments, links, recurrence, review
from runs.services.history import name_of
from runs.services.review import Decision, NotAllowed, Stale
from runs.views._conflict import Difference, conflict
from runs.views._report import FindingRow
from runs.views._review import checklist_context
from runs.views._run_page import run_context
from runs.views.finding_sections import sections_context

MOST_HISTORY = 200


@require_safe
def finding(request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    """All of one finding: explanation, decisions, what was said, links, history. It stays when a later analysis finds it no more."""
    found = visible_finding(request.user, key, fingerprint)
    comments.mark_seen(signed_in(request), found.run)
    context = run_context(request.user, found.run, "report") | checklist_context(found.run)
    said = list(comments.of_finding(found))
    entries = list(found.history.newest_first().select_related("finding")[:MOST_HISTORY])
    row = _row(context["report"], found)
    context |= sections_context(found, row.finding if row else None, context["may_review"])
    context |= {
        "stored": found,
        "row": row,
        "seen": recurrence.recurrences(found.run, [fingerprint], request.user).get(fingerprint),
        "comments": said,
        "called": comments.called_in(said),
        "links": links.links_of(found, request.user),
        "entries": entries,
        "taken_back": comments.taken_back(entries),
        "is_owner": found.run.team.memberships.filter(user=signed_in(request), role="owner").exists(),
    }
    return render(request, "runs/finding.html", context)


def _row(report: Report | None, found: RunFinding) -> FindingRow | None:
    """The finding as the newest report has it."""
    findings = report.findings if report and found.is_present else ()
    return next((FindingRow(f, True, None, found) for f in findings if f.fingerprint == found.fingerprint), None)


def back_to(request: HttpRequest, found: RunFinding) -> str:
    """Where the form stood: the finding on the run page (`at=run`), or its own page."""
    if request.POST.get("at") == "run" and found.is_present:
        return f"{reverse('run', args=[found.run.key])}?open={found.number}#{found.number}"
    return reverse("finding", args=[found.run.key, found.fingerprint])


def _why(error: NotAllowed) -> str:
    return {
        "reason": _("Not saved: say why it is a false positive."),
        "until": _("Not saved: say until which day it is accepted."),
        "assignee": _("Not saved: only reviewers of the team can be assigned."),
    }[error.why]


@require_POST
def finding_review(request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    """Set status, assignee and due date; 409 where somebody else did meanwhile."""
    found = reviewable_finding(request.user, key, fingerprint)
    form = ReviewForm(request.POST, people=review.assignable(found.run))
    if not form.is_valid():
        messages.error(request, _("Not saved: %(fields)s cannot be read.") % {"fields": ", ".join(form.errors)})
        return redirect(back_to(request, found))
    try:
        review.decide(found, form.decision(), form.cleaned_data["version"], signed_in(request))
    except NotAllowed as error:
        messages.error(request, _why(error))
    except Stale as stale:
        return _told(request, found, stale, form.decision())
    return redirect(back_to(request, found))


@require_POST
def finding_claim(request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    """Take the finding on; 409 where somebody else changed it meanwhile."""
    found = reviewable_finding(request.user, key, fingerprint)
    version = request.POST.get("version", "")
    try:
        review.claim(found, int(version) if version.isdecimal() and len(version) < 10 else -1, signed_in(request))
    except Stale as stale:
        wanted = Decision.of(stale.current)
        return _told(
            request,
            found,
            stale,
            Decision(wanted.status, wanted.reason, wanted.accepted_until, signed_in(request), wanted.due_date),
        )
    return redirect(back_to(request, found))


def _told(request: HttpRequest, found: RunFinding, stale: Stale, wanted: Decision) -> HttpResponse:
    current = stale.current
    now = Decision.of(current)
    rows = [
        Difference(_("Status"), str(now.status.label), str(wanted.status.label)),
        Difference(_("Reason"), now.reason, wanted.reason),
        Difference(_("Accepted until"), _day(now.accepted_until), _day(wanted.accepted_until)),
        Difference(_("Assignee"), _name(now.assignee), _name(wanted.assignee)),
        Difference(_("Due"), _day(now.due_date), _day(wanted.due_date)),
    ]
    last = found.history.newest_first().exclude(actor_name="").values_list("actor_name", flat=True).first()
    return conflict(request, found.run, rows, version=current.version, back=back_to(request, found), by=last or "")


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _name(user: Any) -> str:
    return "" if user is None else name_of(user)


@require_POST
def finding_link(request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    """Link the finding with another of this run ('F3'), or with a page of the portal: a finding's or a run's."""
    found = reviewable_finding(request.user, key, fingerprint)
    try:
        links.link(found, _other_end(request, found), signed_in(request))
    except ValueError:
        messages.error(request, _("No link was made: there is no such finding or run, or it is this one."))
    return redirect(back_to(request, found))


def _other_end(request: HttpRequest, found: RunFinding) -> RunFinding | Run:
    """What was typed as the other end. Raises ValueError where the person can see nothing of that name."""
    typed = request.POST.get("to", "").strip()
    same_run = found.run.findings.filter(number__iexact=typed).order_by("-presence", "place").first() if len(typed) <= 12 else None
    if same_run is not None:
        return same_run
    parts = [part for part in typed.partition("?")[0].partition("#")[0].split("/") if part]
    if "runs" not in parts[:-1]:
        raise ValueError("neither a number nor an address")
    key, *rest = parts[parts.index("runs") + 1 :]
    run = Run.objects.visible_to(request.user).filter(key=key).first()
    other = run.findings.filter(fingerprint=rest[1]).first() if run and len(rest) > 1 and rest[0] == "findings" else run
    if other is None:
        raise ValueError("nothing there that this person can see")
    return other


@require_POST
def finding_unlink(request: HttpRequest, key: str, fingerprint: str, link_id: int) -> HttpResponse:
    """Remove one of the finding's links."""
    found = reviewable_finding(request.user, key, fingerprint)
    links.unlink(found, link_id, signed_in(request))
    return redirect(back_to(request, found))


@require_POST
def findings_bulk(request: HttpRequest, key: str) -> HttpResponse:
    """One change for the ticked findings. Each tick carries the version seen: what somebody changed meanwhile stays, and is named."""
    run = reviewable_run(request.user, key)
    form = BulkForm(request.POST, people=review.assignable(run))
    pairs = (tick.partition(":") for tick in request.POST.getlist("finding"))
    versions = {one: int(version) for one, _colon, version in pairs if version.isdecimal() and len(version) < 10}
    if not form.is_valid() or not versions:
        messages.error(request, _("Nothing was changed: tick findings, and say what is to become of them."))
        return redirect(f"{reverse('run', args=[key])}#findings")
    try:
        changed, stale = review.decide_all(run, form.bulk(), versions, signed_in(request))
    except NotAllowed as error:
        messages.error(request, _why(error))
        return redirect(f"{reverse('run', args=[key])}#findings")
    messages.info(request, ngettext("%(n)s finding is changed.", "%(n)s findings are changed.", len(changed)) % {"n": len(changed)})
    if stale:
        numbers = ", ".join(row.number for row in stale)
        messages.warning(
            request, _("Somebody else changed %(numbers)s meanwhile: left as it is. Look again.") % {"numbers": numbers}
        )
    return redirect(f"{reverse('run', args=[key])}#findings")

"""Renaming a runbook, withdrawing it, and bringing it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from runs.access import reviewable_runbook, signed_in
from runs.models import RUNBOOK_NAME_MAX_CHARS, Event, HistoryEntry, Runbook
from runs.services import runbook_state
from runs.services.review import Stale
from runs.services.runbooks import NotWritable
from runs.views._conflict import Difference, conflict
from runs.views.runbook import book_context
from runs.views.runbook_edit import UNREADABLE, sent_number, why
from runs.wording import shown_text

SHOWN_FINDINGS = 20


@require_http_methods(["GET", "HEAD", "POST"])
def runbook_rename(request: HttpRequest, runbook_id: int) -> HttpResponse:
    """Another name for a runbook; 409 where somebody else gave it one meanwhile, 400 where it cannot have this one."""
    book = reviewable_runbook(request.user, runbook_id)
    context = {"name": book.name, "version": book.name_version, "most_name": RUNBOOK_NAME_MAX_CHARS}
    if request.method != "POST":
        return render(request, "runs/runbook_rename.html", book_context(request, book) | context)
    name, version = request.POST.get("name", ""), sent_number(request, "version")
    try:
        runbook_state.rename(book, name, version, signed_in(request))
    except NotWritable as error:
        messages.error(request, why(error))
        context |= {"name": name, "version": version}
        return render(request, "runs/runbook_rename.html", book_context(request, book) | context, status=UNREADABLE)
    except Stale as stale:
        return _told(request, stale.current, name)
    return redirect("runbook", book.pk)


def _told(request: HttpRequest, current: Runbook, name: str) -> HttpResponse:
    renamed = HistoryEntry.objects.filter(team=current.team, event=Event.RUNBOOK_RENAMED, after__runbook=current.pk).first()
    row = Difference(_("Name"), current.name, name)
    back, by = reverse("runbook", args=[current.pk]), renamed.actor_name if renamed else ""
    return conflict(request, None, [row], version=current.name_version, back=back, by=by)


@require_http_methods(["GET", "HEAD", "POST"])
def runbook_withdraw(request: HttpRequest, runbook_id: int) -> HttpResponse:
    """Ask first, with the findings that it was used for; then take it out of use."""
    book = reviewable_runbook(request.user, runbook_id)
    if request.method == "POST":
        runbook_state.withdraw(book, signed_in(request))
        messages.info(request, _("%(name)s is withdrawn.") % {"name": shown_text(book.name)})
        return redirect("runbooks")
    found = runbook_state.findings_of(book)
    context = {
        "section_count": book.sections.filter(is_current=True).count(),
        "findings": found.select_related("run", "review").order_by("-pk")[:SHOWN_FINDINGS],
        "finding_count": found.count(),
    }
    return render(request, "runs/runbook_withdraw.html", book_context(request, book) | context)


@require_POST
def runbook_back(request: HttpRequest, runbook_id: int) -> HttpResponse:
    """Put a withdrawn runbook into use again, where its name is still free."""
    book = reviewable_runbook(request.user, runbook_id)
    try:
        runbook_state.bring_back(book, signed_in(request))
    except NotWritable as error:
        messages.error(request, why(error))
    return redirect("runbook", book.pk)

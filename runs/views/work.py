"""The run's shared work: its checklist of next actions, and its sign-off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from runs.access import reviewable_run, signed_in, visible_run
from runs.forms import TaskForm
from runs.models import Run, Task
from runs.services import checklist, signoffs
from runs.services.history import name_of
from runs.services.review import Stale, assignable
from runs.views._conflict import Difference, conflict
from runs.views._run_page import run_context


def _back(run: Run) -> str:
    return f"{reverse('run', args=[run.key])}#actions"


@require_POST
def task_add(request: HttpRequest, key: str) -> HttpResponse:
    """An own entry on the checklist."""
    run = reviewable_run(request.user, key)
    form = TaskForm(request.POST, people=assignable(run))
    try:
        said = form.cleaned_data if form.is_valid() else {}
        checklist.add_task(run, said.get("text", ""), said.get("owner"), said.get("due_date"), signed_in(request))
    except ValueError:
        messages.error(request, _("Nothing was added: a next action needs words."))
    return redirect(_back(run))


@require_POST
def task_change(request: HttpRequest, key: str, task_id: int) -> HttpResponse:
    """Tick an entry, untick it, take it off the list (`do`), or say who does it until when; 409 where that changed meanwhile."""
    run = reviewable_run(request.user, key)
    task = get_object_or_404(Task.objects.select_related("run"), run=run, pk=task_id, removed_at=None)
    user, what = signed_in(request), request.POST.get("do", "")
    if what in ("tick", "untick"):
        checklist.tick(task, what == "tick", user)
    elif what == "remove":
        checklist.remove_task(task, user)
    else:
        return _plan(request, run, task)
    return redirect(_back(run))


def _plan(request: HttpRequest, run: Run, task: Task) -> HttpResponse:
    form = TaskForm(request.POST, people=assignable(run))
    if not form.is_valid():
        messages.error(request, _("Not saved: %(fields)s cannot be read.") % {"fields": ", ".join(form.errors)})
        return redirect(_back(run))
    said = form.cleaned_data
    version = -1 if said["version"] is None else said["version"]
    try:
        checklist.plan(task, said["owner"], said["due_date"], version, signed_in(request))
    except Stale as stale:
        now = stale.current
        rows = [
            Difference(_("Owner"), name_of(now.owner) if now.owner else "", name_of(said["owner"]) if said["owner"] else ""),
            Difference(_("Due"), str(now.due_date or ""), str(said["due_date"] or "")),
        ]
        return conflict(request, run, rows, version=now.version, back=_back(run))
    return redirect(_back(run))


def signoff(request: HttpRequest, key: str) -> HttpResponse:
    """The sign-off: what is open, who signed what; a reviewer signs the revision that the page showed, or takes it back."""
    if request.method == "POST":
        return _sign(request, reviewable_run(request.user, key))
    run = visible_run(request.user, key)
    context = run_context(request.user, run, "signoff")
    context |= {
        "signoff": signoffs.standing(run),
        "points": signoffs.open_points(run, context["report"], timezone.localdate()),
        "ended": run.signoffs.exclude(ended_at=None).select_related("by", "ended_by")[:50],
    }
    return render(request, "runs/signoff.html", context)


def _sign(request: HttpRequest, run: Run) -> HttpResponse:
    if request.POST.get("do") == "withdraw":
        signoffs.withdraw(run, signed_in(request))
        return redirect("signoff", run.key)
    revision = request.POST.get("version", "")
    seen = int(revision) if revision.isdecimal() and len(revision) < 10 else -1
    report = run_context(request.user, run, "signoff")["report"]
    try:
        signoffs.sign_off(run, report, request.POST.get("remark", ""), seen, signed_in(request))
    except Stale:
        messages.error(
            request, _("Not signed off: the run has changed since this page was drawn, or somebody signed it off. Look again.")
        )
    return redirect("signoff", run.key)

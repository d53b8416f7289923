"""Writing runbooks in the browser: a new one, typed or uploaded, and new versions of one, with a preview before they are saved."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from runs.access import reviewable_runbook, signed_in
from runs.models import RUNBOOK_MAX_CHARS, RUNBOOK_NAME_MAX_CHARS, Runbook, Team
from runs.services import runbooks
from runs.services.review import Stale
from runs.services.runbook_sections import TOPICS, split
from runs.services.runbooks import NotWritable
from runs.views._conflict import Difference, conflict
from runs.views._run_page import zone_named

UNREADABLE = 400


def why(error: NotWritable) -> str:
    """Why nothing was saved, in words."""
    return {
        "name": _("Not saved: a runbook needs a name."),
        "taken": _("Not saved: the team has a runbook of that name already."),
        "empty": _("Not saved: a runbook needs words."),
        "long": _("Not saved: the text is longer than %(n)s characters.") % {"n": f"{RUNBOOK_MAX_CHARS:,}"},
        "encoding": _("Not saved: the file is not UTF-8 text."),
        "withdrawn": _("Not saved: the runbook is withdrawn. Bring it back first."),
    }[error.why]


def _typed(request: HttpRequest) -> str:
    """The text in the form; an uploaded file takes its place. Raises NotWritable for a file that is no text."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("body", "").replace("\r\n", "\n")
    if file.size is None or file.size > runbooks.MOST_FILE_BYTES:
        raise NotWritable("long")
    return runbooks.text_of(file.read())


def _page(request: HttpRequest, context: dict[str, Any], body: str, status: int = 200) -> HttpResponse:
    """The form, below it what the text would look like."""
    context |= {"body": body, "topics": TOPICS, "most": RUNBOOK_MAX_CHARS, "most_name": RUNBOOK_NAME_MAX_CHARS}
    context["zone"] = zone_named(None)
    if request.POST.get("do") == "preview" and len(body) <= RUNBOOK_MAX_CHARS:
        context["parts"] = split(body)
    return render(request, "runs/runbook_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def runbook_new(request: HttpRequest) -> HttpResponse:
    """A new runbook of one of the teams that the person writes for; 404 for those who write for none."""
    teams = list(Team.objects.reviewable_by(request.user))
    if not teams:
        raise Http404
    asked = request.POST.get("team") or request.GET.get("team") or teams[0].slug
    team = get_object_or_404(Team.objects.reviewable_by(request.user), slug=asked)
    file = request.FILES.get("file")
    name = request.POST.get("name", "").strip() or (file.name or "" if file else "")
    context: dict[str, Any] = {"teams": teams, "team": team, "name": name}
    if request.method != "POST":
        topic = request.GET.get("topic", "")
        return _page(request, context, f"## {topic}\n\ntopics: {topic}\n\n" if topic in TOPICS else "")
    body = request.POST.get("body", "")
    try:
        body = _typed(request)
        if request.POST.get("do") != "preview":
            made = runbooks.create(team, name, body, signed_in(request))
            _warn_of_topics(request, body)
            return redirect("runbook", made.pk)
    except NotWritable as error:
        messages.error(request, why(error))
        return _page(request, context, body, UNREADABLE)
    return _page(request, context, body)


@require_http_methods(["GET", "HEAD", "POST"])
def runbook_edit(request: HttpRequest, runbook_id: int) -> HttpResponse:
    """A new version of a runbook; 409 where somebody else saved one meanwhile. `?from=2` begins with an earlier one's words."""
    book = reviewable_runbook(request.user, runbook_id)
    version = sent_number(request, "version")
    context: dict[str, Any] = {"book": book, "version": book.version if request.method != "POST" else version}
    if request.method != "POST":
        earlier = request.GET.get("from", "")
        chosen = int(earlier) if earlier.isdecimal() and len(earlier) < 10 else book.version
        return _page(request, context, get_object_or_404(book.versions, number=chosen).body)
    body = request.POST.get("body", "")
    try:
        body = _typed(request)
        if request.POST.get("do") != "preview":
            runbooks.save(book, body, version, signed_in(request))
            _warn_of_topics(request, body)
            return redirect("runbook", book.pk)
    except NotWritable as error:
        messages.error(request, why(error))
        return _page(request, context, body, UNREADABLE)
    except Stale as stale:
        return _told(request, stale.current, body)
    return _page(request, context, body)


@require_POST
def runbook_restore(request: HttpRequest, runbook_id: int, number: int) -> HttpResponse:
    """An earlier version's text as a new version; 409 where somebody saved one that the person did not see."""
    book = reviewable_runbook(request.user, runbook_id)
    earlier = get_object_or_404(book.versions, number=number)
    try:
        saved = runbooks.save(book, earlier.body, sent_number(request, "version"), signed_in(request), restored=number)
        done = {"old": number, "new": saved.number}
        messages.info(request, _("Version %(old)s is the current text again, as version %(new)s.") % done)
    except NotWritable as error:
        messages.error(request, why(error))
    except Stale as stale:
        return _told(request, stale.current, earlier.body)
    return redirect("runbook", book.pk)


def sent_number(request: HttpRequest, name: str) -> int:
    """The number that the form sent; -1 for anything else."""
    sent = request.POST.get(name, "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else -1


def _warn_of_topics(request: HttpRequest, body: str) -> None:
    unknown = sorted({topic for part in split(body) for topic in part.unknown_topics})
    if unknown:
        names = ", ".join(unknown[:10])[:200]
        messages.warning(request, _("Saved. No such topic, so that nothing links to it: %(names)s") % {"names": names})


def _told(request: HttpRequest, current: Runbook, body: str) -> HttpResponse:
    newest = runbooks.newest_version(current)
    row = Difference(_("Text"), newest.body, body)
    back = reverse("runbook", args=[current.pk])
    return conflict(request, None, [row], version=current.version, back=back, by=newest.author_name)

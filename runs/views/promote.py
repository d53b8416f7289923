"""A lesson or rollback procedure of a note kept as a runbook section, with one action."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from runs.access import reviewable_run, signed_in
from runs.models import EvidenceFile, Run, Runbook
from runs.services import runbooks
from runs.services.runbook_notes import NotePart, parts_of
from runs.services.runbooks import NotWritable
from runs.views.runbook_edit import why
from runs.wording import shown_text

NEW_NAME = "LESSONS_RUNBOOK.md"


def promote_context(run: Run, file: EvidenceFile, may_review: bool) -> dict[str, Any]:
    """Context of `runs/_promote.html`: `note_parts` of the file, and the team's `runbooks` that may take one."""
    parts = parts_of(file) if may_review else []
    books = list(Runbook.objects.standing().filter(team_id=run.team_id)) if parts else []
    return {"note_parts": parts, "runbooks": books, "new_name": NEW_NAME}


@require_POST
def promote(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """Add the part of the note that begins at `line` to a runbook, or to a new one; what the note masks stays masked."""
    run = reviewable_run(request.user, key)
    file = get_object_or_404(run.files, pk=file_id)
    line = request.POST.get("line", "")
    part = next((one for one in parts_of(file) if str(one.line) == line), None)
    back = f"{reverse('file', args=[key, file_id])}#promote"
    if part is None:
        messages.error(request, _("No section was made: the note has no such part any more."))
        return redirect(back)
    try:
        book, anchor = _add(request, run, part, f"{_source(run, file, part)}\n\n{shown_text(part.body)}")
    except NotWritable as error:
        messages.error(request, why(error))
        return redirect(back)
    messages.info(request, _("The section is in %(name)s now.") % {"name": shown_text(book.name)})
    return redirect(f"{reverse('runbook', args=[book.pk])}#{anchor}")


def _source(run: Run, file: EvidenceFile, part: NotePart) -> str:
    """Where the words come from, as code: names of files are no Markdown."""
    run_name, path = (shown_text(name).replace("`", "'").replace("\n", " ") for name in (run.label, file.path))
    return _("From %(run)s, %(path)s, line %(line)s.") % {"run": f"`{run_name}`", "path": f"`{path}`", "line": part.line}


def _add(request: HttpRequest, run: Run, part: NotePart, body: str) -> tuple[Runbook, str]:
    """The runbook and the anchor of the new section. Raises NotWritable, and Http404 for a runbook of another team."""
    chosen, heading, user = request.POST.get("runbook", ""), shown_text(part.heading), signed_in(request)
    known = Runbook.objects.standing().filter(team_id=run.team_id)
    book = get_object_or_404(known, pk=int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
    book = book or known.filter(name__iexact=NEW_NAME).first()
    if book is None:
        book = runbooks.create(run.team, NEW_NAME, f"## {heading}\n\n{body}\n", user)
        return book, book.sections.current().get(level=2).anchor
    return book, runbooks.append(book, heading, body, user).anchor

"""What changed between two versions of a runbook."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.access import visible_runbook
from runs.models import Runbook, RunbookVersion
from runs.services.line_diff import compare
from runs.views.runbook import book_context
from runs.wording import shown_text


@require_safe
def runbook_diff(request: HttpRequest, runbook_id: int) -> HttpResponse:
    """`?from=1&to=3`: without `to` the newest, without `from` the one before it. 404 for versions that are none."""
    book = visible_runbook(request.user, runbook_id)
    later = _asked(request, "to", book.version)
    before, after = _versions(book, _asked(request, "from", max(later - 1, 1)), later)
    context = {
        "before": before,
        "after": after,
        "ends": (before, after),
        "difference": compare(shown_text(before.body), shown_text(after.body)),
    }
    return render(request, "runs/runbook_diff.html", book_context(request, book) | context)


def _asked(request: HttpRequest, name: str, otherwise: int) -> int:
    """The number in the address. Raises Http404 for what is none."""
    text = request.GET.get(name) or str(otherwise)
    if not text.isdecimal() or len(text) > 9:
        raise Http404
    return int(text)


def _versions(book: Runbook, earlier: int, later: int) -> tuple[RunbookVersion, RunbookVersion]:
    found = {one.number: one for one in book.versions.filter(number__in=(earlier, later))}
    if earlier not in found or later not in found:
        raise Http404
    return found[earlier], found[later]

"""Changes of a run's files by reviewers: removing a file, correcting what it is read as and what its times mean."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from runs.access import reviewable_run, signed_in
from runs.analysis.domain.visible import visible
from runs.services import runs as run_service


def file_remove(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """Ask first; then take the file out of the run, which is judged again. Bytes that other runs need stay."""
    run = reviewable_run(request.user, key)
    found = get_object_or_404(run.files, pk=file_id)
    if request.method == "POST":
        path = found.path
        run_service.remove_file(found, signed_in(request))
        messages.info(request, _("%(path)s is removed. The run is judged again.") % {"path": visible(path)})
        return redirect("run", key)
    return render(request, "runs/confirm_file_remove.html", {"run": run, "file": found, "may_review": True})


@require_POST
def file_kind(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """Have the file read as the chosen kind; an empty one undoes the correction."""
    run = reviewable_run(request.user, key)
    found = get_object_or_404(run.files, pk=file_id)
    try:
        run_service.override_kind(found, request.POST.get("kind", "").replace("\0", ""), signed_in(request))
    except ValueError:
        messages.error(request, _("The kind was not changed: there is no such kind."))
    return redirect("file", key, file_id)


@require_POST
def file_clock(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """Correct a file's clock: `zone`, `offset` in seconds to add, `date` of times without one; empty ones undo the correction."""
    run = reviewable_run(request.user, key)
    found = get_object_or_404(run.files, pk=file_id)
    try:
        asked = {name: request.POST.get(name, "").strip().replace("\0", "")[:64] for name in ("zone", "offset", "date")}
        day = date.fromisoformat(asked["date"]) if asked["date"] else None
        run_service.override_clock(found, asked["zone"], _nanoseconds(asked["offset"]), day, signed_in(request))
        messages.info(request, _("The clock of %(path)s is corrected. The run is judged again.") % {"path": visible(found.path)})
    except (ValueError, InvalidOperation):
        messages.error(
            request, _("The clock was not changed: a zone is Z, +09:00 or Asia/Tokyo; an offset is a number of seconds.")
        )
    return redirect(f"{reverse('timeline', args=(run.key,))}#clocks")


def _nanoseconds(text: str) -> int | None:
    """'-2.5' as ns, to the nanosecond; None for ''. Raises InvalidOperation, ValueError."""
    if not text:
        return None
    value = Decimal(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    if not value.is_finite() or abs(value) > 10**10:
        raise ValueError("no offset")
    return int(value * 1_000_000_000)

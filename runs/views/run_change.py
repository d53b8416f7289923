"""Changes of a run's files by reviewers: removing a file, correcting what it is read as."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
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

"""The run page: verdict, matrix, findings, coverage, files; while workers work, how far they are."""

from datetime import tzinfo
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from runs.access import reviewable_run, signed_in, visible_run
from runs.analysis.domain.visible import visible
from runs.analysis.next_capture.script import to_script
from runs.analysis.report import Report
from runs.htmx import STOP_POLLING, page_or_fragment, wants_fragment
from runs.models import EvidenceFile, Run
from runs.services import runs as run_service
from runs.services.compare import baselines_for
from runs.services.runbook_notes import references_of
from runs.views._report import report_context
from runs.views._review import review_context
from runs.views._run_page import run_context
from runs.wording import current_language, masker

OFFERED_BASELINES = 3
SHOWN_FILES = 200  # while an analysis goes on: the list is drawn again every second
INTEREST = ("parsing", "failed", "refused", "partial", "unrecognised", "parsed")


def _interest(file: EvidenceFile) -> int:
    """Which files to show while there are too many for all: those at work and those that failed, then the finished."""
    return INTEREST.index(file.state) if file.state in INTEREST else len(INTEREST)


def _page_context(request: HttpRequest, run: Run) -> dict[str, Any]:
    """The run page's context: the report arranged, or, without one, the files as they come."""
    context = run_context(request.user, run, "report")
    files = list(context["evidence"].values())
    context["files_done"] = sum(file.is_final for file in files)
    if not context["report"]:
        context["files_shown"] = sorted(files, key=_interest)[:SHOWN_FILES] if len(files) > SHOWN_FILES else files
    if context["report"]:
        opened, all_attempts = request.GET.get("open"), request.GET.get("attempts") == "all"
        context |= report_context(context["report"], context["evidence"], context["zone"], opened, all_attempts)
        context |= review_context(run, context["finding_rows"], request.user)
        context["next_script"] = _script(context["report"], context["zone"])
        context["named_runbooks"] = references_of(run, files)
        is_faulty = context["report"].verdict.outcome != "pass" and not run.is_baseline
        context["baselines"] = baselines_for(run, context["report"])[:OFFERED_BASELINES] if is_faulty else []
    return context


def _script(report: Report, zone: tzinfo) -> str:
    """The next capture's script in the page's language, secrets masked; '' where there is none."""
    if report.next_capture is None:
        return ""
    script = to_script(report.next_capture, report.run_id, current_language(), zone)
    return "\n".join(masker().mask_lines(script.rstrip("\n").split("\n")))


@require_safe
def run(request: HttpRequest, key: str) -> HttpResponse:
    """The whole page; for htmx only the finding that `?finding=` names, opened or closed."""
    context = _page_context(request, visible_run(request.user, key))
    if "finding" in request.GET:
        rows = [row for row in context.get("finding_rows", ()) if row.finding.id == request.GET["finding"]]
        if not rows:
            raise Http404
        context["row"] = rows[0]
        return page_or_fragment(request, "runs/run.html", "runs/_finding.html", context)
    return render(request, "runs/run.html", context)


@require_safe
def run_progress(request: HttpRequest, key: str) -> HttpResponse:
    """How far the analysis is, for polling; when it is done, status 286 and the page's body in place of the old one."""
    found = visible_run(request.user, key)
    context = _page_context(request, found)
    if found.is_busy or not wants_fragment(request):
        return page_or_fragment(request, "runs/run.html", "runs/_progress.html", context)
    response = page_or_fragment(request, "runs/run.html", "runs/_run_body.html", context)
    response.status_code = STOP_POLLING
    response["HX-Retarget"], response["HX-Reswap"] = "#run", "innerHTML"
    return response


@require_POST
def run_label(request: HttpRequest, key: str) -> HttpResponse:
    """Give the run another label."""
    found = reviewable_run(request.user, key)
    try:
        run_service.rename(found, request.POST.get("label", "").replace("\0", ""), signed_in(request))
    except ValueError:
        messages.error(request, _("The label was not changed: it must not be empty."))
    return redirect("run", key)


@require_POST
def run_reanalyse(request: HttpRequest, key: str) -> HttpResponse:
    """Judge the run again; what is parsed already is not parsed anew."""
    run_service.reanalyse(reviewable_run(request.user, key), signed_in(request))
    return redirect("run", key)


def run_delete(request: HttpRequest, key: str) -> HttpResponse:
    """Ask first; then delete the run with its report. Bytes that other runs need stay."""
    found = reviewable_run(request.user, key)
    if request.method == "POST":
        label = found.label
        run_service.delete_run(found)
        messages.info(request, _("Run %(label)s is deleted.") % {"label": visible(label)})
        return redirect("run_list")
    return render(request, "runs/run_delete.html", {"run": found, "file_count": found.files.count(), "may_review": True})

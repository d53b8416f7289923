"""Downloads of a run: its README.md, in the shape engineers write by hand, and the script of its next capture."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from runs.access import visible_run
from runs.analysis.next_capture.script import script_name, to_script
from runs.analysis.report_markdown import to_markdown
from runs.services.reports import load_report
from runs.views._run_page import zone_named
from runs.wording import current_language, masker


@require_safe
def export(request: HttpRequest, key: str) -> HttpResponse:
    """README.md as a download, in `?lang=en|ja`, else in the page's language. 404 before the first conclusion."""
    run = visible_run(request.user, key)
    report = load_report(run)
    if report is None:
        raise Http404
    return _download(to_markdown(report, _language(request)), "README.md", "text/markdown")


@require_safe
def next_capture(request: HttpRequest, key: str) -> HttpResponse:
    """The script as a download, its comments in `?lang=en|ja`, else in the page's language. 404 where nothing is to be captured."""
    run = visible_run(request.user, key)
    report = load_report(run)
    if report is None or report.next_capture is None:
        raise Http404
    script = to_script(report.next_capture, report.run_id, _language(request), zone_named(run.timezone_override or report.timezone))
    return _download(script, script_name(report.run_id), "text/x-shellscript")


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in ("en", "ja") else current_language()


def _download(text: str, name: str, content_type: str) -> HttpResponse:
    """A text of the evidence, its secrets masked, that a browser saves and never shows. `name`: ASCII without quotes."""
    response = HttpResponse("\n".join(masker().mask_lines(text.split("\n"))), content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return response

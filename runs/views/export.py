"""The run as README.md, in the shape engineers write by hand: header, file table, findings and next actions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from runs.access import visible_run
from runs.analysis.report_markdown import to_markdown
from runs.services.reports import load_report
from runs.wording import current_language, masker


@require_GET
def export(request: HttpRequest, key: str) -> HttpResponse:
    """README.md as a download, in `?lang=en|ja`, else in the page's language. 404 before the first conclusion."""
    run = visible_run(request.user, key)
    report = load_report(run)
    if report is None:
        raise Http404
    asked = request.GET.get("lang", "")
    lang = asked if asked in ("en", "ja") else current_language()
    text = "\n".join(masker().mask_lines(to_markdown(report, lang).split("\n")))
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="README.md"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return response

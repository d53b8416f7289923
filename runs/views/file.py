"""One file of a run: its text by line, or its bytes, with the facts about it; and its download."""

import posixpath
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from runs.access import reviewable_run
from runs.analysis.domain.secrets import PrivateKeys
from runs.analysis.domain.visible import Piece, pieces, visible
from runs.analysis.report import Finding, Report
from runs.analysis.text import Line, public_name
from runs.models import Event, EvidenceFile, FileNote, Run
from runs.services import lines as line_service
from runs.services import record
from runs.views._evidence import (
    Ranges,
    by_number,
    citing,
    facts_context,
    file_context,
    number_asked,
    parse_ranges,
    source_of,
    within,
)  # fmt: skip
from runs.views._hex import hex_context
from runs.views.promote import promote_context
from runs.wording import masker

BEFORE_FIRST_CITED = 40  # lines shown before a cited one that is not on the first page
LEAST_FOLDED = 5  # so many equal lines in a row are folded


class Row(NamedTuple):
    """A shown line; or, with `folded`, so many lines that are equal to the one before."""

    number: int
    pieces: list[Piece]
    asked: bool = False
    findings: tuple[Finding, ...] = ()
    folded: int = 0


@require_safe
def file(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """The file's page; `?lines=10-13,20` marks lines and begins near the first, `?from=` begins at a line or byte."""
    context = file_context(request.user, key, file_id)
    found: EvidenceFile = context["file"]
    context |= facts_context(context)
    context |= {"note": FileNote.objects.filter(file=found).select_related("edited_by").first()}
    context |= promote_context(found.run, found, context["may_review"])
    context |= {"note_history": found.history.filter(event=Event.NOTE_EDITED).newest_first()[:50]}
    if found.blob_id and found.size_bytes:
        source = source_of(found)
        if source.is_binary:
            context |= hex_context(source, number_asked(request.GET.get("from")))
        else:
            context |= _text_context(request, found, context["report"])
            context["encoding"] = public_name(source.codec)
    return render(request, "runs/file.html", context)


def _text_context(request: HttpRequest, found: EvidenceFile, report: Report | None) -> dict[str, Any]:
    asked = parse_ranges(request.GET.get("lines", ""))
    wanted = number_asked(request.GET.get("from"))
    first = wanted or (max(1, asked[0][0] - BEFORE_FIRST_CITED) if asked and asked[0][0] > line_service.PAGE_LINES else 1)
    page = line_service.read_page(source_of(found), found.blob_id or "", first)
    shown = range(page.first, page.first + len(page.lines))
    cited = by_number(((f, c.lines) for f, c in citing(report, found.path)), shown)
    whole = number_asked(request.GET.get("whole"))
    previous = max(1, page.first - line_service.PAGE_LINES) if page.first > 1 else None
    is_folded = request.GET.get("fold") != "no"
    rows = _rows(page, asked, cited, whole, fold=is_folded)
    return {
        "page": page,
        "rows": rows,
        "has_folds": any(row.folded for row in rows),
        "asked": asked,
        "lines_asked": ",".join(f"{a}-{b}" for a, b in asked),
        "previous": previous,
        "cited_count": len({n for _, c in citing(report, found.path) for n in c.lines}),
        "is_folded": is_folded,
    }


def _rows(page: line_service.LinePage, asked: Ranges, cited: dict[int, list[Finding]], whole: int | None, fold: bool) -> list[Row]:
    keys = PrivateKeys()
    keys.inside = page.inside_key
    rows: list[Row] = []
    same: list[Line] = []

    def flush() -> None:
        for line in same if len(same) < LEAST_FOLDED else ():
            rows.append(Row(line.number, pieces(line.text, masker())))
        if len(same) >= LEAST_FOLDED:
            rows.append(Row(same[0].number, [], folded=len(same)))
        same.clear()

    before: str | None = None
    for line in page.lines:
        hidden = keys.hides(line.text)
        findings, is_asked = tuple(cited.get(line.number, ())), within(asked, line.number)
        if fold and line.text == before and not hidden and not findings and not is_asked and line.number != whole:
            same.append(line)
            continue
        flush()
        before = None if hidden else line.text
        made = pieces(line.text, masker(), hidden=hidden, whole=line.number == whole)
        rows.append(Row(line.number, made, is_asked, findings))
    flush()
    return rows


@require_safe
def file_download(request: HttpRequest, key: str, file_id: int) -> FileResponse:
    """The bytes as uploaded, for reviewers, and recorded, since nothing is masked in them; never as active content."""
    run = reviewable_run(request.user, key)
    found = _file_or_404(run, file_id)
    path = source_of(found).path
    assert path is not None
    record.downloaded(cast(User, request.user), found)
    name = visible(posixpath.basename(found.path)).replace("/", "_")
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return response


def _file_or_404(run: Run, file_id: int) -> EvidenceFile:
    found = get_object_or_404(run.files, pk=file_id)
    if not found.blob_id:
        raise Http404
    return found

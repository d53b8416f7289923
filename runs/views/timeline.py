"""The timeline page: all sources of a run in one order of time, with the time since its zero and since the row before."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from runs.access import reviewable_run, signed_in, visible_run
from runs.htmx import page_or_fragment
from runs.models import Run
from runs.services import marks as mark_service
from runs.services import timeline as service
from runs.services.reports import tables_of
from runs.services.timeline_places import parse_places
from runs.views._density import density
from runs.views._run_page import run_context
from runs.views._timeline_clocks import clock_rows
from runs.views._timeline_export import export_lines
from runs.views._timeline_names import columns_of, lane_names
from runs.views._timeline_query import LEVELS_OFFERED, Asked, cited, cursor_text, range_text, read_address
from runs.views._timeline_rows import RowContext, timeline_rows
from runs.views._timeline_undated import why_undated
from runs.views._timeline_zoom import zooms
from runs.views._times import wall_date

EXPORTED_ROWS = 200_000
_KEPT = ("range", "q", "places", "level", "only", "fold", "zero", "lane")


@require_safe
def timeline(request: HttpRequest, key: str) -> HttpResponse:
    """A page of events. `?range= ?lane= ?level= ?q= ?places= ?only=` filter, `?zero=` sets the zero, `?at=` begins a page."""
    run = visible_run(request.user, key)
    context = run_context(request.user, run, "timeline")
    if context["report"]:
        context |= _context(request.GET, run, context)
    return page_or_fragment(request, "runs/timeline.html", "runs/timeline.html#timeline", context)


@require_safe
def timeline_text(request: HttpRequest, key: str) -> StreamingHttpResponse:
    """The rows that fit the filter as a text with two leading columns, as merge scripts print them: since zero, since the row before."""
    run = visible_run(request.user, key)
    context = run_context(request.user, run, "timeline")
    if not context["report"]:
        raise Http404
    asked, rows = _asked(request.GET, run, context)
    events = service.stream(rows.lanes, asked.wanted, EXPORTED_ROWS)
    response = StreamingHttpResponse(export_lines(events, rows, EXPORTED_ROWS), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="timeline-{run.key}.txt"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def timeline_mark(request: HttpRequest, key: str) -> HttpResponse:
    """Leave a bookmark, or a remark where a text is given, at `place`; then back to the page it was left on."""
    run = reviewable_run(request.user, key)
    places = parse_places(request.POST.get("place", "").replace("\0", "")[:2_000])
    try:
        if not places:
            raise ValueError
        mark_service.add_mark(run, places[0], request.POST.get("text", "").replace("\0", ""), signed_in(request))
    except mark_service.TooManyMarks:
        messages.error(request, _("Nothing was kept: this run has too many bookmarks."))
    except ValueError:
        messages.error(request, _("Nothing was kept: this run has no such place."))
    return redirect(_back(run, request.POST))


@require_POST
def timeline_unmark(request: HttpRequest, key: str, mark_id: int) -> HttpResponse:
    """Remove a bookmark or a remark."""
    run = reviewable_run(request.user, key)
    mark_service.remove_mark(run, mark_id, signed_in(request))
    return redirect(_back(run, request.POST))


def _back(run: Run, posted: QueryDict) -> str:
    """The timeline at the address that the form was on: only its query is taken from the form."""
    return f"{reverse('timeline', args=(run.key,))}?{QueryDict(posted.get('query', '')[:8_000]).urlencode()}#rows"


def _asked(address: QueryDict, run: Run, context: dict[str, Any]) -> tuple[Asked, RowContext]:
    report, zone, files = context["report"], context["zone"], context["evidence"]
    tables = tables_of(run)
    lanes = service.run_lanes(run, report, tables)
    marks = mark_service.marks_of(run)
    marked: dict[Any, set[int]] = {}
    for path, kind, number in marks:
        marked.setdefault((path, kind), set()).add(number)
    first = service.first_ns(lanes) or 0
    asked = read_address(address, lanes, report, files, marked, zone, first)
    names = lane_names(lanes, tables)
    columns, _labels = columns_of(names, sorted(asked.lanes))
    zero = first if asked.zero_ns is None else asked.zero_ns
    return asked, RowContext(lanes, names, columns, cited(report), marks, files, tables, zone, zero, asked.opened, asked.fold)


def _context(address: QueryDict, run: Run, context: dict[str, Any]) -> dict[str, Any]:
    report, zone = context["report"], context["zone"]
    asked, rows = _asked(address, run, context)
    lanes = rows.lanes
    first = service.first_ns(lanes) or 0
    page = service.page(lanes, asked.wanted, asked.at, service.FOLDED_EVENTS if asked.fold else service.PAGE_ROWS)
    made = timeline_rows(page, rows)
    w = asked.wanted
    picture = density(lanes, rows.names, w, report, zone)
    kept: list[tuple[str, str]] = [(name, str(value)) for name in _KEPT for value in address.getlist(name) if value]
    return {
        "lanes": list(zip(lanes, rows.names, strict=True)),
        "lane_labels": columns_of(rows.names, sorted(asked.lanes))[1],
        "lanes_shown": {lanes[number].name for number in asked.lanes},
        "asked": asked,
        "range": range_text(w.start_ns, w.end_ns, first, zone),
        "page": page,
        "rows": made.rows,
        "event_count": sum(len(lane.ts_ns) for lane in lanes),
        "density": picture,
        "zooms": zooms(picture, w, first, zone, kept),
        "day": wall_date(first, zone) if lanes else "",
        "undated": [(file, why_undated(file)) for file in service.undated(report, lanes)],
        "copies": [lane for lane in lanes if lane.copy_of],
        "levels": LEVELS_OFFERED,
        "kept": urlencode(kept),
        "kept_zero": urlencode([pair for pair in kept if pair[0] != "zero"]),
        "kept_fold": urlencode([pair for pair in kept if pair[0] != "fold"]),
        "query": urlencode([*kept, *[(n, str(address[n])) for n in ("at", "open") if address.get(n)]]),
        "at": cursor_text(asked.at),
        "previous": cursor_text(made.previous),
        "next": cursor_text(made.next),
        "clocks": clock_rows(report, context["evidence"]),
    }

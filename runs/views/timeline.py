"""The timeline page: all sources of a run in one order of time, with the time since the start and since the row before."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from runs.access import visible_run
from runs.analysis.facts.log import LEVELS
from runs.services import timeline as service
from runs.services.reports import tables_of
from runs.services.timeline import Cursor, Filter, Lane
from runs.views._density import density
from runs.views._run_page import run_context
from runs.views._timeline_rows import columns_of, timeline_rows, why_undated
from runs.views._times import wall_date

_MOMENT = re.compile(r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\Z")
LEVELS_OFFERED = ("info", "notice", "warning", "error")


@require_GET
def timeline(request: HttpRequest, key: str) -> HttpResponse:
    """A page of events; `?range=17:50:12..17:53:50`, `?lane=` and `?level=` filter, `?at=` begins a page."""
    run = visible_run(request.user, key)
    context = run_context(request.user, run, "timeline")
    if context["report"]:
        context |= _context(request.GET, run, context)
    return render(request, "runs/timeline.html", context)


def _context(asked: QueryDict, run: Any, context: dict[str, Any]) -> dict[str, Any]:
    report, zone = context["report"], context["zone"]
    tables = tables_of(run)
    lanes = service.lanes_of(report, tables)
    wanted, is_bad_range = _filter(asked, lanes, zone)
    page = service.page(lanes, wanted, _cursor(asked.get("at", "")))
    kept = asked.copy()
    kept.pop("at", None)
    shown = [number for number in range(len(lanes)) if wanted.lanes is None or number in wanted.lanes]
    columns, labels = columns_of(lanes, shown)
    return {
        "lanes": lanes,
        "lane_labels": labels,
        "lanes_shown": {lanes[number].name for number in shown},
        "is_filtered": any(asked.get(name) for name in ("range", "lane", "level")),
        "is_bad_range": is_bad_range,
        "page": page,
        "rows": timeline_rows(page, lanes, columns, report, context["evidence"], tables, zone),
        "event_count": sum(len(lane.ts_ns) for lane in lanes),
        "density": density(lanes, wanted, zone),
        "day": wall_date(page.zero_ns, zone) if page.zero_ns is not None else "",
        "undated": [(file, why_undated(file)) for file in service.undated(report, lanes)],
        "copies": [lane for lane in lanes if lane.copy_of],
        "range": asked.get("range", "")[:80],
        "level": asked.get("level", ""),
        "levels": LEVELS_OFFERED,
        "kept": kept.urlencode(),
        "previous": _address(page.previous),
        "next": _address(page.next),
        "has_derived": any(lane.is_derived for lane in lanes),
    }


def _address(cursor: Cursor | None) -> str:
    return "" if cursor is None else f"{cursor.ts_ns}.{cursor.lane}.{cursor.position}"


def _cursor(text: str) -> Cursor | None:
    parts = text.split(".")
    if len(parts) != 3 or not all(re.fullmatch(r"-?[0-9]{1,19}", part) for part in parts):
        return None
    ts_ns, lane, position = (int(part) for part in parts)
    return Cursor(ts_ns, lane, position) if abs(ts_ns) < 2**63 and 0 <= lane < 2**31 and 0 <= position < 2**62 else None


def _filter(asked: QueryDict, lanes: list[Lane], zone: tzinfo) -> tuple[Filter, bool]:
    """The filter of the address, and whether its range was no range. Texts that repeat a capture are shown only when asked for."""
    names = set(asked.getlist("lane")) - {""}
    chosen = frozenset(n for n, lane in enumerate(lanes) if (lane.name in names if names else not lane.copy_of))
    level = LEVELS.index(asked["level"]) if asked.get("level") in LEVELS_OFFERED else 0
    first = min((int(lane.ts_ns[0]) for lane in lanes), default=0)
    text = asked.get("range", "").strip()[:80]
    low, dots, high = text.partition("..")
    start, end = _moment(low, first, zone), _moment(high, first, zone)
    is_bad = bool(text) and (not dots or (bool(low.strip()) and start is None) or (bool(high.strip()) and end is None))
    return Filter(start, end, chosen, level), is_bad


def _moment(text: str, first_ns: int, zone: tzinfo) -> int | None:
    """'17:50:12.5' on the day of the first event, or '2026-11-20 17:50:12', in the zone, as ns UTC."""
    match = _MOMENT.match(text.strip())
    if not match:
        return None
    try:
        begin = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=first_ns // 1_000_000_000)
        day = datetime.fromisoformat(match[1]).date() if match[1] else begin.astimezone(zone).date()
        at = datetime(day.year, day.month, day.day, int(match[2]), int(match[3]), int(match[4] or 0), tzinfo=zone)
        return int(at.timestamp()) * 1_000_000_000 + int((match[5] or "").ljust(9, "0"))
    except (ValueError, OverflowError):
        return None

"""A capture's page: what the file says of itself, its conversations, frames and remarks over time, and the expert summary."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from runs.access import visible_run
from runs.analysis.case import table_name
from runs.analysis.columns import Table
from runs.analysis.facts.capture import Capture
from runs.analysis.packets.schema import CONVERSATION_STATES
from runs.models import EvidenceFile
from runs.services import capture_io, capture_view, storage
from runs.services.capture_io import MOST_STEPS, SECOND_NS, Extent, Range, Series
from runs.services.conversation_list import SORTS, Asked, list_conversations, occurring
from runs.views import _capture_rows, _capture_words
from runs.views._evidence import citing, facts_context, file_context, number_asked
from runs.views._io_plot import STEPS, io_plot
from runs.views._times import seconds, wall_date, wall_time

UNITS = ("bytes", "frames")
RANGE_FIELDS = ("start", "end")
LIST_FIELDS = ("q", "state", "protocol", "page")
MOST_BANDS = 12
WIDE_BAND = 0.6  # a finding that cites more of the capture than this marks no stretch of it
_SECONDS = re.compile(r"(\d{1,10})(?:\.(\d{1,9}))?", re.ASCII)


@require_safe
def capture(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """`?start=&end=` is the graph's range in seconds from the earliest frame; `?q=&state=&protocol=&sort=&page=` the list's."""
    context = file_context(request.user, key, file_id)
    file, part = context["file"], number_asked(request.GET.get("part")) or 0
    packets = capture_view.packets_of(file, part)
    said, statistics = capture_view.said_of(file, part)
    if packets is None and file.kind != "capture":
        raise Http404
    context |= facts_context(context) | {"on_capture": True, "part": part, "capture": said}
    context |= _facts(context, said) | {"drops": capture_view.drops_of(context["report"], file.path, said, statistics)}
    if packets is not None and (extent := capture_view.extent_of(said, packets)):
        context |= _graph(request.GET, context, packets, extent)
        context |= _conversations(request.GET, context, extent)
        context["expert"] = _expert(packets)
    return render(request, "runs/capture.html", context)


@require_safe
def capture_data(request: HttpRequest, key: str, file_id: int) -> JsonResponse:
    """The graph's numbers for a range, at most `?steps=` (800) of them, as JSON; 400 for what is no range of this capture."""
    file = get_object_or_404(visible_run(request.user, key).files, pk=file_id)
    part = number_asked(request.GET.get("part")) or 0
    packets = capture_view.packets_of(file, part)
    extent = capture_view.extent_of(capture_view.said_of(file, part)[0], packets) if packets is not None else None
    if packets is None or extent is None:
        raise Http404
    wanted, is_bad = range_asked(request.GET, extent)
    if is_bad:
        return JsonResponse({"error": "start and end are seconds from the earliest frame, start below end"}, status=400)
    most = min(number_asked(request.GET.get("steps")) or STEPS, MOST_STEPS)
    series = capture_io.io_series(packets, extent, wanted, max(2, most))
    return JsonResponse(_json(series, wanted, capture_io.frames_within(packets, extent, wanted), _unit(request.GET)))


def range_asked(asked: QueryDict, extent: Extent) -> tuple[Range, bool]:
    """The range of the address within the capture; all of it, and True, where that is no range of it."""
    everything = capture_io.whole(extent)
    low, high = _ns(asked.get("start", "")), _ns(asked.get("end", ""))
    if (asked.get("start") and low is None) or (asked.get("end") and high is None):
        return everything, True
    wanted = Range(low or 0, min(everything.high, everything.high if high is None else high))
    return (wanted, False) if wanted.low < wanted.high else (everything, True)


def _ns(text: str) -> int | None:
    match = _SECONDS.fullmatch(text)
    return int(match[1]) * SECOND_NS + int((match[2] or "").ljust(9, "0")) if match else None


def _unit(asked: QueryDict) -> str:
    unit = asked.get("unit", "")
    return unit if unit in UNITS else UNITS[0]


def _json(series: Series, wanted: Range, frames: tuple[int, int] | None, unit: str) -> dict[str, Any]:
    values = series.bytes if unit == "bytes" else series.frames
    return {
        "low": seconds(wanted.low),
        "high": seconds(wanted.high),
        "start_ns": series.start_ns,
        "step_ns": series.step_ns,
        "unit": unit,
        "values": values.tolist(),
        "frames": frames,
        "families": [
            {
                "name": family.name,
                "words": str(_capture_words.FAMILY_WORDS[family.name]),
                "frames": family.frames.tolist(),
                "values": (family.bytes if unit == "bytes" else family.frames).tolist(),
            }
            for family in series.families
        ],
    }


def _facts(context: dict[str, Any], said: Capture) -> dict[str, Any]:
    report, zone = context["file_report"], context["zone"]
    window = report.window if report and not context["part"] else None
    return {
        "format": _capture_words.format_words(said),
        "linktypes": list(dict.fromkeys(_capture_words.linktype_words(i.linktype) for i in said.interfaces)),
        "interface_rows": [(i, _capture_words.linktype_words(i.linktype)) for i in said.interfaces[:50]],
        "snaplens": sorted({i.snaplen for i in said.interfaces if i.snaplen}),
        "filters": list(dict.fromkeys(i.filter for i in said.interfaces if i.filter)),
        "first": (wall_date(window.start_ns, zone), wall_time(window.start_ns, zone)) if window else None,
        "last": (wall_date(window.end_ns, zone), wall_time(window.end_ns, zone)) if window else None,
        "duration": seconds(said.last_ns - said.first_ns) if said.first_ns is not None and said.last_ns is not None else "",
        "zero_utc_ns": window.start_ns if window else None,
        "problems": report.problems if report else _unreported(context["file"]),
    }


def _unreported(file: EvidenceFile) -> tuple[Any, ...]:
    result = storage.load_result(file.artefact)
    return result.problems if result else ()


def _graph(asked: QueryDict, context: dict[str, Any], packets: Table, extent: Extent) -> dict[str, Any]:
    wanted, is_bad = range_asked(asked, extent)
    unit = _unit(asked)
    series = capture_io.io_series(packets, extent, wanted, STEPS)
    spans = _spans(context, packets, extent)
    return {
        "plot": io_plot(series, wanted, unit, spans),
        "bands": [[id, first / SECOND_NS, last / SECOND_NS] for id, first, last in spans],
        "step_ns": series.step_ns,
        "unit": unit,
        "units": [(name, _address(asked, unit=name)) for name in UNITS],
        "is_bad_range": is_bad,
        "is_zoomed": wanted != capture_io.whole(extent),
        "low": seconds(wanted.low),
        "high": seconds(wanted.high),
        "all_high": seconds(capture_io.whole(extent).high),
        "moves": _moves(asked, wanted, capture_io.whole(extent)),
        "kept_for_range": _kept(asked, RANGE_FIELDS),
        "frames_in_range": capture_io.frames_within(packets, extent, wanted),
    }


def _spans(context: dict[str, Any], packets: Table, extent: Extent) -> list[tuple[str, int, int]]:
    """The stretches that findings cite by their frames: (finding, first, last), ns from the earliest frame."""
    made = []
    for finding, citation in citing(context["report"], context["file"].path):
        rows = [n - 1 for n in citation.frames if 0 < n <= len(packets)]
        if finding.outcome != "fail" or not rows or context["part"]:
            continue
        first, last = (int(packets["ts_ns"][row]) - extent.zero_ns for row in (min(rows), max(rows)))
        if 0 <= first <= last <= max(1, extent.duration_ns) and last - first <= WIDE_BAND * extent.duration_ns:
            made.append((finding.id, first, last))
    return sorted(made[:MOST_BANDS], key=lambda one: one[1])


def _moves(asked: QueryDict, wanted: Range, everything: Range) -> dict[str, str]:
    """Addresses that show a quarter beside, half or twice as much: zooming without a pointer."""
    span = wanted.high - wanted.low
    quarter = max(1, span // 4)
    ranges = {
        "in": (wanted.low + quarter, wanted.high - quarter),
        "out": (wanted.low - span // 2, wanted.high + span // 2),
        "earlier": (wanted.low - quarter, wanted.high - quarter),
        "later": (wanted.low + quarter, wanted.high + quarter),
    }
    made = {"all": _address(asked, start=None, end=None)}
    for name, (low, high) in ranges.items():
        low, high = max(0, low), min(everything.high, high)
        made[name] = _address(asked, start=seconds(low), end=seconds(high)) if low < high else made["all"]
    return made


def _address(asked: QueryDict, **changes: str | None) -> str:
    kept = asked.copy()
    for name, value in changes.items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = value
    return kept.urlencode()


def _kept(asked: QueryDict, own: tuple[str, ...]) -> list[tuple[str, str]]:
    """What a form carries along: everything of the address but its own fields."""
    return [(name, asked.get(name, "")) for name in asked if name not in own]


def _conversations(asked: QueryDict, context: dict[str, Any], extent: Extent) -> dict[str, Any]:
    file, part = context["file"], context["part"]
    tables = [storage.open_table(file.artefact, table_name(name, part)) for name in ("conversations", "addresses")]
    table, addresses = tables
    if table is None or addresses is None:
        return {}
    sort = asked.get("sort", "")
    sort = sort if sort.removeprefix("-") in SORTS else "number"
    state, protocol = asked.get("state", "")[:16], asked.get("protocol", "")[:16]
    wanted = Asked(asked.get("q", "")[:200], state, protocol, sort, number_asked(asked.get("page")) or 1)
    listed = list_conversations(table, addresses, wanted)
    states, protocols = occurring(table)
    has_tunnels = bool(table["is_carrier"].any())
    zero_utc = context["zero_utc_ns"]
    shift = None if zero_utc is None else zero_utc - extent.zero_ns
    return {
        "conversation_count": len(table),
        "listed": listed,
        "rows": _capture_rows.rows(table, addresses, listed.rows, extent.zero_ns, shift, context["zone"]),
        "heads": _capture_rows.heads(asked, sort, has_tunnels),
        "has_tunnels": has_tunnels,
        "asked": wanted,
        "is_filtered": bool(wanted.text.strip() or state or protocol),
        "states": sorted(states, key=lambda one: CONVERSATION_STATES.index(one[0])),
        "protocols": protocols,
        "pages": {
            name: _address(asked, page=str(number))
            for name, number in (("previous", listed.page - 1), ("next", listed.page + 1))
            if 1 <= number <= listed.page_count
        },
        "unfiltered": _address(asked, q=None, state=None, protocol=None, page=None),
        "kept_for_list": _kept(asked, LIST_FIELDS),
    }


def _expert(packets: Table) -> list[dict[str, Any]]:
    return [
        {
            "level": _capture_words.LEVEL_WORDS[one.severity],
            "mark": _capture_words.LEVEL_MARKS[one.severity],
            "words": _capture_words.EXPERT_WORDS[one.name],
            "count": one.frame_count,
            "first": one.first_frame,
            "filter": one.filter,
        }
        for one in capture_view.expert_summary(packets)
    ]

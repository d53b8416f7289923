"""One conversation of a capture: facts, ladder and graphs; what its sides sent; and its frames as a capture of their own."""

import posixpath
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

import numpy as np
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.access import reviewable_run
from runs.analysis.columns import Array
from runs.analysis.domain.visible import visible
from runs.analysis.packets.graphs import answer_times
from runs.analysis.packets.schema import column
from runs.analysis.packets.write import capture_bytes, format_of
from runs.services import record
from runs.services.conversation_view import Opened, open_capture, stream_page
from runs.services.timeline_lanes import frame_times
from runs.views._conversation_facts import facts_of, other_sides
from runs.views._evidence import citing, facts_context, file_context, number_asked
from runs.views._ladder import Page, ladder
from runs.views._packets import Packets
from runs.views._sequence_plot import round_trip_plot, sequence_plot, window_plot
from runs.views._stream import turns_shown

PAGE_FRAMES = 100
BEFORE_LADDER = 2_000  # frames among which the segments are looked for that the ladder's ACKs answer


@require_safe
def conversation(request: HttpRequest, key: str, file_id: int, row: int) -> HttpResponse:
    """`?from=13006` begins the ladder at or behind that frame, `?fold=no` unfolds keep-alives, `?side=1` turns the graph round."""
    context = _context(request, key, file_id, row)
    opened: Opened = context["opened"]
    rows = opened.rows(row)
    context |= _ladder_context(request, context, rows)
    if context["is_tcp"] and len(rows):
        context |= _graphs(request, opened, row, rows)
    cited = set(rows.tolist())
    path = context["file"].path
    context["is_long"] = len(rows) > PAGE_FRAMES
    context["findings"] = [(f, c) for f, c in citing(context["report"], path) if any(n - 1 in cited for n in c.frames)]
    return render(request, "runs/conversation.html", context)


@require_safe
def conversation_stream(request: HttpRequest, key: str, file_id: int, row: int) -> HttpResponse:
    """What the sides sent; `?side=0` of one alone, `?as=hex`, `?page=2`, `?frame=13006` the page that has the frame."""
    context = _context(request, key, file_id, row)
    side = {"0": 0, "1": 1}.get(request.GET.get("side", ""))
    is_hex = request.GET.get("as") == "hex"
    if context["opened"].has_bytes and not context["is_carrier"]:
        number, frame = number_asked(request.GET.get("page")) or 1, number_asked(request.GET.get("frame"))
        try:
            page = stream_page(context["opened"], row, number, side, frame)
        except OSError:
            raise Http404 from None
        context |= {"page": page, "turns": turns_shown(page.turns, is_hex=is_hex)}
    kept = {name: request.GET[name] for name in ("side", "as", "part") if name in request.GET}
    context |= {"side": side, "is_hex": is_hex, "kept": urlencode(kept)}
    return render(request, "runs/follow.html", context)


@require_safe
def conversation_pcap(request: HttpRequest, key: str, file_id: int, row: int) -> StreamingHttpResponse:
    """The conversation's frames as a capture, for reviewers, and recorded, since nothing is masked in them."""
    file = get_object_or_404(reviewable_run(request.user, key).files, pk=file_id)
    opened = open_capture(file, number_asked(request.GET.get("part")) or 0)
    if opened is None or not opened.has_bytes or opened.capture is None or row >= len(opened.conversations):
        raise Http404
    rows = opened.rows(row)
    try:
        body = capture_bytes(opened.origin, opened.packets, rows, opened.capture)
    except FileNotFoundError:
        raise Http404 from None
    record.downloaded(cast(User, request.user), file, f"conversation {opened.id(row)} of the original")
    ending = format_of(opened.packets, rows, opened.capture)
    stem = visible(posixpath.basename(file.path)).replace("/", "_").rsplit(".", 1)[0]
    headers = {"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"}
    response = StreamingHttpResponse(body, headers=headers)
    response.headers["Content-Disposition"] = _attachment(f"{stem}-conversation-{row}.{ending}")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    return response


def _attachment(name: str) -> str:
    from django.utils.http import content_disposition_header

    return content_disposition_header(as_attachment=True, filename=name) or "attachment"


def _context(request: HttpRequest, key: str, file_id: int, row: int) -> dict[str, Any]:
    """What the pages of one conversation share. Raises Http404 where there is no such conversation."""
    context = file_context(request.user, key, file_id)
    part = number_asked(request.GET.get("part")) or 0
    opened = open_capture(context["file"], part)
    if opened is None or row >= len(opened.conversations):
        raise Http404
    context |= facts_context(context) | facts_of(opened, row, context["report"])
    context["other_sides"] = other_sides(context["report"], context["evidence"], opened.id(row))
    return context | {"opened": opened, "row": row, "part": part, "count": len(opened.conversations)}


def _ladder_context(request: HttpRequest, context: dict[str, Any], rows: Array) -> dict[str, Any]:
    opened, row, part = context["opened"], context["row"], context["part"]
    wanted = number_asked(request.GET.get("from")) or 1
    start = min(int(np.searchsorted(rows, wanted - 1)), max(0, len(rows) - 1))
    shown = rows[start : start + PAGE_FRAMES]
    zero = int(opened.packets["ts_ns"][rows[0]]) if len(rows) else 0
    is_folded = request.GET.get("fold") != "no"
    near = rows[max(0, start - BEFORE_LADDER) : start + PAGE_FRAMES]
    answers = (
        answer_times(opened.packets, near, *(opened.pair(n, row) for n in ("base_sequences", "window_scales")))
        if context["is_tcp"]
        else {}
    )
    page = Page(shown, int(rows[start - 1]) if start else None, zero, is_folded, number_asked(request.GET.get("mark")), answers)
    packets = Packets(opened.packets, opened.addresses, opened.conversations)
    remarked = rows[column(opened.packets, "remarks")[rows] != 0]
    following = remarked[remarked > shown[-1]] if len(shown) else remarked
    preceding = remarked[remarked < shown[0]] if len(shown) else remarked
    times = frame_times(context["file_report"], opened.packets) if context["file_report"] else None
    return {
        "drawing": ladder(opened, packets, row, page, _frame_link(context["run"].key, context["file"].pk, part)),
        "rows_from": int(shown[0]) + 1 if len(shown) else 1,
        "first": start + 1,
        "last": start + len(shown),
        "total": len(rows),
        "previous": int(rows[max(0, start - PAGE_FRAMES)]) + 1 if start else None,
        "next": int(rows[start + PAGE_FRAMES]) + 1 if start + PAGE_FRAMES < len(rows) else None,
        "end": int(rows[(len(rows) - 1) // PAGE_FRAMES * PAGE_FRAMES]) + 1 if len(rows) else None,
        "next_remark": int(following[0]) + 1 if len(following) else None,
        "previous_remark": int(preceding[-1]) + 1 if len(preceding) else None,
        "is_folded": is_folded,
        "start_ns": int((opened.packets["ts_ns"] if times is None else times)[rows[0]]) if len(rows) else None,
    }


def _frame_link(key: str, file_id: int, part: int) -> Callable[[int], str]:
    kept = f"?part={part}" if part else ""
    return lambda number: reverse("frame", args=(key, file_id, number)) + kept


def _graphs(request: HttpRequest, opened: Opened, row: int, rows: Array) -> dict[str, Any]:
    """The graphs of the side that sent more, or of the one asked for."""
    sent = opened.pair("payload_bytes", row)
    side = {"0": 0, "1": 1}.get(request.GET.get("side", ""), int(sent[1] > sent[0]))
    plot, graph = sequence_plot(opened, row, rows, side)
    return {
        "side": side,
        "sequence": plot,
        "round_trips": round_trip_plot(opened, rows, graph),
        "windows": window_plot(opened, row, rows),
        "scale_known": min(opened.pair("window_scales", row)) >= 0,
    }

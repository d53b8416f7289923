"""The frames of a capture, or of a tcpdump text: its conversations, its remarks, and the packet list."""

from datetime import tzinfo
from typing import Any, NamedTuple

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from runs.analysis.columns import Array
from runs.analysis.facts.conversation import Conversation
from runs.analysis.packets.schema import column
from runs.analysis.report import Finding
from runs.services import timeline
from runs.services.reports import StoredTables
from runs.views._evidence import Ranges, by_number, citing, facts_context, file_context, number_asked, parse_ranges, within
from runs.views._frame_detail import frame_detail
from runs.views._packets import FrameWords, Packets
from runs.views._times import seconds, wall_time

PAGE_FRAMES = 100
CONVERSATIONS = 50
BEFORE_FIRST_CITED = 5


class Row(NamedTuple):
    """A frame of the list: its words, its times, whether the link asks for it, and who cites it."""

    words: FrameWords
    at: str
    since_start: str
    since_before: str
    is_late: bool
    asked: bool
    line: int | None
    findings: tuple[Finding, ...]


class ConversationRow(NamedTuple):
    """A conversation of the list; `number` is its row in the table, from 1."""

    number: int
    fact: Conversation
    remarks: str


@require_GET
def frames(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """The packet list; `?frames=22-23` marks frames and begins near the first, `?conversation=`, `?only=` filter it."""
    context = file_context(request.user, key, file_id)
    found = context["file"]
    first_line = number_asked(request.GET.get("part")) or 0
    packets = Packets.of(StoredTables([found]), found.path, first_line)
    if packets is None:
        raise Http404
    context |= facts_context(context) | {"on_frames": True, "frame_count": len(packets), "part": first_line}
    context |= _list_context(request.GET, context, packets)
    context["conversations"] = _conversations(packets, found.path)
    opened = number_asked(request.GET.get("frame")) or (
        asked[0][0] if (asked := parse_ranges(request.GET.get("frames", ""))) else None
    )
    context["detail"] = frame_detail(found, packets, opened) if opened else None
    context["conversation_count"] = len(packets.conversations) if packets.conversations is not None else 0
    context["remark_counts"] = packets.remark_counts()
    return render(request, "runs/frames.html", context)


def _list_context(asked_for: QueryDict, context: dict[str, Any], packets: Packets) -> dict[str, Any]:
    asked = parse_ranges(asked_for.get("frames", ""))
    cited = {f.id: (f, c) for f, c in citing(context["report"], context["file"].path)}
    shown = _shown(packets, asked_for, {n for _, c in cited.values() for n in c.frames})
    first = number_asked(asked_for.get("from")) or (asked[0][0] - BEFORE_FIRST_CITED if asked and asked[0][0] > PAGE_FRAMES else 1)
    start = int(np.searchsorted(shown, first - 1))
    if start >= len(shown):
        start = max(0, len(shown) - PAGE_FRAMES)
    part = shown[start : start + PAGE_FRAMES]
    numbers = range(int(part[0]) + 1, int(part[-1]) + 2) if len(part) else range(0)
    citers = by_number(((f, c.frames) for f, c in cited.values()), numbers)
    ts_ns = _times(context, packets)
    before = int(shown[start - 1]) if start else None
    kept = asked_for.copy()
    for name in ("from", "frames"):
        kept.pop(name, None)
    return {
        "rows": _rows(packets, part, before, ts_ns, context["zone"], asked, citers),
        "shown_count": len(shown),
        "previous": int(shown[max(0, start - PAGE_FRAMES)]) + 1 if start else None,
        "next": int(shown[start + PAGE_FRAMES]) + 1 if start + PAGE_FRAMES < len(shown) else None,
        "kept": kept.urlencode(),
        "only": asked_for.get("only", ""),
        "conversation": number_asked(asked_for.get("conversation")),
        "has_lines": "line" in packets.table,
    }


def _shown(packets: Packets, asked_for: QueryDict, cited: set[int]) -> Array:
    """The rows that fit the filter, in file order."""
    fits = np.ones(len(packets), bool)
    number = number_asked(asked_for.get("conversation"))
    if number is not None:
        fits[:] = False
        fits[packets.of_conversation(number - 1)] = True
    if asked_for.get("only") == "remarks":
        fits &= column(packets.table, "remarks") != 0
    elif asked_for.get("only") == "cited":
        rows = np.array([n - 1 for n in cited if 0 < n <= len(packets)], np.int64)
        mask = np.zeros(len(packets), bool)
        mask[rows] = True
        fits &= mask
    return np.flatnonzero(fits)


def _times(context: dict[str, Any], packets: Packets) -> Array:
    """The frames' times in ns UTC, in file order; of a text without a clock its clock face as it stands."""
    report = context["file_report"]
    made = timeline.frame_times(report, packets.table) if report else None
    return packets.table["ts_ns"] if made is None else made


def _rows(
    packets: Packets,
    part: Array,
    before: int | None,
    ts_ns: Array,
    zone: tzinfo,
    asked: Ranges,
    citers: dict[int, list[Finding]],
) -> list[Row]:
    made = []
    for row in (int(n) for n in part):
        delta = int(ts_ns[row]) - int(ts_ns[before]) if before is not None else None
        made.append(
            Row(
                words=packets.words(row),
                at=wall_time(int(ts_ns[row]), zone),
                since_start=seconds(int(ts_ns[row]) - int(ts_ns[0])),
                since_before="" if delta is None else seconds(delta),
                is_late=delta is not None and delta >= 1_000_000_000,
                asked=within(asked, row + 1),
                line=int(packets.table["line"][row]) if "line" in packets.table else None,
                findings=tuple(citers.get(row + 1, ())),
            )
        )
        before = row
    return made


def _conversations(packets: Packets, path: str) -> list[ConversationRow]:
    """The first conversations of the capture, in the order of their first frames."""
    made = []
    for fact in packets.listed(path, CONVERSATIONS):
        counts = [(name, getattr(fact.tcp, name)) for name in fact.tcp.__struct_fields__]
        made.append(ConversationRow(fact.row + 1, fact, packets.remarks_in_words((name, n) for name, n in counts if n)))
    return made

"""The packet list of a capture, or of a packet text: pages of the frames that a filter selects."""

from datetime import UTC
from functools import partial
from typing import Any, TypedDict

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.analysis.columns import Table
from runs.analysis.packets.conversations import protocol_label
from runs.analysis.packets.schema import TCP
from runs.analysis.report import Finding
from runs.services import storage
from runs.services.frames import PAGE_FRAMES, CaptureFrames, Page, capture_frames
from runs.views._evidence import by_number, citing, file_context, number_asked, parse_ranges, within
from runs.views._frame_filter import Selected, examples, selected
from runs.views._packets import REMARK_WORDS, Packets, times_of
from runs.views._times import seconds, wall_date, wall_time

BEFORE_FIRST_CITED = 5
LATE_NS = 1_000_000_000
KEPT = ("part", "filter", "only", "conversation")
DAY_NS = 86_400_000_000_000


class Row(TypedDict):
    """A frame of the list. A mapping of strings: templates look into these quickest, and a page has a hundred."""

    number: str
    at: str
    since_start: str
    since_before: str
    late: str  # class of a long time since the frame displayed before
    source: str
    destination: str
    protocol: str
    stream: str
    conversation: str  # row of the table of conversations
    length: str
    mark: str  # of the gravest remark: 'warn', 'note'
    remarks: str
    info: str
    classes: str
    line: str
    findings: list[Finding]


@require_safe
def frames(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """`?filter=`, `?only=remarks|cited` and `?conversation=` select; `?from=`, `?before=`, `?frames=22-23` and `?goto=` place."""
    context = file_context(request.user, key, file_id)
    part = number_asked(request.GET.get("part")) or 0
    found = capture_frames(context["file"], part)
    if found is None:
        raise Http404
    cited = list(citing(context["report"], context["file"].path))
    asked = request.GET
    conversation = number_asked(asked.get("conversation"))
    cited_frames = {n for _, c in cited for n in c.frames} if asked.get("only") == "cited" else None
    wanted, mistake = selected(found, asked.get("filter", ""), conversation, cited_frames, asked.get("only") == "remarks")
    if number := number_asked(asked.get("goto")):
        return _gone_to(reverse("frames", args=(key, file_id)), asked, found, wanted, number)
    origin = partial(storage.blob_path, str(context["file"].blob_id))
    packets = Packets(found.frames.packets, found.frames.addresses, found.conversations, origin)
    context |= {"on_frames": True, "has_frames": True, "part": part, "packets": packets, "mistake": mistake}
    context |= _head(found, conversation) | {"examples": examples(found, packets), "remarks": list(REMARK_WORDS)}
    context |= _addresses(asked, found, conversation)
    if mistake is None:
        context |= _list(asked, context, found, wanted, cited)
    return render(request, "runs/frames.html", context)


def _head(found: CaptureFrames, conversation: int | None) -> dict[str, Any]:
    conversations = found.conversations
    is_known = conversations is not None and conversation is not None and conversation <= len(conversations)
    return {
        "frame_count": len(found.frames),
        "remarked_count": len(found.selection("remark any")),
        "conversation_count": 0 if conversations is None else len(conversations),
        "conversation": conversation,
        "conversation_row": conversation - 1 if conversation is not None and is_known else None,
        "is_text": "line" in found.frames.packets,
    }


def _address(asked: QueryDict, **changes: str | None) -> str:
    """The present selection as the query of an address, changed."""
    made = QueryDict(mutable=True)
    for name in (*KEPT, *changes):
        value = changes[name] if name in changes else asked.get(name)
        if value:
            made[name] = value
    return made.urlencode()


def _addresses(asked: QueryDict, found: CaptureFrames, conversation: int | None) -> dict[str, Any]:
    return {
        "filter": asked.get("filter", ""),
        "only": asked.get("only", "") if asked.get("only") in ("remarks", "cited") else "",
        "is_narrowed": bool(asked.get("filter", "").strip() or asked.get("only") or conversation is not None),
        "onlys": {name: _address(asked, only=name or None) for name in ("remarks", "cited")} | {"all": _address(asked, only=None)},
        "example_of": _address(asked, filter=None),
        "everything": _address(asked, filter=None, only=None, conversation=None),
        "without_conversation": _address(asked, conversation=None),
        "kept_for_filter": [(n, asked[n]) for n in KEPT if n != "filter" and asked.get(n)],
        "kept_for_goto": [(n, asked[n]) for n in KEPT if asked.get(n)],
    }


def _gone_to(path: str, asked: QueryDict, found: CaptureFrames, wanted: Selected, number: int) -> HttpResponse:
    """To the frame of that number, or to the next one that the filter leaves; an address without scripts has no other way."""
    number = min(number, max(1, len(found.frames)))
    following = wanted.rows(wanted.rank(number - 1), 1)
    anchor = f"#F{int(following[0]) + 1}" if len(following) else "#pk"
    return HttpResponseRedirect(f"{path}?{_address(asked, frames=str(number))}{anchor}")


def _page(asked: QueryDict, found: CaptureFrames, wanted: Selected, first_asked: int | None) -> Page:
    if before := number_asked(asked.get("before")):
        return found.page(wanted, min(before, len(found.frames) + 1), "back", PAGE_FRAMES)
    begin = number_asked(asked.get("from")) or 1
    if first_asked is not None and (rank := wanted.rank(first_asked - 1)) >= PAGE_FRAMES:
        begin = int(wanted.rows(rank - BEFORE_FIRST_CITED, 1)[0]) + 1
    return found.page(wanted, begin, "on", PAGE_FRAMES)


def _list(asked: QueryDict, context: dict[str, Any], found: CaptureFrames, wanted: Selected, cited: list[Any]) -> dict[str, Any]:
    ranges = parse_ranges(asked.get("frames", ""))
    first_asked = ranges[0][0] if ranges else None
    page = _page(asked, found, wanted, first_asked)
    shown = page.rows
    numbers = range(int(shown[0]) + 1, int(shown[-1]) + 2) if len(shown) else range(0)
    is_left_out = first_asked is not None and first_asked <= len(found.frames) and not wanted.holds(first_asked - 1)
    return {
        "rows": _rows(context, found, wanted, page, ranges, by_number(((f, c.frames) for f, c in cited), numbers)),
        "page": page,
        "first_place": page.before + 1,
        "last_place": page.before + len(shown),
        "left_out": first_asked if is_left_out else None,
        "pages": {
            "first": _address(asked) if page.previous else None,
            "previous": _address(asked, before=str(page.previous)) if page.previous else None,
            "next": _address(asked, **{"from": str(page.next)}) if page.next else None,
            "last": _address(asked, before=str(len(found.frames) + 1)) if page.next else None,
        },
        "without_filter": _address(asked, filter=None, only=None, conversation=None, frames=asked.get("frames")),
    }


def _rows(
    context: dict[str, Any],
    found: CaptureFrames,
    wanted: Selected,
    page: Page,
    ranges: tuple[tuple[int, int], ...],
    citers: dict[int, list[Finding]],
) -> list[Row]:
    table, zone = found.frames.packets, context["zone"]
    displayed_before = wanted.rows(page.before - 1, 1) if page.before else page.rows[:0]
    rows = [int(row) for row in page.rows]
    if not rows:
        return []
    (zero, *times), has_zone = times_of(context["file_report"], table, np.concatenate(([0], displayed_before, page.rows)))
    before = times.pop(0) if len(displayed_before) else None
    zone = zone if has_zone else UTC  # a clock face is shown as it stands
    context["date"] = f"{wall_date(times[0], zone)} {zone if has_zone else ''}" if times[0] >= 2 * DAY_NS else ""
    made = []
    for words, row, at in zip(context["packets"].page(rows), rows, times, strict=True):
        conversation = int(table["conversation"][row])
        made.append(
            Row(
                number=str(words.number),
                at=wall_time(at, zone),
                since_start=seconds(at - zero),
                since_before="" if before is None else seconds(at - before),
                late=" warn" if before is not None and at - before >= LATE_NS else "",
                source=words.source,
                destination=words.destination,
                protocol=words.protocol,
                stream=_stream(table, row) if conversation >= 0 else "",
                conversation=str(conversation),
                length=str(words.length),
                mark="warn" if words.severity in ("warn", "error") else "note",
                remarks=", ".join(words.remarks),
                info=words.info,
                classes=f"{words.tint} sel" if within(ranges, words.number) else words.tint,
                line=str(int(table["line"][row])) if "line" in table else "",
                findings=citers.get(words.number, []),
            )
        )
        before = at
    return made


def _stream(table: Table, row: int) -> str:
    """'0' of TCP, 'UDP 3' of another protocol."""
    number, protocol = int(table["stream"][row]), int(table["protocol"][row])
    return str(number) if protocol == TCP else f"{protocol_label(protocol)} {number}"

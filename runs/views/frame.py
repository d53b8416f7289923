"""One frame of a capture: its layers as a tree, its bytes, and the way to the frames beside it."""

from datetime import UTC
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.analysis.packets.frame import Field, Layer
from runs.analysis.packets.layer_words import layer_words
from runs.analysis.packets.schema import column
from runs.services import storage
from runs.services.conversation_view import Opened, comments_of, open_capture, open_frame
from runs.views._evidence import citing, facts_context, file_context, number_asked
from runs.views._hex import ROW_BYTES
from runs.views._packets import Packets, times_of
from runs.views._segment import segment_notes
from runs.views._times import seconds, wall_date, wall_time

SHOWN_BYTES = 65_536
MOST_VALUE = 2_000
WITHOUT_WORDS = ("Data", "Trailer")  # layers that are bytes alone: the header before them is opened instead


class Node(NamedTuple):
    """A layer or a field of the tree; `path` is what `?field=` takes."""

    path: str
    name: str
    value: str
    offset: int
    length: int
    is_selected: bool
    is_open: bool
    children: list["Node"]


class Stretch(NamedTuple):
    """Bytes of one row that are marked alike."""

    octets: str
    ascii: str
    is_marked: bool


class Row(NamedTuple):
    """16 bytes."""

    offset: str
    stretches: list[Stretch]
    fill: str


@require_safe
def frame(request: HttpRequest, key: str, file_id: int, number: int) -> HttpResponse:
    """`?field=2.5` marks the bytes of the sixth field of the third layer, `?field=2` those of the layer."""
    context = file_context(request.user, key, file_id)
    part = number_asked(request.GET.get("part")) or 0
    opened = open_capture(context["file"], part)
    if opened is None or not 1 <= number <= len(opened.packets):
        raise Http404
    path = context["file"].path
    context |= facts_context(context) | {"part": part, "number": number, "opened": opened, "total": len(opened.packets)}
    context |= _facts(context, opened, number) | _neighbours(opened, number) | _detail(opened, number, request.GET.get("field"))
    context["comments"] = comments_of(opened, number - 1)
    context["notes"] = segment_notes(opened, number - 1)
    context["findings"] = [f for f, c in citing(context["report"], path) if number in c.frames]
    context["address"] = request.build_absolute_uri(
        reverse("frame", args=(key, file_id, number)) + (f"?part={part}" if part else "")
    )
    return render(request, "runs/frame.html", context)


def _facts(context: dict[str, Any], opened: Opened, number: int) -> dict[str, Any]:
    origin = partial(storage.blob_path, str(context["file"].blob_id))
    row, packets = number - 1, Packets(opened.packets, opened.addresses, opened.conversations, origin)
    (zero, before, at), has_zone = times_of(context["file_report"], opened.packets, (0, max(0, row - 1), row))
    zone = context["zone"] if has_zone else UTC  # a clock face is shown as it stands
    conversation = int(opened.packets["conversation"][row])
    outer = int(column(opened.packets, "outer_conversation")[row])
    return {
        "words": packets.words(row),
        "told": packets.told(row),
        "date": wall_date(at, zone) if at > 86_400_000_000_000 * 2 else "",
        "at": wall_time(at, zone),
        "since_start": seconds(at - zero),
        "since_before": seconds(at - before) if row else "",
        "original_length": int(opened.packets["original_length"][row]),
        "captured_length": int(opened.packets["captured_length"][row]),
        "line": int(opened.packets["line"][row]) if opened.is_text else None,
        "conversation": None if conversation < 0 else conversation,
        "conversation_id": "" if conversation < 0 else opened.id(conversation),
        "outer": None if outer < 0 else outer,
        "outer_id": "" if outer < 0 else opened.id(outer),
    }


def _neighbours(opened: Opened, number: int) -> dict[str, Any]:
    """The frames before and behind it, in the capture and in its conversation."""
    made: dict[str, Any] = {
        "previous": number - 1 if number > 1 else None,
        "next": number + 1 if number < len(opened.packets) else None,
    }
    conversation = int(opened.packets["conversation"][number - 1])
    if conversation >= 0:
        rows = opened.rows(conversation)
        at = int(np.searchsorted(rows, number - 1))
        made["place"], made["of"] = at + 1, len(rows)
        made["previous_here"] = int(rows[at - 1]) + 1 if at else None
        made["next_here"] = int(rows[at + 1]) + 1 if at + 1 < len(rows) else None
        if made["previous_here"]:
            made["since_before_here"] = seconds(
                int(opened.packets["ts_ns"][number - 1]) - int(opened.packets["ts_ns"][rows[at - 1]])
            )
    return made


def _detail(opened: Opened, number: int, asked: str | None) -> dict[str, Any]:
    found = open_frame(opened, number)
    if found is None:
        return {"tree": None}
    headers = [n for n, layer in enumerate(found.layers) if layer.name not in WITHOUT_WORDS]
    tree = [_layer(layer, str(n), asked or "", n == max(headers, default=0)) for n, layer in enumerate(found.layers)]
    chosen = next(_selected(tree), None)
    marked = range(chosen.offset, chosen.offset + chosen.length) if chosen else range(0)
    return {
        "tree": tree,
        "chosen": chosen,
        "chosen_end": chosen.offset + chosen.length - 1 if chosen else 0,
        "rows": _rows(found.data[:SHOWN_BYTES], found.masked, marked),
        "is_masked": bool(found.masked),
        "is_cut": len(found.data) > SHOWN_BYTES,
        "shown_bytes": SHOWN_BYTES,
    }


def _layer(layer: Layer, path: str, asked: str, is_last: bool) -> Node:
    fields = [_field(one, f"{path}.{n}", asked) for n, one in enumerate(layer.fields)]
    is_open = (asked.split(".")[0] == path) if asked else is_last
    return Node(path, layer.name, layer_words(layer), layer.offset, layer.length, asked == path, is_open, fields)


def _field(one: Field, path: str, asked: str) -> Node:
    children = [_field(child, f"{path}.{n}", asked) for n, child in enumerate(one.children)]
    value = one.value if len(one.value) <= MOST_VALUE else one.value[:MOST_VALUE] + "…"
    return Node(path, one.name, value, one.offset, one.length, asked == path, True, children)


def _selected(nodes: list[Node]) -> Any:
    for node in nodes:
        if node.is_selected:
            yield node
        yield from _selected(node.children)


def _rows(data: bytes, masked: frozenset[int], marked: range) -> list[Row]:
    made = []
    for start in range(0, len(data), ROW_BYTES):
        end = min(start + ROW_BYTES, len(data))
        edges = sorted({start, end, *(edge for edge in (marked.start, marked.stop) if start < edge < end)})
        stretches = [_stretch(data, a, b, masked, a in marked) for a, b in pairwise(edges)]
        made.append(Row(f"{start:04x}", stretches, "   " * (ROW_BYTES - (end - start))))
    return made


def _stretch(data: bytes, start: int, end: int, masked: frozenset[int], is_marked: bool) -> Stretch:
    octets = " ".join("**" if i in masked else f"{data[i]:02x}" for i in range(start, end))
    shown = "".join("*" if i in masked else chr(data[i]) if 0x20 <= data[i] < 0x7F else "." for i in range(start, end))
    return Stretch(octets, shown, is_marked)

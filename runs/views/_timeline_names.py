"""The lanes of the timeline in words: whole, for the picture's margin, and for the head of a column."""

import posixpath
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext

from runs.analysis.case import Tables
from runs.services.timeline_lanes import REST, Lane
from runs.views._packets import Packets
from runs.wording import shorten

LANE_COLUMNS = 10  # further lanes share the last one
MARGIN_COLUMNS, COLUMN_COLUMNS = 24, 12  # what fits beside the picture, and above a column


class LaneName(NamedTuple):
    """A lane in words: whole, for the picture's margin, and for the head of its column."""

    full: str
    short: str
    column: str


def columns_of(names: Sequence[LaneName], shown: Iterable[int]) -> tuple[dict[int, int], list[tuple[str, str]]]:
    """The column of each lane shown, and short and full name of each column."""
    columns = {lane: min(at, LANE_COLUMNS - 1) for at, lane in enumerate(shown)}
    own: list[list[LaneName]] = []
    for lane, column in columns.items():
        if column == len(own):
            own.append([])
        own[column].append(names[lane])
    return columns, [("…" if len(some) > 1 else some[0].column, ", ".join(n.full for n in some)) for some in own]


def lane_names(lanes: Sequence[Lane], tables: Tables) -> list[LaneName]:
    """The lanes in words: the source, and of a conversation its ends, of a log's part the service."""
    return [_lane_name(lane, tables) for lane in lanes]


def _lane_name(lane: Lane, tables: Tables) -> LaneName:
    stem = posixpath.splitext(posixpath.basename(lane.source))[0]
    if not lane.part:
        return LaneName(lane.source, shorten(lane.source, MARGIN_COLUMNS), shorten(stem, COLUMN_COLUMNS))
    packets = Packets.of(tables, lane.path, lane.first_line) if lane.conversation is not None else None
    ends = packets.ends(lane.conversation) if packets and lane.conversation is not None else None
    if ends is None:
        part = lane.part if lane.part != REST else gettext("other")
        return LaneName(f"{lane.source} · {part}", shorten(f"{stem} · {part}", MARGIN_COLUMNS), shorten(part, COLUMN_COLUMNS))
    asks, answers = (str(end) for end in ends)
    column = f"{ends[0].port} → {ends[1].port}" if ends[0].port and ends[1].port else shorten(answers, COLUMN_COLUMNS)
    begin = f":{ends[0].port}" if ends[0].port else shorten(asks, MARGIN_COLUMNS // 2)
    return LaneName(f"{lane.source} · {asks} → {answers}", f"{begin} → {shorten(answers, MARGIN_COLUMNS - len(begin) - 3)}", column)

"""Events of the timeline by their place in the evidence: `retry_1.cap#1-33` for frames, `reader.log:1-20` for lines, as chips name them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from runs.analysis.columns import Array
from runs.services.timeline_lanes import Lane, by_source

MOST_PLACES = 50
MOST_RANGES = 200
_PLACE = re.compile(r"(?P<source>.+)(?P<sign>[#:])(?P<first>\d{1,12})(?:[-–](?P<last>\d{1,12}))?\Z", re.S)
_RANGE = re.compile(r"(?P<first>\d{1,12})(?:[-–](?P<last>\d{1,12}))?\Z")

Kind = Literal["frames", "lines"]


class Place(NamedTuple):
    """Frames or lines of a source, first and last."""

    source: str
    kind: Kind
    first: int
    last: int


def parse_places(text: str) -> list[Place] | None:
    """'a.cap#1-33, 40, b.log:7': a number without a name goes on with the name before it. None where that is not what it is."""
    found: list[Place] = []
    for part in text.split(",")[:MOST_RANGES]:
        part = part.strip()
        if not part:
            continue
        match = _PLACE.match(part)
        if match:
            source, kind = match["source"].strip(), ("frames" if match["sign"] == "#" else "lines")
        elif found and (match := _RANGE.match(part)):
            source, kind = found[-1].source, found[-1].kind
        else:
            return None
        first = int(match["first"])
        found.append(Place(source, kind, first, int(match["last"] or first)))  # type: ignore[arg-type]
    return found


def positions_at(lanes: Sequence[Lane], places: Iterable[Place]) -> dict[int, Array]:
    """The events at these places, by lane; a source may be named by its path or by its file's name alone where that is enough."""
    wanted: dict[tuple[int, Kind], list[tuple[int, int]]] = {}
    sources = by_source(lanes)
    for place in places:
        for number in sources.get(place.source) or _by_file_name(sources, place.source):
            wanted.setdefault((number, place.kind), []).append((place.first, place.last))
    found: dict[int, Array] = {}
    for (number, kind), ranges in wanted.items():
        of_kind, numbers = lanes[number].numbers(np.arange(len(lanes[number].rows)))
        if of_kind == kind:
            chosen = np.zeros(len(numbers), bool)
            for first, last in ranges:
                chosen |= (numbers >= first) & (numbers <= last)
            found[number] = np.flatnonzero(chosen)
    return found


def _by_file_name(sources: Mapping[str, list[int]], name: str) -> list[int]:
    alike = [numbers for source, numbers in sources.items() if source.rpartition("/")[2] == name]
    return alike[0] if len(alike) == 1 else []


def time_of(lanes: Sequence[Lane], place: Place) -> int | None:
    """The time of the first event at a place, ns UTC."""
    found = positions_at(lanes, [place])
    return min((int(lanes[n].ts_ns[p[0]]) for n, p in found.items() if len(p)), default=None)


def positions_of(lanes: Sequence[Lane], numbers: Mapping[tuple[str, Kind], Iterable[int]]) -> dict[int, Array]:
    """The events at frames and lines of files, given as numbers by (path, kind)."""
    found: dict[int, Array] = {}
    for at, lane in enumerate(lanes):
        kind: Kind = "frames" if lane.table is not None and "line" not in lane.table else "lines"
        wanted = numbers.get((lane.path, kind))
        if wanted:
            _, own = lane.numbers(np.arange(len(lane.rows)))
            found[at] = np.flatnonzero(np.isin(own, np.fromiter(wanted, np.int64)))
    return found

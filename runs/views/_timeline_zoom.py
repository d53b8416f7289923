"""Ways to another range of the timeline without a pointer: in, out, earlier, later; each an address."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from django.utils.http import urlencode

from runs.services.timeline import Filter
from runs.views._density import Density
from runs.views._timeline_query import range_text


class Zooms(NamedTuple):
    """Addresses (without '?') of the ranges beside the present one; '' where there is none."""

    closer: str
    wider: str
    earlier: str
    later: str
    everything: str


def zooms(picture: Density | None, wanted: Filter, first_ns: int, zone: tzinfo, kept: Sequence[tuple[str, str]]) -> Zooms:
    """The ranges beside the present one: the middle half, twice as much, half a range earlier and later."""
    others = [pair for pair in kept if pair[0] != "range"]
    everything = urlencode(others)
    if picture is None:
        return Zooms("", "", "", "", everything)
    is_whole = wanted.start_ns is None and wanted.end_ns is None
    start = picture.low_ns if wanted.start_ns is None else wanted.start_ns
    end = picture.high_ns if wanted.end_ns is None else wanted.end_ns
    half = max((end - start) // 2, 1_000)

    def to(low: int, high: int) -> str:
        return urlencode([*others, ("range", range_text(low, high, first_ns, zone))])

    return Zooms(
        closer=to(start + half // 2, end - half // 2) if half > 2_000 else "",
        wider="" if is_whole else to(start - half, end + half),
        earlier="" if is_whole or start <= picture.low_ns else to(start - half, end - half),
        later="" if is_whole or end >= picture.high_ns else to(start + half, end + half),
        everything=everything,
    )

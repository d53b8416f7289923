"""Captures that follow on each other (rotation): each with the one that it goes on from, told by the conversations that cross the border."""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.capture_rotation import Crossing, crossings, follows
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.joined import Continuation
from runs.analysis.registry import correlator

MOST_PAIRS = 400


@correlator(gives=Continuation, needs=[Capture])
def continuations(case: Case) -> Iterator[Continuation]:
    """One for each capture that goes on from another; of several candidates that with most conversations, then the nearest in time."""
    captures = sorted((c for c in case.all(Capture) if not c.is_text), key=lambda c: (c.first_ns or 0, c.file))
    pairs = [(a, b) for b in captures for a in captures if follows(a, b)][:MOST_PAIRS]
    found: list[tuple[int, int, Capture, Capture, list[Crossing]]] = []
    for earlier, later in pairs:
        crossing = crossings(case, earlier, later)
        if crossing:
            gap = (later.first_ns or 0) - (earlier.last_ns or 0)
            found.append((-sum(1 + c.is_exact for c in crossing), gap, earlier, later, crossing))
    taken: set[tuple[str, str]] = set()
    for _, gap, earlier, later, crossing in sorted(found, key=lambda f: (f[0], f[1], f[2].file, f[3].file)):
        if {("from", earlier.file), ("to", later.file)} & taken:
            continue
        taken |= {("from", earlier.file), ("to", later.file)}
        yield Continuation(
            file=later.file,
            earlier=earlier.file,
            gap_ns=gap,
            crossings=tuple((c.earlier, c.later) for c in crossing),
            is_exact=any(c.is_exact for c in crossing),
            last_frame=earlier.frame_count,
        )

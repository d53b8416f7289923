"""How many payload bytes of a TCP stream are in the capture, each counted once: the highest byte seen and the holes below it."""

from typing import Any

import numpy as np

from runs.analysis.packets.jit import kernel
from runs.analysis.packets.tcp import advance, after

MAX_HOLES = 1 << 18
MAX_HOLES_A_SIDE = 64  # what fills a further one counts as seen before

#: A range of sequence numbers that was jumped over; 'next' is 1 + the index of the next one, 0: none.
HOLE_DTYPE = np.dtype([("start", "u4"), ("end", "u4"), ("next", "i4")])

_USED, _FREE = 1, 2  # places in `used`: holes taken from the pool, 1 + the first that was given back


@kernel
def dig(flow: Any, side: int, start: int, end: int, holes: Any, used: Any) -> None:
    """Remember a hole, if there is room."""
    if flow.hole_count[side] >= MAX_HOLES_A_SIDE:
        return
    if used[_FREE] > 0:
        index = int(used[_FREE])
        used[_FREE] = holes[index - 1].next
    elif used[_USED] < len(holes):
        used[_USED] += 1
        index = int(used[_USED])
    else:
        return
    hole = holes[index - 1]
    hole.start = start
    hole.end = end
    hole.next = flow.first_hole[side]
    flow.first_hole[side] = index
    flow.hole_count[side] += 1


@kernel
def earlier(a: int, b: int) -> int:
    """The earlier of two sequence numbers."""
    return b if after(a, b) else a


@kernel
def later(a: int, b: int) -> int:
    """The later of two sequence numbers."""
    return a if after(a, b) else b


@kernel
def fill(flow: Any, side: int, start: int, end: int, holes: Any, used: Any) -> int:
    """How many bytes of start … end-1 lie in holes; they are filled."""
    filled, before, index = 0, 0, int(flow.first_hole[side])
    while index > 0:
        hole = holes[index - 1]
        following, hole_start, hole_end = int(hole.next), int(hole.start), int(hole.end)
        left, right = later(start, hole_start), earlier(end, hole_end)
        if after(right, left):
            filled += advance(right, -left)
            if left == hole_start and right == hole_end:
                if before:
                    holes[before - 1].next = following
                else:
                    flow.first_hole[side] = following
                hole.next = used[_FREE]
                used[_FREE] = index
                flow.hole_count[side] -= 1
                index = following
                continue
            if left == hole_start:
                hole.start = right
            else:
                hole.end = left
                if right != hole_end:
                    dig(flow, side, right, hole_end, holes, used)
        before, index = index, following
    return filled


@kernel
def cover(flow: Any, side: int, start: int, length: int, holes: Any, used: Any) -> int:
    """How many of the payload bytes from `start` are new."""
    end = advance(start, length)
    if flow.has_seen[side] == 0:
        flow.has_seen[side] = 1
        flow.seen_to[side] = end
        return length
    seen_to = int(flow.seen_to[side])
    if not after(seen_to, start):
        if start != seen_to:
            dig(flow, side, seen_to, start, holes, used)
        flow.seen_to[side] = end
        return length
    new = 0
    if after(end, seen_to):
        new = advance(end, -seen_to)
        flow.seen_to[side] = end
    return new + fill(flow, side, start, earlier(end, seen_to), holes, used)

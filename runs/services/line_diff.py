"""How two texts differ, line by line, with the words that differ inside changed lines. Pure, and bounded for texts of any kind.

Lines that both texts have once are matched first; what lies between such lines is compared by difflib as far as the work allows,
and is told as wholly replaced beyond that.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, pairwise

CONTEXT_LINES = 3  # that are alike, shown around what differs
MOST_ROWS = 2_000
MOST_STEPS = 1_000_000  # lines looked at while matching those that stand once
MOST_GAP = 40_000  # lines times lines that difflib compares at once, and
MOST_LINE_WORK = 400_000  # in all
MOST_WORDS = 400  # of a line: a longer one is not compared by words
MOST_WORD_WORK = 1_000_000  # words times words, in all
LEAST_ALIKE = 0.3  # of two lines: below, marks would only be noise
CHUNK = 100  # lines of a long replacement that stand together
_WORD = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)

Fragment = tuple[str, bool]  # words, and whether they differ
Block = tuple[int, int, int, int]  # what differs: of the lines before from, to; of those after from, to


@dataclass(frozen=True)
class Row:
    """A line: `kind` 'same', 'gone', 'new'; or 'skip' for `count` lines that are alike and not shown."""

    kind: str
    before: int | None = None  # line numbers, 1-based
    after: int | None = None
    parts: tuple[Fragment, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Difference:
    """The rows; how many lines went and came in all; how many of those are not among the rows."""

    rows: tuple[Row, ...]
    gone: int
    new: int
    left_out: int


class _Budget:
    """What work is left."""

    def __init__(self, most: int) -> None:
        self.left = most

    def takes(self, work: int) -> bool:
        """Whether the work may be done; it is then taken off."""
        if work > self.left:
            return False
        self.left -= work
        return True


def compare(before: str, after: str) -> Difference:
    """How `after` differs from `before`."""
    a, b = before.split("\n"), after.split("\n")
    blocks = _differing(a, b)
    rows = tuple(islice(_rows(a, b, blocks), MOST_ROWS))
    gone, new = sum(block[1] - block[0] for block in blocks), sum(block[3] - block[2] for block in blocks)
    return Difference(rows, gone, new, gone + new - sum(row.kind in ("gone", "new") for row in rows))


def _rows(a: Sequence[str], b: Sequence[str], blocks: Sequence[Block]) -> Iterator[Row]:
    words, i, j = _Budget(MOST_WORD_WORK), 0, 0
    for block in blocks:
        yield from _alike(a, (i, block[0]), j - i, CONTEXT_LINES if i else 0, CONTEXT_LINES)
        yield from _changed(a, b, block, words)
        i, j = block[1], block[3]
    if blocks:
        yield from _alike(a, (i, len(a)), j - i, CONTEXT_LINES, 0)


def _alike(a: Sequence[str], span: tuple[int, int], shift: int, head: int, tail: int) -> Iterator[Row]:
    """The lines of a span that are alike, those far from a change as one row; `shift`: how much further on they stand after."""
    start, end = span
    hidden = range(start + head, end - tail) if end - start > head + tail + 1 else range(0)
    for index in range(start, end):
        if index not in hidden:
            yield Row("same", index + 1, index + 1 + shift, ((a[index], False),))
        elif index == hidden.start:
            yield Row("skip", count=len(hidden))


def _changed(a: Sequence[str], b: Sequence[str], block: Block, words: _Budget) -> Iterator[Row]:
    """What went, then what came, of a long block by turns; the words marked where two lines are alike enough."""
    from_a, to_a, from_b, to_b = block
    for start in range(0, max(to_a - from_a, to_b - from_b), CHUNK):
        gone = range(min(from_a + start, to_a), min(from_a + start + CHUNK, to_a))
        new = range(min(from_b + start, to_b), min(from_b + start + CHUNK, to_b))
        marked = [_by_words(a[i], b[j], words) for i, j in zip(gone, new, strict=False)]
        for place, i in enumerate(gone):
            yield Row("gone", before=i + 1, parts=marked[place][0] if place < len(marked) else ((a[i], False),))
        for place, j in enumerate(new):
            yield Row("new", after=j + 1, parts=marked[place][1] if place < len(marked) else ((b[j], False),))


def _by_words(before: str, after: str, budget: _Budget) -> tuple[tuple[Fragment, ...], tuple[Fragment, ...]]:
    plain = ((before, False),), ((after, False),)
    if len(before) + len(after) > 20 * MOST_WORDS:
        return plain
    a, b = _WORD.findall(before), _WORD.findall(after)
    if not a or not b or max(len(a), len(b)) > MOST_WORDS or not budget.takes(len(a) * len(b)):
        return plain
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    alike = sum(len(word) for block in matcher.get_matching_blocks() for word in a[block.a : block.a + block.size] if word.strip())
    if 2 * alike < LEAST_ALIKE * sum(len(word) for word in (*a, *b) if word.strip()):
        return plain
    codes = matcher.get_opcodes()
    gone = tuple(("".join(a[i:k]), tag != "equal") for tag, i, k, _j, _m in codes if i < k)
    return gone, tuple(("".join(b[j:m]), tag != "equal") for tag, _i, _k, j, m in codes if j < m)


def _differing(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """What differs, in order, no two blocks touching each other."""
    steps, work = _Budget(MOST_STEPS), _Budget(MOST_LINE_WORK)
    found: list[Block] = []
    waiting = [(0, len(a), 0, len(b))]
    while waiting:
        block = i, k, j, m = _trimmed(a, b, waiting.pop())
        if i == k or j == m:
            found += [block] if i < k or j < m else []
        elif (k - i) * (m - j) <= MOST_GAP and work.takes((k - i) * (m - j)):
            codes = SequenceMatcher(None, a[i:k], b[j:m], autojunk=False).get_opcodes()
            found += [(i + p, i + q, j + r, j + s) for tag, p, q, r, s in codes if tag != "equal"]
        elif steps.takes(k - i + m - j) and (anchors := _anchors(a, b, block)):
            ends = [(i - 1, j - 1), *anchors, (k, m)]
            waiting += [(p + 1, q, r + 1, s) for (p, r), (q, s) in pairwise(ends)]
        else:
            found.append(block)
    return _joined(sorted(found))


def _trimmed(a: Sequence[str], b: Sequence[str], block: Block) -> Block:
    """Without the lines that are alike at both ends."""
    i, k, j, m = block
    while i < k and j < m and a[i] == b[j]:
        i, j = i + 1, j + 1
    while i < k and j < m and a[k - 1] == b[m - 1]:
        k, m = k - 1, m - 1
    return i, k, j, m


def _anchors(a: Sequence[str], b: Sequence[str], block: Block) -> list[tuple[int, int]]:
    """(line before, line after) of lines that stand once on both sides: as many as are in one order on both."""
    i, k, j, m = block
    once_a, once_b = Counter(a[i:k]), Counter(b[j:m])
    place = {b[at]: at for at in range(j, m) if once_b[b[at]] == 1}
    pairs = [(at, place[a[at]]) for at in range(i, k) if once_a[a[at]] == 1 and a[at] in place]
    ends: list[int] = []  # the least end of an ascending row, by its length
    last: list[int] = []  # the pair there
    back: list[int] = []  # by pair: the one before it
    for index, (_at, other) in enumerate(pairs):
        length = bisect_left(ends, other)
        back.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [other], [index]
    chain, at = [], last[-1] if last else -1
    while at >= 0:
        chain.append(pairs[at])
        at = back[at]
    return chain[::-1]


def _joined(blocks: Sequence[Block]) -> list[Block]:
    made: list[Block] = []
    for block in blocks:
        if made and made[-1][1] == block[0] and made[-1][3] == block[2]:
            made[-1] = (made[-1][0], block[1], made[-1][2], block[3])
        else:
            made.append(block)
    return made

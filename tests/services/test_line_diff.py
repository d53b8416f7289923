"""How two texts differ: what is told rebuilds the later text, words are marked, and long or odd texts take bounded time."""

import random
import time

import pytest

from runs.services.line_diff import MOST_ROWS, Row, compare

MOST_SECONDS = 1.0


def shown(before: str, after: str) -> list[tuple[str, str]]:
    return [(row.kind, "".join(words for words, _differs in row.parts)) for row in compare(before, after).rows]


def test_words_that_differ_are_marked() -> None:
    gone, new = [row for row in compare("a\nrun nc 10.0.0.1 80\nb", "a\nrun nc 10.0.0.1 443\nb").rows if row.kind != "same"]
    assert gone == Row("gone", before=2, parts=(("run nc 10.0.0.1 ", False), ("80", True)))
    assert new == Row("new", after=2, parts=(("run nc 10.0.0.1 ", False), ("443", True)))


def test_lines_with_little_in_common_are_not_marked() -> None:
    rows = compare("restart the forwarder", "次の手順").rows
    assert [row.parts for row in rows] == [(("restart the forwarder", False),), (("次の手順", False),)]


def test_what_is_far_from_a_change_is_left_out() -> None:
    before = [f"line {n}" for n in range(20)]
    rows = compare("\n".join(before), "\n".join([*before[:10], "fresh", *before[10:]])).rows
    assert [row.kind for row in rows] == ["skip", "same", "same", "same", "new", "same", "same", "same", "skip"]
    assert (rows[0].count, rows[-1].count) == (7, 7)
    assert (rows[-2].before, rows[-2].after) == (13, 14)
    assert compare("same\ntext", "same\ntext").rows == ()


def test_the_rows_rebuild_both_texts() -> None:
    chance = random.Random(7)
    for _ in range(300):
        before, after = (["x", *chance.choices("abcdef", k=chance.randrange(12)), "y"] for _ in "ab")
        rows = compare("\n".join(before), "\n".join(after)).rows
        if rows and all(row.kind != "skip" for row in rows):
            assert ["".join(w for w, _d in row.parts) for row in rows if row.kind != "new"] == before
            assert ["".join(w for w, _d in row.parts) for row in rows if row.kind != "gone"] == after


CHANCE = random.Random(1)
LINES = [f"line {n} of the book" for n in range(10_000)]
PAIRS = {
    "scattered": (LINES, [f"{line} new" if CHANCE.random() < 0.1 else line for line in LINES]),
    "every line": (LINES, [f"{line} new" for line in LINES]),
    "shuffled": (LINES, CHANCE.sample(LINES, len(LINES))),
    "two kinds of lines": (CHANCE.choices("ab", k=10_000), CHANCE.choices("ab", k=10_000)),
    "long lines": (["a b c d e f " * 16] * 1_000, ["a b q d e f " * 16] * 1_000),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_ten_thousand_lines_take_less_than_a_second(kind: str) -> None:
    before, after = PAIRS[kind]
    began = time.process_time()
    made = compare("\n".join(before), "\n".join(after))
    assert time.process_time() - began < MOST_SECONDS
    assert 0 < len(made.rows) <= MOST_ROWS
    assert made.left_out == made.gone + made.new - sum(row.kind in ("gone", "new") for row in made.rows)

"""Numbers of a comparison: arithmetic on 32-bit unsigned numbers, as a column over some frames or one number for all."""

from collections.abc import Callable, Iterator

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.domain.filters import tree
from runs.analysis.domain.filters.chunk import Chunk, Rows

WORD = 0xFFFFFFFF
Numbers = Array | int  # u8, each below 2^32
Reader = Callable[[tree.Bytes, Rows, Numbers], Array]

RELATIONS: dict[str, Callable[[Numbers, Numbers], Array]] = {
    "=": np.equal,
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def headers_read(value: tree.Value) -> Iterator[tree.Bytes]:
    """The header bytes in a value, in libpcap's order: those of an index before what it points at."""
    match value:
        case tree.Computed():
            spine, first = left_spine(value)
            yield from headers_read(first)
            for node in spine:
                yield from headers_read(node.right)
        case tree.Bytes():
            yield from headers_read(value.at)
            yield value


def left_spine(value: tree.Value) -> tuple[list[tree.Computed], tree.Value]:
    """A chain like `a + b - c` without recursion: its operations from the left, and its first operand."""
    spine: list[tree.Computed] = []
    while isinstance(value, tree.Computed):
        spine.append(value)
        value = value.left
    return spine[::-1], value


def numbers_of(value: tree.Value, rows: Rows, chunk: Chunk, read: Reader) -> Numbers:
    """The value for each of the frames."""
    spine, first = left_spine(value)
    found: Numbers
    match first:
        case tree.Number(number):
            found = number
        case tree.Length():
            found = chunk.column("original_length")[rows].astype(np.uint64)
        case tree.Bytes():
            found = read(first, rows, numbers_of(first.at, rows, chunk, read))
    for node in spine:
        found = _computed(node.sign, found, numbers_of(node.right, rows, chunk, read), rows, chunk)
    return found


def _computed(sign: str, left: Numbers, right: Numbers, rows: Rows, chunk: Chunk) -> Numbers:
    if isinstance(left, int) and isinstance(right, int):
        return _folded(sign, left, right, rows, chunk)
    a, b = (np.full(len(rows), n, np.uint64) if isinstance(n, int) else n for n in (left, right))
    if sign in ("/", "%"):
        zero = b == 0
        if zero.any():  # the program ends with no
            chunk.kill(rows[zero])
            b = np.where(zero, np.uint64(1), b)
        return a // b if sign == "/" else a % b
    if sign in ("<<", ">>"):
        by = np.minimum(b, np.uint64(32))
        return (a << by & np.uint64(WORD)) if sign == "<<" else a >> by
    made = {"+": np.add, "-": np.subtract, "*": np.multiply, "&": np.bitwise_and, "|": np.bitwise_or, "^": np.bitwise_xor}[sign](
        a, b
    )
    return np.asarray(made & np.uint64(WORD))


def _folded(sign: str, a: int, b: int, rows: Rows, chunk: Chunk) -> int:
    """Two numbers that are the same for all frames."""
    match sign:
        case "+":
            made = a + b
        case "-":
            made = a - b
        case "*":
            made = a * b
        case "&":
            made = a & b
        case "|":
            made = a | b
        case "^":
            made = a ^ b
        case "<<":
            made = a << min(b, 32)
        case ">>":
            made = a >> min(b, 32)
        case _ if b == 0:
            chunk.kill(rows)
            made = 0
        case _:
            made = a // b if sign == "/" else a % b
    return made & WORD

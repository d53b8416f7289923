"""What the sides of a conversation sent, as pieces of text or rows of bytes, with secrets masked alike in both."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from runs.analysis.domain.visible import Piece, plain_pieces
from runs.services.conversation_view import Part, Turn
from runs.views._hex import HexRow, hex_rows
from runs.wording import masker

LEAST_RUN = 4  # so many equal control characters in a row are counted


class ShownPart(NamedTuple):
    """A stretch as the page shows it: pieces of text, rows of bytes, or the size of what is not there."""

    kind: str
    length: int
    pieces: list[Piece]
    rows: list[HexRow]


class ShownTurn(NamedTuple):
    """What one side sent until the other spoke."""

    side: int
    first_frame: int
    last_frame: int
    length: int
    parts: list[ShownPart]


def turns_shown(turns: Iterable[Turn], *, is_hex: bool) -> list[ShownTurn]:
    """The turns of a page."""
    return [
        ShownTurn(turn.side, turn.first_frame, turn.last_frame, turn.length, [_shown(part, is_hex) for part in turn.parts])
        for turn in turns
    ]


def _shown(part: Part, is_hex: bool) -> ShownPart:
    if part.kind != "data":
        return ShownPart(part.kind, part.length, [], [])
    if is_hex:
        masked = frozenset(i for start, end, _ in part.hidden for i in range(start, end))
        return ShownPart(part.kind, part.length, [], hex_rows(part.data, part.position, masked))
    return ShownPart(part.kind, part.length, list(_counted(_text(part))), [])


def _text(part: Part) -> Iterator[Piece]:
    at = 0
    for start, end, secret in part.hidden:
        yield from _plain(part.data[at:start])
        yield Piece("secret", masker().token(secret), end - start)
        at = end
    yield from _plain(part.data[at:])


def _plain(data: bytes) -> Iterator[Piece]:
    """Bytes as UTF-8 where they are, else as '\\x9f'; a CR before a LF is part of the line's end."""
    text = data.decode("utf-8", "backslashreplace")
    for n, line in enumerate(text.split("\n")):
        if n:
            yield Piece("text", "\n", 1)
        if line:
            yield from plain_pieces(line.removesuffix("\r"))


def _counted(made: Iterable[Piece]) -> Iterator[Piece]:
    """Control characters in a row as one piece, equal ones with their count: 'NUL ×512'."""
    for is_control, group in groupby(made, lambda piece: piece.kind == "control"):
        if not is_control:
            yield from group
            continue
        words, length = [], 0
        for name, run in groupby(group, lambda piece: piece.text):
            times = sum(1 for _ in run)
            words += [f"{name} ×{times:,}"] if times >= LEAST_RUN else [name] * times
            length += times
        yield Piece("control", " ".join(words), length)

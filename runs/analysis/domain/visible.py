"""Evidence text as it is shown: control and bidirectional characters by name, secrets as tokens, terminal colours as marks.

Whatever a file holds, the pieces contain only characters that a page can show: a line cannot reorder, hide or forge another.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from runs.analysis.domain.secrets import Masker, find

FOLD_CHARACTERS = 2_000  # what a line shows before the rest is folded
WHOLE_CHARACTERS = 200_000  # what an unfolded line shows at most
REPETITIONS = 5  # so many like pieces in a row are folded

PieceKind = Literal["text", "control", "colour", "secret", "more", "repeated"]


class Piece(NamedTuple):
    """A part of a shown line: what it shows, and of how many characters of the file (`length`).

    `control`: a character's name; `colour`: the SGR codes; `secret`: a token; `more`: the rest is folded; `repeated`: `times` like
    pieces are folded.
    """

    kind: PieceKind
    text: str
    length: int
    times: int = 0


_C0 = [
    "NUL",
    "SOH",
    "STX",
    "ETX",
    "EOT",
    "ENQ",
    "ACK",
    "BEL",
    "BS",
    "HT",
    "LF",
    "VT",
    "FF",
    "CR",
    "SO",
    "SI",
    "DLE",
    "DC1",
    "DC2",
    "DC3",
    "DC4",
    "NAK",
    "SYN",
    "ETB",
    "CAN",
    "EM",
    "SUB",
    "ESC",
    "FS",
    "GS",
    "RS",
    "US",
]
_FORMAT = {
    0x7F: "DEL", 0x85: "NEL", 0xAD: "SHY", 0x061C: "ALM", 0x180E: "MVS", 0x200B: "ZWSP", 0x200C: "ZWNJ", 0x200D: "ZWJ",
    0x200E: "LRM", 0x200F: "RLM", 0x2028: "LS", 0x2029: "PS", 0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO",
    0x202E: "RLO", 0x2060: "WJ", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI", 0xFEFF: "BOM",
}  # fmt: skip
# SGR sequences (colours, bold) of ECMA-48 say how, not what: they are shown as one small mark; other escapes by their characters
_SGR = r"\x1b\[[0-9;:]{0,64}m"
_ODD = re.compile(_SGR + r"|[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
                  r"\ud800-\udfff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]")  # fmt: skip
_DIGITS = re.compile(r"\d+")


def name(character: str) -> str:
    """A character's short name: 'CR', 'RLO', 'U+E0041'."""
    code = ord(character)
    if code < len(_C0):
        return _C0[code]
    return _FORMAT.get(code) or f"U+{code:04X}"


def long_name(character: str) -> str:
    """Its Unicode name where it has one: 'RIGHT-TO-LEFT OVERRIDE'."""
    return unicodedata.name(character, name(character))


def visible(text: str) -> str:
    """One string without any character that a page cannot show: '‹RLO›' for a bidirectional override. For names and sentences."""
    return _ODD.sub(lambda m: "".join(f"‹{name(c)}›" for c in m[0]), text)


def pieces(text: str, masker: Masker, *, hidden: bool = False, whole: bool = False) -> list[Piece]:
    """A line in pieces. `hidden`: the whole line is a secret (a private key's body); `whole`: unfold it."""
    if hidden:
        return [Piece("secret", masker.token(text), len(text))]
    limit = WHOLE_CHARACTERS if whole else FOLD_CHARACTERS
    out: list[Piece] = []
    used = shown = 0
    for one in _parts(text, masker) if whole else _folded(text, masker):
        if shown >= limit:
            break
        if one.kind == "text" and shown + one.length > limit:
            one = Piece("text", one.text[: limit - shown], limit - shown)
        shown += one.length if one.kind == "text" else 1
        used += one.length
        out.append(one)
    if used < len(text):
        out.append(Piece("more", "", len(text) - used))
    return out


def plain_pieces(text: str) -> Iterator[Piece]:
    """Text that was searched for secrets already, in pieces: words, control characters, colours."""
    return _plain(text)


def _folded(text: str, masker: Masker) -> Iterator[Piece]:
    """Like `_parts`, with progress updates (parts between carriage returns that differ in digits only) folded."""
    updates = text.split("\r")
    start = 0
    while start < len(updates):
        end = start + 1
        shape = _DIGITS.sub("0", updates[start])
        while end < len(updates) and updates[end] and _DIGITS.sub("0", updates[end]) == shape:
            end += 1
        tail = "" if end == len(updates) else "\r"
        if end - start > REPETITIONS:
            folded = updates[start + 1 : end - 1]
            yield from _parts(updates[start] + "\r", masker)
            yield Piece("repeated", "", sum(map(len, folded)) + len(folded), len(folded))
            yield from _parts(updates[end - 1] + tail, masker)
        else:
            yield from _parts("\r".join(updates[start:end]) + tail, masker)
        start = end


def _parts(text: str, masker: Masker) -> Iterator[Piece]:
    at = 0
    for start, end in find(text):
        yield from _plain(text[at:start])
        yield Piece("secret", masker.token(text[start:end]), end - start)
        at = end
    yield from _plain(text[at:])


def _plain(text: str) -> Iterator[Piece]:
    at = 0
    for match in _ODD.finditer(text):
        if match.start() > at:
            yield Piece("text", text[at : match.start()], match.start() - at)
        if len(match[0]) > 1:
            yield Piece("colour", match[0][2:-1], len(match[0]))
        else:
            yield Piece("control", name(match[0]), 1)
        at = match.end()
    if at < len(text):
        yield Piece("text", text[at:], len(text) - at)

"""From bytes to lines: which encoding a text has, and its physical lines with their numbers and byte offsets.

Lines end at `\n` (a `\r` before it is dropped from the text) and count from 1, as in an editor; form feeds and other Unicode
separators never end one.
"""

import codecs
import re
from collections.abc import Generator, Iterator
from typing import BinaryIO, NamedTuple

SAMPLE_BYTES = 1 << 20
MAX_LINE_BYTES = 1 << 20  # a longer 'line' is handed on in pieces of this size, so that memory stays bounded
CHUNK_BYTES = 1 << 16
_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;:?]{0,32}[ -/]?[@-~]|\][^\x07\x1b]{0,1000}(?:\x07|\x1b\\)|[()][0-9A-B]|[=>78cDEHMNOZ])")
_JAPANESE = ("cp932", "euc_jp")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]|\x1b\([BJ]|\x1b\$\(D")


class Line(NamedTuple):
    """A physical line: number from 1, text without its line end, byte offset of its start in the file."""

    number: int
    text: str
    offset: int


def detect_encoding(sample: bytes, whole: bool = True) -> str:
    """The Python codec of a text by its first bytes: a byte order mark, then UTF-8, ISO-2022-JP, EUC-JP or CP932, else Latin-1.

    `whole` is false where the sample may end inside a character.
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if sample.startswith(mark):
            return name
    zeros_even, zeros_odd = sample[:4096:2].count(0), sample[1:4096:2].count(0)
    half = max(1, len(sample[:4096]) // 2)
    if len(sample) >= 4 and zeros_odd > 0.4 * half and zeros_even < 0.05 * half:
        return "utf-16-le"
    if len(sample) >= 4 and zeros_even > 0.4 * half and zeros_odd < 0.05 * half:
        return "utf-16-be"
    if _decodes(sample, "ascii", whole):
        return "iso2022_jp" if _ISO_2022_JP.search(sample) and _decodes(sample, "iso2022_jp", whole) else "utf-8"
    if _decodes(sample, "utf-8", whole):
        return "utf-8"
    japanese = [(_japanese_score(sample, name), name) for name in _JAPANESE if _decodes(sample, name, whole)]
    if japanese and max(japanese)[0] > 0:
        return max(japanese)[1]
    broken = sample.decode("utf-8", "replace")
    return "utf-8" if broken.count("\N{REPLACEMENT CHARACTER}") * 50 < len(broken) else "latin-1"


def _decodes(sample: bytes, name: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(sample, whole)
    except UnicodeDecodeError:
        return False
    return True


def _japanese_score(sample: bytes, name: str) -> int:
    """How Japanese the text reads in this codec: kana and common kanji count for it, half-width kana and rarities against it."""
    score = 0
    for character in sample.decode(name, "ignore"):
        code = ord(character)
        if 0x3041 <= code <= 0x30FF or 0x3000 <= code <= 0x3002:
            score += 3
        elif 0x4E00 <= code <= 0x9FFF:
            score += 1
        elif 0xFF61 <= code <= 0xFF9F or 0xE000 <= code <= 0xF8FF:
            score -= 3
    return score


def public_name(codec: str) -> str:
    """The encoding's name as reports show it: 'utf-8', 'shift_jis', 'euc-jp', 'iso-2022-jp', 'utf-16', 'latin-1'."""
    return {"utf-8-sig": "utf-8", "cp932": "shift_jis", "euc_jp": "euc-jp", "iso2022_jp": "iso-2022-jp",
            "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(codec, codec)  # fmt: skip


def looks_binary(sample: bytes) -> bool:
    """Whether bytes are no text: NULs that no UTF-16 explains, or many control characters."""
    if not sample or sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    if detect_encoding(sample, whole=False).startswith("utf-16"):
        return False
    controls = sum(sample.count(c) for c in range(32) if c not in (7, 8, 9, 10, 12, 13, 27))
    return controls > len(sample) // 20 + (0 if len(sample) > 64 else 2)


def read_lines(file: BinaryIO, codec: str) -> Iterator[Line]:
    """The lines of an open binary file, decoded; what cannot be decoded becomes U+FFFD, never an error."""
    unit = 2 if codec.startswith("utf-16") else 1
    newline = {"utf-16-le": b"\n\0", "utf-16-be": b"\0\n"}.get(codec, b"\n")
    codec = "utf-8" if codec == "utf-8-sig" else codec
    number, offset = 1, 0
    if unit == 1:
        number, offset = yield from _chunked(file, codec)
    for raw in _raw_lines(file, newline, unit):
        yield _line(number, raw.decode(codec, "replace").removesuffix("\n"), offset)
        offset += len(raw)
        if raw.endswith(newline):  # a piece of an overlong line keeps the line's number
            number += 1


def has_controls(text: str) -> bool:
    """Whether a line holds what `without_controls` takes out."""
    return "\x1b" in text or "\0" in text


def without_controls(text: str) -> str:
    """A line as its program meant it: without a terminal's colours and other sequences, and without NULs."""
    if "\x1b" in text:
        text = _SEQUENCE.sub("", text)
    return text.replace("\0", "") if "\0" in text else text


def _line(number: int, text: str, offset: int) -> Line:
    if number == 1:
        text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return Line(number, text[:-1] if text[-1:] == "\r" else text, offset)


def _chunked(file: BinaryIO, codec: str) -> Generator[Line, None, tuple[int, int]]:
    """The lines of a text a chunk at a time, which is quicker than one by one; then the number and offset to go on at.

    Ends at the end, before the last line without a line end, or before a line of more than a chunk.
    """
    number, offset, rest = 1, 0, b""
    is_ascii = codec in ("utf-8", "cp932", "euc_jp", "latin-1", "ascii")  # these read ASCII alike
    start = file.tell()
    while chunk := file.read(CHUNK_BYTES):
        if b"\n" not in chunk:
            break
        held = rest + chunk
        end = held.rfind(b"\n")
        whole, rest = held[:end], held[end + 1 :]
        if is_ascii and whole.isascii():
            for text in whole.decode("ascii").split("\n"):
                yield _line(number, text, offset) if number == 1 else Line(number, text[:-1] if text[-1:] == "\r" else text, offset)
                number += 1
                offset += len(text) + 1
        else:
            for raw in whole.split(b"\n"):
                yield _line(number, raw.decode(codec, "replace"), offset)
                number += 1
                offset += len(raw) + 1
    file.seek(start + offset)
    return number, offset


def _raw_lines(file: BinaryIO, newline: bytes, unit: int) -> Iterator[bytes]:
    if unit == 1:
        while raw := file.readline(MAX_LINE_BYTES):
            yield raw
        return
    buffer = b""
    while chunk := file.read(1 << 16):
        buffer += chunk
        start = 0
        while (at := buffer.find(newline, start)) >= 0:
            if at % unit:  # half of one character and half of the next
                at = _next_aligned(buffer, newline, at, unit)
                if at < 0:
                    break
            yield buffer[start : at + unit]
            start = at + unit
        buffer = buffer[start:]
        if len(buffer) > MAX_LINE_BYTES:
            yield buffer[:MAX_LINE_BYTES]
            buffer = buffer[MAX_LINE_BYTES:]
    if buffer:
        yield buffer


def _next_aligned(buffer: bytes, newline: bytes, at: int, unit: int) -> int:
    while at >= 0 and at % unit:
        at = buffer.find(newline, at + 1)
    return at

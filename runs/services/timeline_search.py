"""Search in a run's timeline: texts for what was typed, letters of either case alike; captures as the frame filter reads it.

What is found in a text is looked at again as pages show it: a secret that is masked there cannot be found, so that nobody guesses it
piece by piece.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from runs.analysis.columns import Array
from runs.analysis.domain.filters.tokens import FilterError
from runs.analysis.domain.secrets import Masker
from runs.analysis.source import Source
from runs.models import EvidenceFile
from runs.services import storage
from runs.services.frames import capture_frames
from runs.services.timeline_lanes import Lane

CHUNK_BYTES = 8 << 20
SEARCHED_BYTES = 1 << 30  # of one file
MOST_FOUND = 20_000  # lines of one file: each is looked at as it is shown
MOST_CHARACTERS = 200
LINE_BYTES = 64 << 10  # of a longer line the rest is not searched
PRIVATE_KEY = b"private key"
_MAC = re.compile(r"(?:[0-9a-f]{1,2}[:-]){5}[0-9a-f]{1,2}\Z", re.I)


@dataclass(frozen=True)
class FoundEvents:
    """What a search found: positions by lane, what captures were asked for (None: nothing that a filter says), whether it gave up."""

    positions: Mapping[int, Array]
    frame_filter: str | None
    is_cut: bool  # a file has more than MOST_FOUND


def as_frame_filters(text: str) -> list[str]:
    """What to ask captures for, the first that is a filter: an address, a port's number, a remark, or the text itself."""
    word = text.strip()
    try:
        return [f"host {ipaddress.ip_address(word)}"]
    except ValueError:
        pass
    if _MAC.match(word):
        return [f"ether host {word.replace('-', ':').lower()}"]
    if word.isascii() and word.isdecimal() and 0 < int(word) < 65_536:
        return [f"port {word}"]
    return [word, f"remark {re.sub('[ -]', '_', word.lower())}"]


def search(lanes: Sequence[Lane], files: Mapping[str, EvidenceFile], text: str, masker: Masker) -> FoundEvents:
    """The events of all lanes that the text finds."""
    text = text.strip()[:MOST_CHARACTERS]
    found: dict[int, Array] = {}
    captures: dict[str, tuple[str | None, Array | None]] = {}
    texts: dict[str, tuple[Array, bool]] = {}
    for number, lane in enumerate(lanes):
        file = files.get(lane.path)
        if file is None or not text:
            continue
        if lane.kind == "frame" and lane.table is not None and "line" not in lane.table:
            if lane.source not in captures:
                captures[lane.source] = _frames(file, lane.first_line, text)
            chosen = captures[lane.source][1]
            if chosen is not None:
                found[number] = np.flatnonzero(chosen[lane.rows])
            continue
        if lane.path not in texts:
            texts[lane.path] = _lines(file, text, masker)
        found[number] = _positions(lane, texts[lane.path][0])
    told = next((name for name, _ in captures.values() if name), None)
    return FoundEvents(found, told, any(is_cut for _, is_cut in texts.values()))


def _frames(file: EvidenceFile, first_line: int, text: str) -> tuple[str | None, Array | None]:
    """The filter that was understood, and which frames it selects."""
    opened = capture_frames(file, first_line)
    if opened is None:
        return None, None
    for asked in as_frame_filters(text):
        try:
            selection = opened.selection(asked)
        except (FilterError, OSError):
            continue
        mask = np.zeros(len(opened.everything), bool)
        mask[selection.rows(0, len(selection))] = True
        return asked, mask
    return None, None


def _positions(lane: Lane, lines: Array) -> Array:
    """The events of a lane that hold these lines (rising); a record goes on until the next one begins."""
    if lane.table is None:
        _, own = lane.numbers(np.arange(len(lane.rows)))
        return np.flatnonzero(np.isin(own, lines))
    starts = np.asarray(lane.table["line"])
    rows = np.unique(np.searchsorted(starts, lines, "right") - 1)
    chosen = np.zeros(len(starts), bool)
    chosen[rows[rows >= 0]] = True
    return np.flatnonzero(chosen[lane.rows])


def _lines(file: EvidenceFile, text: str, masker: Masker) -> tuple[Array, bool]:
    """The lines of a text file in which the words stand as pages show them, and whether there are more than MOST_FOUND."""
    try:
        source = Source(storage.blob_path(file.blob_id or ""), file.path)
        if source.is_binary:
            return np.empty(0, np.int64), False
        numbers: list[int] = []
        for number in _matches(source, text, masker):
            if len(numbers) == MOST_FOUND:
                return np.array(numbers, np.int64), True
            numbers.append(number)
    except FileNotFoundError:
        return np.empty(0, np.int64), False
    return np.array(numbers, np.int64), False


def _matches(source: Source, text: str, masker: Masker) -> Iterator[int]:
    wanted = text.casefold()
    if source.codec.startswith(("utf-16", "iso2022")) or _has_key(source):
        lines = source.lines()
        shown = masker.mask_lines(line.text for line in lines)
        yield from (number for number, line in enumerate(shown, 1) if wanted in line.casefold())
        return
    codec = "utf-8" if source.codec == "utf-8-sig" else source.codec
    needle = text.encode(codec, "replace").lower()
    for number, raw in _candidates(source, needle):
        if wanted in masker.mask(raw.decode(codec, "replace")).casefold():
            yield number


def _has_key(source: Source) -> bool:
    """Whether a private key may stand in the text: its body is masked line by line, so the lines must be read in order."""
    return any(PRIVATE_KEY in chunk.lower() for chunk, _ in _chunks(source))


def _chunks(source: Source) -> Iterator[tuple[bytes, int]]:
    """Whole lines, several MiB at once, with the number of the first."""
    number, rest, read = 1, b"", 0
    with source.open() as file:
        while read < SEARCHED_BYTES and (data := file.read(CHUNK_BYTES)):
            read += len(data)
            data = rest + data
            end = data.rfind(b"\n") + 1
            rest = data[end:][-LINE_BYTES:]
            yield data[:end], number
            number += data.count(b"\n", 0, end)
    if rest:
        yield rest, number


def _candidates(source: Source, needle: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines in which the bytes stand (ASCII letters of either case), with their numbers."""
    for chunk, number in _chunks(source):
        folded = chunk.lower()
        counted_to = 0
        at = folded.find(needle)
        while at >= 0:
            start = folded.rfind(b"\n", 0, at) + 1
            end = folded.find(b"\n", at)
            end = len(folded) if end < 0 else end
            number += folded.count(b"\n", counted_to, start)
            counted_to = start
            yield number, chunk[start : min(end, start + LINE_BYTES)]
            at = folded.find(needle, end)

"""Reading one conversation or one frame of a capture: its frames, what its sides sent, and the bytes, with secrets found."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from runs.analysis.case import table_name
from runs.analysis.columns import Array, Table
from runs.analysis.domain.secret_bytes import hidden_spans
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.packets.comments import frame_comments
from runs.analysis.packets.conversations import conversation_facts, conversation_id, frames_of
from runs.analysis.packets.dumps import dumped_capture
from runs.analysis.packets.follow import Stream, follow, payload_captured
from runs.analysis.packets.frame import Layer, dissect
from runs.analysis.packets.schema import TCP, column
from runs.analysis.packets.spans import read_any
from runs.models import EvidenceFile
from runs.services import capture_view, storage
from runs.services.reports import StoredTables

PAGE_WEIGHT = 96_000  # bytes of payload on a page, with what the markup of a piece costs
PIECE_WEIGHT = 80
AROUND_BYTES = 8_192  # of the same side before a page, so that a secret across its edge is found
NEIGHBOURS = 64  # frames of a conversation before and behind one that is opened, for the same reason
ETHERNET = 1


@dataclass(frozen=True)
class Opened:
    """The tables of a capture, or of a segment of a text, and its bytes where it has them."""

    file: EvidenceFile
    first_line: int
    packets: Table
    conversations: Table
    addresses: Table
    capture: Capture | None
    octets: Table | None = None  # of a text whose packets are dumped in hex: the capture put together from them

    @property
    def is_text(self) -> bool:
        return "line" in self.packets

    @property
    def has_bytes(self) -> bool:
        return not self.is_text or self.octets is not None

    @cached_property
    def origin(self) -> Path | bytes:
        """The capture's bytes, or those recovered from a text's hex dumps. Raises FileNotFoundError."""
        return storage.blob_path(self.file.blob_id or "") if self.octets is None else dumped_capture(self.octets)

    def linktype(self, row: int) -> int:
        """Of a frame's interface."""
        number = int(column(self.packets, "interface")[row])
        interfaces = self.capture.interfaces if self.capture else ()
        return interfaces[number].linktype if number < len(interfaces) else ETHERNET

    def rows(self, conversation: int) -> Array:
        """The conversation's frames, in file order."""
        return frames_of(self.packets, self.conversations, conversation)

    def pair(self, name: str, conversation: int) -> tuple[int, int]:
        """A column of `conversations` that holds one value a side."""
        return int(self.conversations[name][conversation][0]), int(self.conversations[name][conversation][1])

    def fact(self, conversation: int) -> Conversation:
        """The conversation in its own words."""
        one = {name: values[conversation : conversation + 1] for name, values in self.conversations.columns.items()}
        outer = int(self.conversations["outer"][conversation])
        one["outer"] = np.array([-1], np.int32)
        made = conversation_facts(Table(one), self.addresses, self.file.path, 1)[0]
        return msgspec.structs.replace(made, row=conversation, outer=None if outer < 0 else self.id(outer))

    def id(self, conversation: int) -> str:
        """'lo0.pcap#0'."""
        protocol, stream = (int(self.conversations[name][conversation]) for name in ("protocol", "stream"))
        return conversation_id(self.file.path, protocol, stream)

    def inner(self, conversation: int, most: int = 20) -> list[int]:
        """The first conversations that this one carries in a tunnel."""
        if not self.conversations["is_carrier"][conversation]:
            return []
        return [int(n) for n in np.flatnonzero(self.conversations["outer"] == conversation)[:most]]


def open_capture(file: EvidenceFile, first_line: int = 0) -> Opened | None:
    """The tables of a file's frames; None where it has none."""
    tables = StoredTables([file])
    packets, conversations, addresses, octets = (
        tables.table(file.path, table_name(name, first_line)) for name in ("packets", "conversations", "addresses", "bytes")
    )
    if packets is None or conversations is None or addresses is None:
        return None
    return Opened(file, first_line, packets, conversations, addresses, capture_view.said_of(file, first_line)[0], octets)


class Part(NamedTuple):
    """A stretch of what a side sent: bytes and where secrets stand in them; or so many bytes that are missing or cut off."""

    kind: str  # 'data', 'gap', 'cut'
    length: int
    data: bytes = b""
    hidden: tuple[tuple[int, int, str], ...] = ()  # start, end, the whole secret
    position: int = 0


@dataclass
class Turn:
    """What one side sent until the other spoke."""

    side: int
    first_frame: int
    last_frame: int
    length: int
    parts: list[Part]


class StreamPage(NamedTuple):
    """A page of a conversation's stream."""

    turns: list[Turn]
    number: int  # from 1
    total: int
    sent: tuple[int, int]  # bytes of each side on the wire, gaps left out
    missing: tuple[int, int]
    cut: tuple[int, int]


def stream_of(opened: Opened, conversation: int, rows: Array | None = None) -> Stream:
    """Both sides of the conversation, put together (from some of its rows only, where they are given)."""
    protocol = int(opened.conversations["protocol"][conversation])
    chosen = opened.rows(conversation) if rows is None else rows
    return follow(opened.packets, chosen, protocol, opened.pair("base_sequences", conversation))


def stream_page(opened: Opened, conversation: int, number: int, side: int | None, frame: int | None) -> StreamPage:
    """A page of both sides or of one; `frame` asks for the page that has it. Raises OSError."""
    whole = stream_of(opened, conversation)
    lost = whole.length * whole.is_gap
    short = (whole.length - whole.captured) * ~whole.is_gap
    sums = [tuple(int(what[whole.side == n].sum()) for n in (0, 1)) for what in (whole.length - lost, lost, short)]
    stream = whole if side is None else whole.take(whole.side == side)
    page_of = _pages(stream)
    total = int(page_of[-1]) + 1 if len(stream) else 1
    if frame is not None and len(stream):
        number = int(page_of[min(len(stream) - 1, int(np.argmax(stream.row >= frame - 1)))]) + 1
    number = min(max(1, number), total)
    here = np.flatnonzero(page_of == number - 1)
    turns = _turns(opened, stream, int(here[0]), int(here[-1]) + 1) if len(here) else []
    return StreamPage(turns, number, total, *((one[0], one[1]) for one in sums))


def _pages(stream: Stream) -> Array:
    """On which page (from 0) each piece stands. Pieces without bytes that follow one another count as one."""
    empty = stream.captured == 0
    follows = np.zeros(len(stream), bool)
    follows[1:] = empty[1:] & empty[:-1] & (stream.side[1:] == stream.side[:-1])
    weight = stream.captured + PIECE_WEIGHT * ~follows
    return np.asarray((np.cumsum(weight) - weight) // PAGE_WEIGHT)


def _turns(opened: Opened, stream: Stream, start: int, stop: int) -> list[Turn]:
    turns: list[Turn] = []
    text = {side: _side_bytes(opened, stream, side, start, stop) for side in (0, 1)}
    for at in range(start, stop):
        side, frame, length = int(stream.side[at]), int(stream.row[at]) + 1, int(stream.length[at])
        if not turns or turns[-1].side != side:
            turns.append(Turn(side, frame, frame, 0, []))
        turn = turns[-1]
        turn.first_frame, turn.last_frame = min(turn.first_frame, frame), max(turn.last_frame, frame)
        if stream.is_gap[at]:
            turn.parts.append(Part("gap", length))
            continue
        turn.length += length
        captured = int(stream.captured[at])
        if captured:
            _add_data(turn, text[side].part(at, int(stream.position[at])))
        if captured < length:
            _add_cut(turn, length - captured)
    return turns


def _add_data(turn: Turn, part: Part) -> None:
    last = turn.parts[-1] if turn.parts else None
    if last is None or last.kind != "data":
        turn.parts.append(part)
        return
    moved = tuple((a + last.length, b + last.length, secret) for a, b, secret in part.hidden)
    joined = list(last.hidden)
    if joined and moved and joined[-1][1] == moved[0][0] == last.length and joined[-1][2] == moved[0][2]:
        joined[-1] = (joined[-1][0], moved[0][1], moved[0][2])
        moved = moved[1:]
    turn.parts[-1] = Part("data", last.length + part.length, last.data + part.data, (*joined, *moved), last.position)


def _add_cut(turn: Turn, length: int) -> None:
    if turn.parts and turn.parts[-1].kind == "cut":
        length += turn.parts.pop().length
    turn.parts.append(Part("cut", length))


@dataclass(frozen=True)
class _SideBytes:
    """One side's bytes around a page in one string, and where secrets stand in it."""

    data: bytes
    begins: dict[int, int]  # piece to index in data
    captured: dict[int, int]
    hidden: list[tuple[int, int, str]]

    def part(self, piece: int, position: int) -> Part:
        start = self.begins[piece]
        end = start + self.captured[piece]
        own = tuple((max(a, start) - start, min(b, end) - start, s) for a, b, s in self.hidden if a < end and b > start)
        return Part("data", end - start, self.data[start:end], own, position)


def _side_bytes(opened: Opened, stream: Stream, side: int, start: int, stop: int) -> _SideBytes:
    mine = np.flatnonzero((stream.side == side) & ~stream.is_gap)
    low, high = int(np.searchsorted(mine, start)), int(np.searchsorted(mine, stop))
    if low == high:
        return _SideBytes(b"", {}, {}, [])
    behind = np.cumsum(stream.captured[mine])
    low = int(np.searchsorted(behind, (behind[low - 1] if low else 0) - AROUND_BYTES, "right")) if low else 0
    high = int(np.searchsorted(behind, behind[high - 1] + AROUND_BYTES // 8)) + 1
    pieces = mine[low:high]
    part = stream.take(pieces)
    read = read_any(opened.origin, list(zip(part.offsets(opened.packets).tolist(), part.captured.tolist(), strict=True)))
    begins, breaks, at = {}, [], 0
    for piece, data in zip(pieces.tolist(), read, strict=True):
        begins[piece] = at
        at += len(data)
    ends = part.position + part.captured
    for n in range(len(pieces) - 1):
        if int(ends[n]) != int(part.position[n + 1]):
            breaks.append(begins[int(pieces[n + 1])])
    sizes = {piece: len(data) for piece, data in zip(pieces.tolist(), read, strict=True)}
    joined = b"".join(read)
    return _SideBytes(joined, begins, sizes, hidden_spans(joined, breaks))


class OpenedFrame(NamedTuple):
    """One frame's bytes, which of them belong to secrets, and its layers with those bytes masked."""

    data: bytes
    masked: frozenset[int]
    layers: list[Layer]


def open_frame(opened: Opened, number: int) -> OpenedFrame | None:
    """A frame (from 1) of a capture; None for a text's packets without a hex dump, and where the bytes are not there."""
    row = number - 1
    if not opened.has_bytes or not 0 <= row < len(opened.packets):
        return None
    span = (int(opened.packets["offset"][row]), int(opened.packets["captured_length"][row]))
    try:
        (data,) = read_any(opened.origin, [span])
        masked = _masked_in_frame(opened, row, data)
    except OSError:
        return None
    shown = bytes(ord("*") if i in masked else octet for i, octet in enumerate(data)) if masked else data
    return OpenedFrame(data, masked, dissect(shown, opened.linktype(row)))


def comments_of(opened: Opened, row: int) -> tuple[str, ...]:
    """What a pcapng file says about a frame; nothing where it says nothing, or its bytes are not there."""
    if opened.capture is None or opened.capture.format != "pcapng":
        return ()
    try:
        return frame_comments(opened.origin, opened.packets, row)
    except OSError:
        return ()


def _masked_in_frame(opened: Opened, row: int, data: bytes) -> frozenset[int]:
    """Secrets in the frame alone, and those that begin in the segment before it or end in the one behind."""
    payload = int(opened.packets["payload_offset"][row])
    found = {i for a, b, _ in hidden_spans(data) for i in range(a, b)}
    conversation = int(opened.packets["conversation"][row])
    held = int(payload_captured(opened.packets, np.array([row]))[0])
    if conversation < 0 or not payload or not held or int(opened.conversations["protocol"][conversation]) != TCP:
        return frozenset(found)
    rows = opened.rows(conversation)
    at = int(np.searchsorted(rows, row))
    stream = stream_of(opened, conversation, rows[max(0, at - NEIGHBOURS) : at + NEIGHBOURS])
    side = int(opened.packets["direction"][row])
    own = np.flatnonzero((stream.row == row) & ~stream.is_gap)
    if len(own):
        piece = int(own[0])
        part = _side_bytes(opened, stream, side, piece, piece + 1).part(piece, 0)
        first = payload + int(stream.skip[piece])
        found |= {first + i for a, b, _ in part.hidden for i in range(a, b)}
    return frozenset(found)

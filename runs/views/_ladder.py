"""The ladder of a conversation: one line a frame between two sides; waits are drawn to scale, long ones as notches with their length."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from runs.analysis.columns import Array
from runs.analysis.messages import duration
from runs.analysis.packets import schema
from runs.analysis.packets.schema import column
from runs.services.conversation_view import Opened
from runs.views._drawing import Box, Drawing, Label, Stroke
from runs.views._packets import Packets
from runs.views._times import seconds

LEFT, RIGHT, ROW, TOP = 260, 580, 32, 70
GAP_NS = 200_000_000  # the least time-out of a retransmission that systems use (RFC 6298 asks for 1 s): a shorter wait is work
GAP_HEIGHT = 160  # of a wait of GAP_NS, which is not broken yet
FOLDED_FROM = 6  # so many keep-alive frames in a row are folded behind the first two
_KEEP_ALIVES = schema.KEEP_ALIVE | schema.KEEP_ALIVE_ACK
_QUIET = schema.WINDOW_UPDATE | schema.DUP_ACK
_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")


class Page(NamedTuple):
    """What of the conversation is drawn; `before` is the row before the rows, `zero_ns` counts as 0, `marked` is a frame (from 1)."""

    rows: Array
    before: int | None
    zero_ns: int
    is_folded: bool
    marked: int | None = None
    answers: Mapping[int, int] = MappingProxyType({})  # rows that acknowledge a segment, ns since it


def ladder(opened: Opened, packets: Packets, conversation: int, page: Page, link: Callable[[int], str]) -> Drawing:
    """The picture of some frames of a conversation. `link`: the address of a frame's page."""
    fact = opened.fact(conversation)
    title = _("Ladder of %(id)s, %(n)s frames") % {"id": fact.id, "n": len(page.rows)}
    made = Drawing(title, 900, TOP, left=60)
    for x, end, role in ((LEFT, fact.originator, _("originator")), (RIGHT, fact.responder, _("responder"))):
        made.labels.append(Label(x, 16, end.address, "name", "middle"))
        made.labels.append(Label(x, 32, role if end.port is None else f":{end.port} · {role}", "word", "middle"))
    made.labels.append(Label(168, 32, _("since first frame, s"), "word", "end"))
    _scale(made)
    y, before, skip_to = float(TOP), page.before, -1
    ts_ns = opened.packets["ts_ns"]
    for n, row in enumerate(page.rows.tolist()):
        if n < skip_to:
            continue
        if before is not None and abs(wait := int(ts_ns[row]) - int(ts_ns[before])) >= GAP_NS:
            y = _notch(made, y, _("%(time)s without a frame") % {"time": duration(wait)})
        elif before is not None:
            y = round(y + max(0, int(ts_ns[row]) - int(ts_ns[before])) / GAP_NS * GAP_HEIGHT, 1)
        y = _frame(made, opened, packets, conversation, row, y, page, link(row + 1))
        before = row
        skip_to = _fold_to(opened, page, n)
        if skip_to > n:
            hidden = page.rows[n + 1 : skip_to]
            y = _notch(made, y, _folded(hidden, duration(int(ts_ns[hidden[-1]]) - int(ts_ns[row]))))
            before = int(hidden[-1])
    made.height = y + 6
    made.strokes.insert(0, Stroke(f"M{LEFT} 40V{y:g}M{RIGHT} 40V{y:g}", "axis"))
    return made


def _scale(made: Drawing) -> None:
    """How much height a wait takes, beside the head of the picture."""
    x, length = 930, GAP_HEIGHT // 4
    made.strokes.append(Stroke(f"M{x - 4} 12h8M{x} 12v{length}M{x - 4} {12 + length}h8", "axis"))
    made.labels.append(Label(x - 10, 16 + length / 2, duration(GAP_NS // 4), "word", "end"))


def _fold_to(opened: Opened, page: Page, n: int) -> int:
    """Where the drawing goes on behind frame n, the second of a long run of keep-alives; -1: with the next."""
    if not page.is_folded or n < 1:
        return -1
    bits = column(opened.packets, "remarks")[page.rows] & _KEEP_ALIVES
    if not bits[n] or not bits[n - 1] or (n >= 2 and bits[n - 2]):
        return -1
    end = n + 1
    while end < len(bits) and bits[end]:
        end += 1
    return end if end - n + 1 >= FOLDED_FROM else -1


def _folded(rows: Array, lasting: str) -> str:
    words = ngettext(
        "%(n)s more keep-alive frame: #%(first)s–%(last)s, %(time)s",
        "%(n)s more keep-alive frames: #%(first)s–%(last)s, %(time)s",
        len(rows),
    )
    return words % {"n": len(rows), "first": int(rows[0]) + 1, "last": int(rows[-1]) + 1, "time": lasting}


def _notch(made: Drawing, y: float, words: str) -> float:
    for x in (LEFT, RIGHT):
        made.boxes.append(Box(x - 6, y - 8, 12, 16))
        made.over.append(Stroke(f"M{x - 7} {y - 3:g}l7-5 7 5M{x - 7} {y + 5:g}l7-5 7 5", "axis open"))
    made.strokes.append(Stroke(f"M{LEFT + 14} {y:g}H{RIGHT - 14}", "dim"))
    width = 14 + sum(12 if ord(c) > 0x2E80 else 6.4 for c in words)
    made.boxes.append(Box((LEFT + RIGHT - width) / 2, y - 9, width, 18))
    made.labels.append(Label((LEFT + RIGHT) / 2, y + 4, words, "word", "middle"))
    return y + ROW


def _frame(
    made: Drawing, opened: Opened, packets: Packets, conversation: int, row: int, y: float, page: Page, href: str
) -> float:  # fmt: skip
    words = packets.words(row)
    bits = int(column(opened.packets, "remarks")[row])
    flags = int(opened.packets["tcp_flags"][row]) if words_is_tcp(opened, row) else 0
    side = int(opened.packets["direction"][row])
    kind = _kind(bits, flags, side)
    start, end = (LEFT, RIGHT) if side == 0 else (RIGHT, LEFT)
    back = -8 if side == 0 else 8
    if row + 1 == page.marked:
        made.boxes.append(Box(70, y - 17, 880, ROW - 2, "hot"))
    made.over.append(Stroke(f"M{start} {y - 3:g}L{end} {y + 4:g}", kind, words.info))
    made.over.append(Stroke(f"M{end + back} {y - 1:g}L{end} {y + 4:g}L{end + back} {y + 8:g}", f"{kind} head"))
    middle, right = _said(opened, packets, conversation, row, words.remarks)
    if row in page.answers and not bits & _KEEP_ALIVES:
        right = f"{right} · RTT {duration(page.answers[row])}"
    tone = {"warnline": "warntext", "bad": "failtext"}.get(kind, "name")
    made.labels += [
        Label(168, y + 3, seconds(int(opened.packets["ts_ns"][row]) - page.zero_ns), "name", "end"),
        Label(226, y + 3, f"#{row + 1}", "link", "end", href),
        Label((LEFT + RIGHT) / 2, y - 6, middle, tone, "middle"),
        Label(RIGHT + 18, y + 5, right),
    ]
    return y + ROW


def words_is_tcp(opened: Opened, row: int) -> bool:
    """Whether the frame has a TCP header."""
    return int(opened.packets["protocol"][row]) == schema.TCP and int(opened.packets["transport_offset"][row]) > 0


def _kind(bits: int, flags: int, side: int) -> str:
    if bits & _KEEP_ALIVES:
        return "dim"
    if flags & schema.RST:
        return "bad"
    if bits & ~_QUIET:
        return "warnline"
    if bits:
        return "noteline"
    return "back" if side else "go"


def _said(opened: Opened, packets: Packets, conversation: int, row: int, remarks: tuple[str, ...]) -> tuple[str, str]:
    """The words above a frame's line, and those beside it."""
    table = opened.packets
    length = int(table["payload_length"][row])
    size = f"{length:,} B" if length else ""
    if not words_is_tcp(opened, row):
        return " ".join(part for part in (packets.protocol(row), size) if part), packets.info(row)
    flags = int(table["tcp_flags"][row])
    names = ", ".join(name for bit, name in enumerate(_FLAGS) if flags >> bit & 1)
    middle = ", ".join(remarks) or " ".join(part for part in (names, size) if part)
    side, bases = int(table["direction"][row]), opened.pair("base_sequences", conversation)
    beside = [names] if remarks and flags & ~(schema.ACK | schema.PSH) else []
    relative = (int(table["sequence"][row]) - bases[side]) & 0xFFFFFFFF
    beside.append(f"Seq={relative}")
    if flags & schema.ACK:
        beside.append(f"Ack={(int(table['acknowledgment'][row]) - bases[1 - side]) & 0xFFFFFFFF}")
    scales = opened.pair("window_scales", conversation)
    shift = scales[side] if min(scales) >= 0 and not flags & schema.SYN else 0
    beside.append(f"Win={int(table['window'][row]) << shift}")
    if remarks and length:
        beside.append(f"Len={length}")
    return middle, " ".join(beside)

"""Packet lists as tshark prints and Wireshark exports them: the default list, exports with a header, `-T fields`, detail panes.

    $ tshark -n -r web_8443.pcap
        1   0.000000 192.0.2.10 → 192.0.2.20 TCP 74 51544 → 8443 [SYN] Seq=0 Win=64240 Len=0 MSS=1460
        2   0.000111 192.0.2.20 → 192.0.2.10 TCP 54 8443 → 51544 [RST, ACK] Seq=1 Ack=1 Win=0 Len=0
    No.     Time        Source        Destination   Protocol Info
    23289   3.442717    192.0.2.1     192.0.2.16    TCP      [TCP Dup ACK 23287#1] 32852 > lmtp [ACK] Seq=1 Ack=22664197 Win=64240 Len=0

Yields a Capture of format 'tshark text' with the tables of a capture (each row with its line), and a StatedRemark for each of
Wireshark's TCP remarks in the list. Sequence numbers stay relative, as printed; windows are shown scaled. A row of an upper protocol
names no ports: they are taken from the segment before it. Detail panes are read where the text has no list; of a packet with a
byte pane the bytes are kept. Refuses texts without two rows or a header.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, has_fences, is_markdown, is_quoted, outside_fences
from runs.analysis.domain.packet_text import MAX_PACKETS, PacketText
from runs.analysis.domain.shell import program, read_prompt
from runs.analysis.domain.times import DAY_NS
from runs.analysis.domain.wireshark_details import FRAME, Details
from runs.analysis.domain.wireshark_list import Form, command_form, default_row, header, row_of
from runs.analysis.domain.wireshark_remarks import Remarks
from runs.analysis.domain.wireshark_rows import Rows
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.messages import message
from runs.analysis.packets.rows import PacketRow
from runs.analysis.registry import CERTAIN, STRONG, TYPICAL, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 7
TITLE = message("tshark_text.title", en="a packet list of tshark or Wireshark", ja="tshark・Wireshark のパケット一覧")
NOT_READ = message("tshark_text.not_read", en="this row cannot be read: {text}", ja="この行は読めない: {text}")
TOO_MANY = message(
    "tshark_text.too_many",
    en="more than {most:count} packets; the rest is not read",
    ja="パケットが {most:count} 件を超え、以降は読まない",
)
_HEADER = re.compile(r"\s*(?:\"?No\.?\"?[\s,;]|_?[a-z]\w*\.[a-z])", re.IGNORECASE)  # of a list that begins with other columns
_DATED = re.compile(r"(?:(\d{4}-\d\d-\d\d )?(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?|(-?)(\d{1,10})(?:\.(\d{1,9}))?)$")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a header or two rows with arrows; typical only where a person's sentences stand around them."""
    lines = outside_fences(head.head_lines)
    headers = [line.number for line in lines if len(line.text) < 4096 and header(line.text) is not None]
    rows = [line.number for line in lines if default_row(line.text[:1000]) is not None]
    frames = [line.number for line in lines if FRAME.match(line.text[:200])]
    commands = [line.number for line in lines if (p := read_prompt(line.text)) and command_form(p.command)]
    found = sorted(headers + commands) or (rows if len(rows) > 1 else []) or frames or rows
    if not found:
        return None
    if is_markdown(lines) or has_fences(head.head_lines) or is_quoted(lines, found[0]):
        return because(TITLE, found[0], TYPICAL)
    return because(TITLE, found[0], CERTAIN if headers or commands or len(rows) > 1 or frames else STRONG)


@dataclass
class _Reading(PacketText):
    """What is collected on the way."""

    rows: Rows = field(default_factory=Rows)
    remarks: Remarks = field(default_factory=Remarks)
    details: Details = field(default_factory=Details)
    form: Form | None = None
    listed: int = 0


def parse(source: Source) -> Parsed:
    """One pass; rows go to the tables as they are read."""
    reading = _Reading()
    tables, dumped = reading.tables(_packets(source, reading))
    upper = reading.on_lines(dumped.facts, tables["packets"]) if dumped else []
    facts = [*reading.capture("tshark text", dumped), *upper, *reading.remarks.facts()]
    return Parsed(facts=[*facts, *reading.commands], tables=tables, problems=reading.problems, counts={"frames": reading.count})


def _packets(source: Source, reading: _Reading) -> Iterator[PacketRow]:
    for line in bounded_lines(source):
        text = line.text
        cells = default_row(text)
        if cells is None and reading.form is not None and not _HEADER.match(text):
            cells = row_of(reading.form, text)
        if cells is not None:
            reading.listed += 1
            reading.details.take()
            made = _row(cells, line.number, b"", reading)
            if made is not None:
                yield made
        elif (frame := FRAME.match(text)) is not None:
            yield from _detailed(reading)
            reading.details.begin(frame, line.number)
        elif not reading.details.read(text):
            _other(text, line.number, reading)
        if reading.count >= MAX_PACKETS:
            reading.problems.append(Problem(TOO_MANY(most=MAX_PACKETS), line=line.number, lost=True))
            return
    yield from _detailed(reading)


def _detailed(reading: _Reading) -> Iterator[PacketRow]:
    """The packet of a detail pane, where the text has no list that shows it already."""
    whole = reading.details.take()
    if whole is not None and not reading.listed and (made := _row(*whole, reading)) is not None:
        yield made


def _other(text: str, line: int, reading: _Reading) -> None:
    if (prompt := read_prompt(text)) is not None:
        reading.typed(prompt, line)
        if program(prompt.command) == "tshark":
            reading.form = command_form(prompt.command) or reading.form
    elif (form := header(text)) is not None:
        reading.form = form


def _row(cells: dict[str, str], line: int, data: bytes, reading: _Reading) -> PacketRow | None:
    ts_ns = _time(cells.get("time", ""), reading)
    made = reading.rows.row(cells, (reading.latest or 0) if ts_ns is None else ts_ns, line)
    if made is None:
        reading.not_read(NOT_READ, " ".join(cells.values()), line, lost=False)
        return None
    row, info = made
    reading.count += 1
    if info.remarks or "remarks" in cells:
        reading.remarks.add(cells, info, line, row.ts_ns)
    reading.dumps.add(reading.time(ts_ns), data)
    return row


def _time(text: str, reading: _Reading) -> int | None:
    match = _DATED.match(text)
    if match is None:
        return None
    clock = reading.clock
    if match[2]:
        return clock.of_day(match[1], match[2], match[3] or "")
    clock.digits = len(match[6] or "")
    seconds = int(match[5])
    value = seconds * SECOND_NS + int((match[6] or "").ljust(9, "0") or 0)
    clock.seen += 1
    if value < 1_000 * DAY_NS:
        clock.relative = True
    else:
        clock.epoch = True
    return -value if match[4] else value

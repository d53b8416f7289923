"""What tcpdump prints of packets: any of -n -nn -t … -ttttt -v -vv -e -q -S -X, IPv4, IPv6, ICMP, ARP; 3.x and 4.x wordings.

    $ sudo tcpdump -nn -i en4 port 8443
    tcpdump: listening on en4, link-type EN10MB (Ethernet), snapshot length 262144 bytes
    08:15:02.114300 IP 192.0.2.10.51544 > 192.0.2.20.8443: Flags [S], seq 3912, win 64240, options [mss 1460], length 0
    08:15:02.114411 IP 192.0.2.20.8443 > 192.0.2.10.51544: Flags [R.], seq 0, ack 3913, win 0, length 0
    2 packets captured

Yields a Capture of format 'tcpdump text' with the tables of a capture (each row with its line), IcmpErrors, ArpResolutions,
CapturedQueries, FrameChecksums, CaptureStatistics, ShellCommands, and of a merged text the Log of the lines between the packets. Where every packet
was dumped in hex, the frames are read from their bytes, which stand in the table `bytes` (packets/dumps.py).
Relative sequence numbers become absolute. Service names become ports by the bundled table. Wrapped lines are joined.
Refuses texts without a packet line, and notes that quote some.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_markdown, is_quoted, outside_fences
from runs.analysis.domain.levels import stated_level, worded_level
from runs.analysis.domain.log_events import Events
from runs.analysis.domain.packet_text import MAX_PACKETS, PacketText
from runs.analysis.domain.shell import program, read_prompt
from runs.analysis.domain.tcpdump_checksums import count_checksum
from runs.analysis.domain.tcpdump_lines import Record, looks_like_packet, records
from runs.analysis.domain.tcpdump_packets import Packet, read_packet, read_plain, read_verbose
from runs.analysis.domain.tcpdump_sequence import Sequences
from runs.analysis.domain.tcpdump_statistics import StatisticsReader
from runs.analysis.domain.tcpdump_upper import Upper
from runs.analysis.messages import message
from runs.analysis.packets.internet_checksum import ChecksumCounter
from runs.analysis.packets.rows import PacketRow
from runs.analysis.registry import CERTAIN, STRONG, TYPICAL, Parsed, Problem, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 8
TITLE = message("tcpdump_text.title", en="tcpdump's text", ja="tcpdump の表示")
NOT_READ = message("tcpdump_text.not_read", en="this packet cannot be read: {text}", ja="このパケット行は読めない: {text}")
TOO_MANY = message(
    "tcpdump_text.too_many",
    en="more than {most:count} packets; the rest is not read",
    ja="パケットが {most:count} 件を超え、以降は読まない",
)
UNCLEAR = message(
    "tcpdump_text.unclear",
    en="the running counter and the number of captured packets cannot be told apart",
    ja="途中経過の数とキャプチャ件数の境目を決められない",
)
_RELATIVE_LINE = re.compile(r"(-?\d{1,10})\.(\d{6,9})\s+-?\d{1,10}\.\d{6,9}\s+(\S.*)")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by packet lines; typical only where a person's sentences stand around them."""
    lines = outside_fences(head.head_lines)
    packets = [line.number for line in lines if looks_like_packet(line.text)]
    if not packets:
        return None
    if is_markdown(lines) or is_quoted(lines, packets[0]):
        return because(TITLE, packets[0], TYPICAL)
    return because(TITLE, packets[0], CERTAIN if len(packets) > 1 else STRONG)


@dataclass
class _Reading(PacketText):
    """What is collected on the way."""

    sequences: Sequences = field(default_factory=Sequences)
    upper: Upper = field(default_factory=Upper)
    checksums: ChecksumCounter = field(default_factory=ChecksumCounter)
    statistics: StatisticsReader = field(default_factory=StatisticsReader)
    events: Events = field(default_factory=lambda: Events("merged"))
    syns: dict[tuple[str, int | None, str, int | None], int | None] = field(default_factory=dict)


def parse(source: Source) -> Parsed:
    """One pass; rows go to the tables as they are read."""
    reading = _Reading()
    tables, dumped = reading.tables(_rows(source, reading))
    upper = dumped.facts if dumped else [*reading.upper.facts(tables), *reading.checksums.facts()]
    upper = reading.on_lines(upper, tables["packets"]) if reading.count else upper
    facts = [*reading.capture("tcpdump text", dumped), *upper, *reading.statistics.finish(), *reading.commands]
    problems = [*reading.problems, *(Problem(UNCLEAR(), line=line, lost=True) for line in reading.statistics.unreadable)]
    if len(reading.events):
        precision_ns = reading.clock.precision_ns
        log, events = reading.events.finish(zone=None, has_date=False, precision_ns=precision_ns, levels_stated=False)
        facts.append(log)
        tables |= events
    return Parsed(facts=facts, tables=tables, problems=problems, counts={"frames": reading.count})


def _rows(source: Source, reading: _Reading) -> Iterator[PacketRow]:
    for item in records(bounded_lines(source)):
        if not isinstance(item, Record):
            _other(item.line, reading)
            continue
        if item.segment is not None and len(item.more) == 1:
            packet: Packet | None = read_verbose(item.start, item.segment)
        elif item.is_plain and not item.is_verbose and not item.more:
            packet = read_plain(item.start)
        else:
            packet = read_packet(item.start["rest"], item.more)
        if packet is None:
            reading.not_read(NOT_READ, item.start["rest"], item.line, lost=True)
            continue
        if reading.count >= MAX_PACKETS:
            reading.problems.append(Problem(TOO_MANY(most=MAX_PACKETS), line=item.line, lost=True))
            return
        yield _row(item, packet, reading)


def _other(line: Line, reading: _Reading) -> None:
    prompt = read_prompt(line.text)
    if prompt is not None:
        reading.typed(prompt, line.number)
        if program(prompt.command) == "tcpdump":
            reading.clock.command = prompt.command
    elif len(reading.statistics.runs) < 1000 and reading.statistics.take(line.text, line.number, reading.host):
        return
    elif (timed := _RELATIVE_LINE.match(line.text)) is not None and len(timed[1]) < 9:
        seconds = int(timed[1])
        part = int(timed[2].ljust(9, "0"))
        wall = seconds * 1_000_000_000 + (-part if timed[1].startswith("-") else part)
        reading.events.add(line.number, line.offset, wall, stated_level(timed[3]) or worded_level(timed[3]), timed[3])


def _row(record: Record, packet: Packet, reading: _Reading) -> PacketRow:
    start = record.start
    ts_ns = reading.clock.of_day(*start.group("date", "face", "fraction")) if record.is_plain else reading.clock.read(start)
    shown_ns = reading.time(ts_ns)
    reading.count += 1
    flags = packet.flags
    sequence, acknowledgment = packet.sequence, packet.acknowledgment
    if packet.protocol == "tcp":
        here, there = (packet.source, packet.source_port), (packet.destination, packet.destination_port)
        if flags == 2:
            answered = reading.syns.get((*there, *here)) if packet.window is None else None
            if answered is not None:  # a SYN+ACK whose line was cut before its ack
                flags, acknowledgment = 18, (answered + 1) & 0xFFFFFFFF
            elif len(reading.syns) < 200_000:
                reading.syns[(*here, *there)] = sequence
        sequence, acknowledgment = reading.sequences.absolute(
            here, there, flags, sequence, acknowledgment, packet.payload_length or 0
        )
    else:
        reading.upper.read(packet, reading.count, ts_ns or 0, reading.sequences)
    if record.segment is not None and record.segment["sum"] == "correct":
        reading.checksums.add(packet.source, reading.count, right=True)
    elif record.more or not record.is_plain:
        count_checksum(reading.checksums, record, packet, reading.count)
    reading.dumps.add(shown_ns, record.dump)
    return PacketRow(  # by position: one is made for each line
        shown_ns,
        packet.source,
        packet.destination,
        packet.source_port,
        packet.destination_port,
        packet.protocol,
        flags,
        sequence,
        acknowledgment,
        packet.window,
        packet.window_scale,
        packet.payload_length or 0,
        packet.ttl,
        packet.ip_id,
        record.line,
        packet.icmp_type,
        packet.icmp_code,
    )

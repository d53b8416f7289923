"""A program's own log with epoch seconds in front of each line, as one writes it to be merged with `tcpdump -tt`.

    1772323202.114300 connect start
    1772323202.116000 connect returns
    1772323202.120000 read 4096 (total 4096)

Yields a Log; its times are UTC. Lines without a time go on with the record above them. Refuses texts with fewer than two such lines,
or where they are not most of it, and tcpdump's own text.
"""

from runs.analysis.domain.detection import because
from runs.analysis.domain.log_reader import LogReading, read_log
from runs.analysis.domain.shell import read_prompt
from runs.analysis.domain.tcpdump_lines import looks_like_packet
from runs.analysis.domain.timed_lines import EPOCH, TimedLines
from runs.analysis.messages import message
from runs.analysis.registry import TYPICAL, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("program_log_epoch.title", en="a program's log with epoch seconds", ja="エポック秒付きのプログラムログ")


def detect(head: Source, name: str) -> Reason | None:
    """Typical by two lines that are half of the text or more."""
    lines = [line for line in head.head_lines if line.text.strip() and read_prompt(line.text) is None]
    timed = [line.number for line in lines if EPOCH.match(line.text)]
    if len(timed) < 2 or len(timed) * 2 < len(lines) or any(looks_like_packet(line.text) for line in lines):
        return None
    return because(TITLE, timed[0], TYPICAL)


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("program_log_epoch")
    read_log(source, reading, TimedLines(reading, EPOCH).entry)
    return reading.parsed()

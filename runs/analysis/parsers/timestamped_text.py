"""Any text whose lines begin with a time: programs' own logs, as a last resort.

    2026-03-01 08:15:02,114 WARNING pool exhausted
    [08:15:02.114] request 7 done

Yields a Log. The first form of time that the text uses is its form. Refuses texts with fewer than two
such lines, or fewer than a third of them.
"""

from runs.analysis.domain.detection import because
from runs.analysis.domain.log_reader import LogReading, read_log
from runs.analysis.domain.shell import read_prompt
from runs.analysis.domain.timed_lines import CLOCK, DATED, EPOCH, TimedLines
from runs.analysis.messages import message
from runs.analysis.registry import LAST_RESORT, WEAK, Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("timestamped_text.title", en="a text with times", ja="時刻付きのテキスト")


def detect(head: Source, name: str) -> Reason | None:
    """Weak by times in most lines, the last resort by times in a third of them."""
    lines = [line for line in head.head_lines if line.text.strip() and read_prompt(line.text) is None]
    timed = [line.number for line in lines if DATED.match(line.text) or EPOCH.match(line.text) or CLOCK.match(line.text)]
    if len(timed) < 2 or len(timed) * 3 < len(lines):
        return None
    return because(TITLE, timed[0], WEAK if len(timed) * 3 > len(lines) * 2 else LAST_RESORT)


def parse(source: Source) -> Parsed:
    """One pass."""
    reading = LogReading("timestamped_text")
    read_log(source, reading, TimedLines(reading).entry)
    return reading.parsed()

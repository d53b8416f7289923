"""What tcpdump writes to standard error: its banner, the running counter of `-v -w`, and its sums when it ends.

    tcpdump: listening on en4, link-type EN10MB (Ethernet), snapshot length 262144 bytes
    Got 3Got 12Got 1717 packets captured
    41 packets received by filter
    0 packets dropped by kernel

Yields a CaptureStatistics for each run of tcpdump. A counter that runs into the sum ('Got 1717 packets captured' is 'Got 17' and
'17 packets captured') is told apart by what must hold: the counter never falls, the sum is no less than the last counter and no
more than what the filter received; of several ways the one with the nearest two numbers. Where none is left, the sum is a problem.
Refuses texts that hold packets too: those are tcpdump's text.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_quoted, matching, outside_fences
from runs.analysis.domain.shell import program, read_prompt
from runs.analysis.domain.tcpdump_lines import looks_like_packet
from runs.analysis.domain.tcpdump_statistics import LISTENING, StatisticsReader
from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("tcpdump_statistics.title", en="tcpdump's statistics", ja="tcpdump の統計行")
UNCLEAR = message(
    "tcpdump_statistics.unclear",
    en="the running counter and the number of captured packets cannot be told apart",
    ja="途中経過の数とキャプチャ件数の境目を決められない",
)
_SUM = re.compile(r"(?:.*\D)?\d+ packets? (?:captured|received by filter|dropped by (?:kernel|interface))\s*$")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a banner or a sum, where no packet stands in the head."""
    lines = outside_fences(head.head_lines)
    found = matching(lines, _SUM) or matching(lines, LISTENING)
    if not found or any(looks_like_packet(line.text) for line in lines):
        return None
    return because(TITLE, found[0], TYPICAL if is_quoted(lines, found[0]) else CERTAIN)


def parse(source: Source) -> Parsed:
    """The statistics of each run, and the commands above them."""
    reader = StatisticsReader()
    facts: list[Fact] = []
    host = None
    for line in bounded_lines(source):
        prompt = read_prompt(line.text)
        if prompt is not None:
            host = prompt.host or host
            if program(prompt.command) == "tcpdump" and len(facts) < 100:
                facts.append(ShellCommand(text=prompt.command, line=line.number, host=prompt.host))
        elif len(reader.runs) < 1000:
            reader.take(line.text, line.number, host)
    statistics = reader.finish()
    return Parsed(
        facts=[*statistics, *facts],
        problems=[Problem(UNCLEAR(), line=line, lost=True) for line in reader.unreadable],
        counts={"runs": len(statistics)},
    )

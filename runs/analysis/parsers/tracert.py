"""tracert of Windows, in English and Japanese: with and without names (-d), IPv6, 'Request timed out.', 'reports: …'.

    Tracing route to www.example.net [198.51.100.9]
    over a maximum of 30 hops:
      1    <1 ms    <1 ms     1 ms  192.0.2.254
      2     *        *        *     Request timed out.
      3  gw.example.net [203.0.113.1]  reports: Destination host unreachable.
    Trace complete.

Yields a Traceroute for each run; 'reports: …' is told by the mark that traceroute prints for the same error. Refuses traceroute and pathping.
"""

import re
from collections.abc import Iterator

from runs.analysis.domain.pathping_lines import HOP as PATHPING
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import parse_sections, recognise
from runs.analysis.domain.windows_trace import HEAD, MOST, traced
from runs.analysis.facts.base import Fact
from runs.analysis.facts.reachability import Traceroute, TracerouteHop
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 5
TITLE = message("tracert.title", en="tracert (Windows)", ja="tracert (Windows)")
MAX_HOPS = 256
_HOP = re.compile(r"\s{0,12}(?P<number>\d{1,3})\s+(?P<times>(?:(?:<?\d{1,6} ms|\*|!)\s+){1,3})(?P<rest>\S.*?)\s*$")
_REPORTS = re.compile(
    r"\s{0,12}(?:(?P<number>\d{1,3})\s+)?(?P<who>\S+(?: \[[^\]]+\])?)\s*(?:reports: |レポート: ?|からの応答: )(?P<words>.{3,100}?)[.。]?\s*$"
)
_WHO = re.compile(r"(?:(?P<name>\S+) )?\[(?P<inside>[0-9A-Fa-f.:%]+)\]|(?P<bare>[0-9A-Fa-f]*[.:][0-9A-Fa-f.:%]+)(?=$|\s)")
_FAILED = re.compile(
    r"\s{0,12}(?:\d{1,3}\s+)?(?P<text>(?:Unable to resolve target system name|ターゲット(?: システム)?名|Transmit error|General failure|一般エラー)"
    r".{0,120}?)[.。]?\s*$"
)
_SAID = re.compile(r"トレース|タイムアウト|からの応答|レポート:|ホップ数|ターゲット")  # sentences of its own
_RTT = re.compile(r"(<?)(\d{1,6}) ms")
_MARKS = (
    (re.compile(r"net(?:work)? unreachable|ネットワークに到達できません", re.IGNORECASE), "!N"),
    (re.compile(r"protocol unreachable|プロトコルに到達できません", re.IGNORECASE), "!P"),
    (re.compile(r"prohibited|filtered", re.IGNORECASE), "!X"),
    (re.compile(r"unreachable|到達できません", re.IGNORECASE), "!H"),
)


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the first line that tracert prints."""
    if any(PATHPING.match(line.text) for line in head.head_lines):
        return None
    return recognise(head, TITLE, HEAD, said=_SAID)


def parse(source: Source) -> Parsed:
    """A Traceroute for each first line."""
    return parse_sections(source, _runs, "runs")


class _Run:
    def __init__(self, head: re.Match[str], line: int) -> None:
        self.target, self.name = traced(head)
        self.failure: tuple[str, int] | None = None
        self.first = self.last = line
        self.most: int | None = None
        self.hops: list[TracerouteHop] = []

    def read(self, text: str, line: int) -> None:
        if (most := MOST.search(text)) is not None:
            self.most, self.last = int(most[1] or most[2]), line
        elif len(self.hops) < MAX_HOPS and (hop := _hop(text, line, self.hops)) is not None:
            self.hops.append(hop)
            self.last = line
        elif self.failure is None and (failed := _FAILED.match(text)) is not None:
            self.failure, self.last = (failed["text"], line), line

    def fact(self, section: Section) -> Traceroute:
        failure, failure_line = self.failure or (None, 0)
        return Traceroute(
            host=section.host,
            target=self.target,
            name=self.name,
            failure=failure,
            failure_line=failure_line,
            command=section.command,
            max_hops=self.most,
            first_line=self.first,
            last_line=self.last,
            hops=tuple(self.hops),
            reached=any(self.target in hop.addresses and not hop.marks for hop in self.hops),
        )


def _runs(section: Section) -> Iterator[Fact]:
    run: _Run | None = None
    for line in section.lines:
        text = line.text[:1000]
        if (head := HEAD.match(text)) is not None:
            if run is not None:
                yield run.fact(section)
            run = _Run(head, line.number)
            run.read(text[head.end() :], line.number)
        elif run is not None:
            run.read(text, line.number)
    if run is not None:
        yield run.fact(section)


def _hop(text: str, line: int, before: list[TracerouteHop]) -> TracerouteHop | None:
    reports = _REPORTS.match(text)
    if reports is not None:
        number = int(reports["number"]) if reports["number"] else (before[-1].number + 1 if before else 1)
        names, addresses = _who(reports["who"])
        mark = next((mark for form, mark in _MARKS if form.search(reports["words"])), "!")
        return TracerouteHop(number=number, line=line, addresses=addresses, names=names, marks=(mark,))
    match = _HOP.match(text)
    if match is None:
        return None
    names, addresses = _who(match["rest"])
    return TracerouteHop(
        number=int(match["number"]),
        line=line,
        addresses=addresses,
        names=names,
        rtts_ns=tuple(int(ms) * 1_000_000 for _, ms in _RTT.findall(match["times"])),  # '<1 ms' is told as 1 ms, its upper bound
        stars=match["times"].count("*"),
    )


def _who(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and addresses; none in 'Request timed out.'."""
    match = _WHO.match(text)
    if match is None:
        return (), ()
    address = (match["inside"] or match["bare"]).partition("%")[0]
    return ((match["name"],) if match["name"] else ()), (address,)

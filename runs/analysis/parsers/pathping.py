"""pathping of Windows, in every language: loss at each hop and on each link between two.

    Tracing route to shop.example [198.51.100.9]
    over a maximum of 30 hops:
      0  mypc [192.0.2.5]
      1  192.0.2.254
    Computing statistics for 50 seconds...
                Source to Here   This Node/Link
    Hop  RTT    Lost/Sent = Pct  Lost/Sent = Pct  Address
      0                                           mypc [192.0.2.5]
                                    0/ 100 =  0%   |
      1    3ms     0/ 100 =  0%     0/ 100 =  0%  192.0.2.254

Yields a PathReport for each run: loss as 'source to here', and that of the link before the hop. Refuses tracert, and runs that were
stopped before the statistics.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from runs.analysis.domain.pathping_lines import HOP, LINK, START, WRAPPED
from runs.analysis.domain.ping_target import asked_target, is_address
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import parse_sections, recognise
from runs.analysis.domain.windows_trace import HEAD, traced
from runs.analysis.facts.base import Fact
from runs.analysis.facts.path_report import PathHop, PathReport
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("pathping.title", en="pathping (Windows)", ja="pathping (Windows)")
MAX_HOPS = 256


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a hop of the statistics."""
    return recognise(head, TITLE, HOP, said=HEAD)


def parse(source: Source) -> Parsed:
    """A PathReport for each table of statistics."""
    return parse_sections(source, _runs, "runs")


def _runs(section: Section) -> Iterator[Fact]:
    target: str | None = None
    first = 0
    hops: list[PathHop] = []
    link = 0
    for line in section.lines:
        text = line.text[:1000]
        if (head := HEAD.match(text)) is not None:
            if hops:
                yield _report(section, target, first, hops)
            target, first, hops = traced(head)[0], line.number, []
        elif START.match(text) is not None:
            link = 0
        elif (between := LINK.match(text)) is not None:
            link = _permille(between["lost"], between["sent"])
        elif (hop := HOP.match(text)) is not None and len(hops) < MAX_HOPS:
            silent = hop["address"] == "0.0.0.0"  # noqa: S104  # printed for a hop that never answered
            where = None if silent else hop["where"]
            address = hop["address"] or (where if where and is_address(where) else None)
            address = None if silent else address
            hops.append(
                PathHop(
                    line=line.number,
                    number=int(hop["number"]),
                    address=address,
                    name=where if where != address else None,
                    loss_permille=_permille(hop["lost"], hop["sent"]),
                    link_loss_permille=link,
                    sent=int(hop["sent"]),
                    average_ns=int(hop["time"]) * 1_000_000 if hop["time"] else None,
                )
            )
            link = 0
        elif hops and hops[-1].address is None and (wrapped := WRAPPED.match(text)) is not None:
            hops[-1] = replace(hops[-1], address=wrapped["address"])
    if hops:
        yield _report(section, target, first, hops)


def _permille(lost: str, sent: str) -> int:
    return 1000 * int(lost) // int(sent) if int(sent) else 0


def _report(section: Section, target: str | None, first: int, hops: list[PathHop]) -> PathReport:
    return PathReport(
        host=section.host,
        target=target or asked_target(section.command or "") or hops[-1].address,
        hops=tuple(hops),
        command=section.command,
        first_line=section.command_line or first or hops[0].line,
        last_line=hops[-1].line,
    )

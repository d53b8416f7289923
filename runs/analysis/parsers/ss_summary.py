"""`ss -s` of Linux: how many sockets there are, by transport and, of TCP, by state.

    Total: 312
    TCP:   87 (estab 41, closed 22, orphaned 3, timewait 19)

    Transport Total     IP        IPv6
    UDP	  9         6         3

Yields SocketTotals for each command. Refuses listings of single sockets.
"""

import re

from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import parse_sections, recognise
from runs.analysis.facts.base import Fact
from runs.analysis.facts.sockets import SocketTotals
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("ss_summary.title", en="totals of sockets (ss -s)", ja="ソケット総数 (ss -s)")
_TOTAL = re.compile(r"Total: (?P<total>\d{1,9})(?: \(kernel \d+\))?\s*$")
_TCP = re.compile(r"TCP:\s+(?P<total>\d{1,9}) \((?P<states>[^)]{1,300})\)")
_ROW = re.compile(r"(?P<name>[A-Z*]{1,8}|\*)\s+(?P<total>\d{1,9})\s+(?P<four>\d{1,9}|-)\s+(?P<six>\d{1,9}|-)\s*$")
_STATE = re.compile(r"([a-z]+) (\d{1,9})")
_SURE = re.compile(r"TCP:\s+\d{1,9} \(estab \d+|Transport\s+Total\s+IP\s+IPv6")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the line of TCP's states or the columns' heads."""
    return recognise(head, TITLE, _SURE)


def parse(source: Source) -> Parsed:
    """The totals of each command."""
    return parse_sections(source, _totals, "listings")


def _totals(section: Section) -> list[Fact]:
    said: dict[str, object] = {}
    rows: list[tuple[str, int, int, int, int]] = []
    for line in section.lines:
        text = line.text[:500]
        if (total := _TOTAL.match(text)) is not None:
            said |= {"total": int(total["total"]), "total_line": line.number}
        elif (tcp := _TCP.match(text)) is not None:
            states = {name: int(n) for name, n in _STATE.findall(tcp["states"])}
            said |= {"tcp": int(tcp["total"]), "tcp_states": states, "tcp_line": line.number}
        elif (row := _ROW.match(text)) is not None and row["name"] != "*" and len(rows) < 50:
            four, six = (0 if row[key] == "-" else int(row[key]) for key in ("four", "six"))
            rows.append((row["name"], int(row["total"]), four, six, line.number))
    if not said and not rows:
        return []
    return [SocketTotals(host=section.host, by_transport=tuple(rows), command=section.command, **said)]  # type: ignore[arg-type]

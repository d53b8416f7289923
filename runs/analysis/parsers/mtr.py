"""mtr's report: `mtr -r`, `mtr -rw`, `mtr --csv`, IPv4 and IPv6.

    Start: 2026-03-03T09:15:07+0000
    HOST: edge                        Loss%   Snt   Last   Avg  Best  Wrst StDev
      1.|-- 192.0.2.254                0.0%    10    0.4   0.5   0.3   1.1   0.2
      2.|-- ???                       100.0    10    0.0   0.0   0.0   0.0   0.0

Yields a PathReport for each run. Refuses mtr's screen, which is drawn with cursor movements.
"""

import re
from itertools import pairwise

from runs.analysis.domain.shell import Section, program
from runs.analysis.domain.terminal import recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.path_report import PathHop, PathReport
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 2
TITLE = message("mtr.title", en="a path measured (mtr)", ja="経路の計測 (mtr)")
MAX_RUNS = 1_000
MAX_HOPS = 256
_HEAD = re.compile(r"HOST: (?P<host>\S+)\s+Loss%\s+(?:Drop\s+)?(?:Rcv\s+)?Snt\b")
_HOP = re.compile(
    r"\s*(?P<number>\d{1,3})\.\s?(?:\|--)?\s*(?:AS\S+\s+)?(?P<where>\S+)(?: \((?P<address>[0-9A-Fa-f.:]+)\))?\s+(?P<loss>\d{1,3}(?:\.\d{1,3})?)%?"
    r"\s+(?P<sent>\d{1,9})"
    r"\s+(?P<last>[\d.]{1,12})\s+(?P<average>[\d.]{1,12})\s+(?P<best>[\d.]{1,12})\s+(?P<worst>[\d.]{1,12})(?:\s+[\d.]+)?\s*$"
)
_OTHER = re.compile(r"\s+\|\s+`?\|?-- ?(?P<where>\S+)")
_CSV = re.compile(
    r"MTR\.[^,]*,\d+,\w+,(?P<target>[^,]+),(?P<number>\d{1,3}),(?P<where>[^,]+),(?P<loss>[\d.]+),(?P<sent>\d{1,9}),[^,]*,"
    r"(?P<last>[\d.]{1,12}),(?P<average>[\d.]{1,12}),(?P<best>[\d.]{1,12}),(?P<worst>[\d.]{1,12})"
)
_SURE = re.compile(
    rf"{_HEAD.pattern.replace('?P<', '?P<h_')}|\s*\d{{1,3}}\.\|-- \S+\s+\d|MTR\.[^,]*,\d+,\w+,[^,]+,\d+,[^,]+,[\d.]+,\d+"
)
_VALUED = ("-c", "-i", "-s", "-m", "-f", "-P", "-I", "-a", "-o", "-B", "-Q", "-T", "-u")


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the report's columns or a hop."""
    return recognise(head, TITLE, _SURE, ("mtr",))


def parse(source: Source) -> Parsed:
    """A PathReport for each head, or for each target of a CSV."""
    runs: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        if len(runs) < MAX_RUNS:
            runs += _runs(section)
    return Parsed(facts=[*runs[:MAX_RUNS], *commands], counts={"runs": len(runs)})


def _runs(section: Section) -> list[PathReport]:
    command = section.command if section.command and program(section.command) == "mtr" else None
    target = _target(command)
    found: list[tuple[str | None, str | None, int, list[PathHop]]] = []  # target, host, first line, hops
    for line in section.lines:
        text = line.text[:1000]
        if (head := _HEAD.match(text)) is not None:
            found.append((target, head["host"], line.number, []))
        elif (row := _CSV.match(text)) is not None:
            if not found or found[-1][0] != row["target"] or (found[-1][3] and int(row["number"]) < found[-1][3][-1].number):
                found.append((row["target"], None, line.number, []))
            found[-1][3].append(_hop(row, line))
        elif (hop := _HOP.match(text)) is not None:
            if not found:
                found.append((target, None, line.number, []))
            if len(found[-1][3]) < MAX_HOPS:
                found[-1][3].append(_hop(hop, line))
    return [
        PathReport(
            host=section.host or host,
            target=asked,
            hops=tuple(hops[:MAX_HOPS]),
            command=command,
            first_line=section.command_line or first,
            last_line=hops[-1].line if hops else first,
        )
        for asked, host, first, hops in found[:MAX_RUNS]
    ]


def _hop(match: re.Match[str], line: Line) -> PathHop:
    part = match.groupdict()
    where = None if part["where"] == "???" else part["where"]
    address = part.get("address") or (where if where and re.fullmatch(r"[0-9A-Fa-f.:]+", where) else None)
    return PathHop(
        line=line.number,
        number=int(part["number"]),
        address=address,
        name=where if where != address else None,
        loss_permille=_thousandths(part["loss"]) // 100,
        sent=int(part["sent"]),
        average_ns=_thousandths(part["average"]) * 1_000,
        best_ns=_thousandths(part["best"]) * 1_000,
        worst_ns=_thousandths(part["worst"]) * 1_000,
    )


def _thousandths(text: str) -> int:
    """A decimal number times 1,000."""
    whole, _, part = text.partition(".")
    return int(whole or 0) * 1000 + int(part.replace(".", "")[:3].ljust(3, "0") or 0)


def _target(command: str | None) -> str | None:
    """The last word of the command that is neither an option nor an option's value."""
    words = (command or "").split()
    free = [word for before, word in pairwise(words) if not word.startswith("-") and before not in _VALUED]
    return free[-1] if free else None

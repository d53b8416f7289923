"""mtr: its report in every order of columns, --csv, --xml, --json, its screen as copied text, and WinMTR's text.

    Start: 2026-03-03T09:15:07+0000
    HOST: edge                        Loss%   Snt   Last   Avg  Best  Wrst StDev
      1.|-- 192.0.2.254                0.0%    10    0.4   0.5   0.3   1.1   0.2
      2.|-- ???                       100.0    10    0.0   0.0   0.0   0.0   0.0

Yields a PathReport for each run. Refuses mtr's screen as a recording of cursor movements.
"""

import re

from msgspec.structs import replace

from runs.analysis.domain import mtr_documents, mtr_text
from runs.analysis.domain.detection import because, is_page, is_quoted, outside_fences
from runs.analysis.domain.mtr_documents import Document
from runs.analysis.domain.ping_target import asked_target
from runs.analysis.domain.shell import Section, program
from runs.analysis.domain.terminal import recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.path_report import PathHop, PathReport
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, TYPICAL, Parsed, Reason
from runs.analysis.source import Source

VERSION = 4
TITLE = message("mtr.title", en="a path measured (mtr)", ja="経路の計測 (mtr)")
MAX_RUNS = 1_000
MAX_HOPS = 256
MAX_OTHERS = 32
_SURE = re.compile(
    rf"HOST: \S+\s+(?=.*(?:Loss%|Rcv)).*Snt\b|{mtr_text.HOP_SURE.pattern}|{mtr_text.WIN_HEAD.pattern}|\s*My traceroute  \["
    rf"|{mtr_documents.CSV_HEAD.pattern}|{mtr_documents.CSV.pattern}|\s*<MTR SRC=\S+ DST=\S+ .*TESTS="
)
_TABLE = re.compile(r"\|.*\|\s*$")  # WinMTR's rows are no table of a person


def detect(head: Source, name: str) -> Reason | None:
    """Certain by the report's columns, a hop, or the first lines of a document."""
    lines = outside_fences(head.head_lines)
    begun = next((line for line in lines if line.text.lstrip().startswith("{")), None)
    if (
        begun is not None
        and not is_page(lines)
        and mtr_documents.JSON.match("\n".join(line.text for line in lines if line.number >= begun.number)[:4000].lstrip())
    ):
        return because(TITLE, begun.number, TYPICAL if is_quoted(lines, begun.number) else CERTAIN)
    return recognise(head, TITLE, _SURE, ("mtr",), said=_TABLE)


def parse(source: Source) -> Parsed:
    """A PathReport for each table, or for each target of a document."""
    runs: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        if len(runs) < MAX_RUNS:
            runs += _runs(section)
    return Parsed(facts=[*runs[:MAX_RUNS], *commands], counts={"runs": len(runs)})


def _runs(section: Section) -> list[PathReport]:
    command = section.command if section.command and program(section.command) == "mtr" else None
    found = _tables(section, asked_target(command or ""))
    for read in (mtr_documents.read_csv, mtr_documents.read_xml, mtr_documents.read_json):
        found += read(section.lines)
    return [
        PathReport(
            host=section.host or run.host,
            target=run.target,
            hops=tuple(run.hops[:MAX_HOPS]),
            command=command,
            first_line=section.command_line or run.line,
            last_line=run.hops[-1].line if run.hops else run.line,
        )
        for run in sorted(found, key=lambda run: run.line)[:MAX_RUNS]
        if run.hops or run.host
    ]


def _tables(section: Section, asked: str | None) -> list[Document]:
    found: list[Document] = []
    names: tuple[str, ...] = mtr_text.DEFAULT
    screen: tuple[str | None, str | None] = (None, None)
    for line in section.lines:
        text = line.text[:1000]
        if (where := mtr_text.WHERE.match(text)) is not None:
            screen = (where["from"], where["address"])
        elif (head := mtr_text.read_head(text)) is not None:
            names = head.names
            found.append(Document(head.host or screen[0], asked or screen[1], line.number, []))
        elif mtr_text.WIN_HEAD.match(text) is not None:
            found.append(Document(None, asked, line.number, []))
        elif (hop := mtr_text.read_hop(line, names)) is not None:
            if not found:
                found.append(Document(None, asked, line.number, []))
            _add(found[-1].hops, hop)
        elif found and found[-1].hops and (place := mtr_text.other_place(text)) is not None:
            _join(found[-1].hops, place)
    return found


def _add(hops: list[PathHop], hop: PathHop) -> None:
    if len(hops) < MAX_HOPS:
        hops.append(hop if hop.number else replace(hop, number=len(hops) + 1))


def _join(hops: list[PathHop], place: str) -> None:
    if len(hops[-1].others) < MAX_OTHERS:
        hops[-1] = replace(hops[-1], others=(*hops[-1].others, place))

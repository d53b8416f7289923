"""Rows of a bundle's file table, and the lines of plain-text READMEs that list a file each."""

import re
from typing import NamedTuple

from runs.analysis.domain.markdown_tables import MarkdownTable, code_spans, plain_cell
from runs.analysis.domain.readme_fields import columns
from runs.analysis.domain.shell import COMMANDS, is_command
from runs.analysis.domain.times import find_span, find_zone
from runs.analysis.facts.base import Stamp
from runs.analysis.facts.notes import FileNote

_LISTED = re.compile(
    r"\s{0,4}(?:[-*・]\s+)?`?(?P<path>[\w.+-]+(?:/[\w.+-]+)*\.[A-Za-z0-9]{1,8}|[\w.+-]+/)`?(?:\s{2,}|\t+|\s*[:：—]\s+)(?P<rest>\S.*)$"
)
_ASIDE = re.compile(r"^(?P<command>.*?)\s*[(（](?P<aside>[^()（）]*[぀-ヿ一-鿿][^()（）]*|[a-z][a-z ,]+)[)）]\s*$")
_BEFORE_SPAN = re.compile(r"([\w-]+)\s*[:：]\s*$")


class FileRow(NamedTuple):
    """A listed file, and the commands its row names."""

    note: FileNote
    commands: list[str]


def table_rows(table: MarkdownTable) -> list[FileRow]:
    """The files of a table; a row that names several files gives one for each."""
    at = columns(table.head)
    zone = find_zone(table.head[at["time"]]) if "time" in at else None
    made = []
    for row in table.rows:
        cells = {name: row.cells[index] for name, index in at.items() if index < len(row.cells)}
        spans = code_spans(cells.get("path", ""))
        paths = [span for span in spans if span] or [plain_cell(cells.get("path", ""))]
        when = find_span(cells.get("time", ""))
        for path in paths[:50]:
            if path:
                note = FileNote(
                    path=path[:1000],
                    line=row.line,
                    command=plain_cell(cells.get("command", ""))[:4096] or None,
                    time_text=plain_cell(cells.get("time", ""))[:200] or None,
                    start=_in_zone(when.start, zone) if when else None,
                    end=_in_zone(when.end, zone) if when else None,
                    remark=plain_cell(cells.get("remark", ""))[:4096] or None,
                )
                made.append(FileRow(note, commands_in(cells.get("command", ""))))
    return made


def listed_line(text: str, line: int = 0) -> FileRow | None:
    """A line 'name   command or words'; None for any other line."""
    match = _LISTED.match(text[:4096])
    if match is None or match["path"].startswith("."):
        return None
    rest = match["rest"].strip()
    command, remark = (rest, None) if is_command(rest) or re.match(r"(?:上記|同上|the (?:above|same))", rest) else (None, rest)
    if command and (aside := _ASIDE.match(command)) is not None:
        command, remark = aside["command"], aside["aside"]
    note = FileNote(path=match["path"], line=line, command=command, remark=remark)
    return FileRow(note, [command] if command and is_command(command) else [])


def commands_in(cell: str) -> list[str]:
    """The commands of a cell: its code spans that begin with a program, or stand behind one's name ('socat: `TCP-LISTEN:…`')."""
    found = []
    position = 0
    for span in code_spans(cell):
        at = cell.find(span, position)
        before = _BEFORE_SPAN.search(cell[position : max(at - 1, 0)].rstrip("`"))
        position = max(at, 0) + len(span)
        if before is not None and before[1] in COMMANDS:
            found.append(f"{before[1]} {span}")
        elif is_command(span):
            found.append(span)
    if not found and "`" not in cell and is_command(cell):
        found.append(cell)
    return [command[:4096] for command in found[:20]]


def _in_zone(stamp: Stamp | None, zone: str | None) -> Stamp | None:
    if stamp is None or zone is None or stamp.zone is not None:
        return stamp
    return Stamp(stamp.wall_ns, zone, stamp.has_date, stamp.precision_ns, stamp.approximate)

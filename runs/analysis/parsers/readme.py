"""A bundle's README: what the run is, and the table of its files; Markdown or plain text, Japanese or English headings.

    # RUN_ID=20260301Tprinter Printer does not answer
    - Collected (JST): 2026-03-01 08:10-08:20
    - Purpose: find out where port 9100 stalls.
    | File | Command | Time (JST) | Remark |
    | --- | --- | --- | --- |
    | `nc_9100.txt` | `nc -vz prn1 9100 | tee nc_9100.txt` | 08:15:02 | Connects at once. |

Yields a DocumentHeader, a FileNote for each file of the table, the ShellCommands and what they set up
(ConfigurationCommands), NoteTables for other tables, and a Note of the sentences around them. Plain text has 'name   command' lines
instead. Refuses documents that list no files: they are notes.
"""

import re

from runs.analysis.domain.detection import because
from runs.analysis.domain.document import read_document
from runs.analysis.domain.document_facts import document_facts, document_lines, note_of
from runs.analysis.domain.file_table import FileRow, listed_line, table_rows
from runs.analysis.domain.markdown_tables import MarkdownTable, code_spans, tables
from runs.analysis.domain.readme_fields import field, is_file_table, run_id, without_run_id
from runs.analysis.domain.times import find_span, find_zone
from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import DocumentHeader, ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, Parsed, Reason
from runs.analysis.source import Source
from runs.analysis.text import Line

VERSION = 9
TITLE = message("readme.title", en="a README with a list of files", ja="ファイル一覧のある README")
MAX_FILES = 20_000
_NAME = re.compile(r"(?:^|/)(?:readme|index|manifest|00[_-]?readme)[^/]*$", re.IGNORECASE)
_HEAD_LINES = 60  # where a README's fields stand


def detect(head: Source, name: str) -> Reason | None:
    """Certain by a file table; strong by a README's name with a RUN_ID or lines that list files."""
    lines = head.head_lines
    for table in tables(lines):
        if is_file_table(table.head):
            return because(TITLE, table.line, CERTAIN)
    is_readme = bool(_NAME.search(name))
    named = [line.number for line in lines if run_id(line.text)]
    rows = [(line.number, row) for line in lines if (row := listed_line(line.text)) is not None]
    if len(rows) >= 2 and (is_readme or named or sum(bool(row.commands) for _, row in rows) >= 2):
        return because(TITLE, rows[0][0], CERTAIN if is_readme else STRONG)
    return because(TITLE, named[0], STRONG) if named and is_readme else None


def parse(source: Source) -> Parsed:
    """Head, table, sentences."""
    lines, problems = document_lines(source)
    found = list(tables(lines))
    header, used = _header(lines)
    for table in found:
        used.update(range(table.line, table.last_line + 1))
    rows = _rows(found, lines, used)
    document = read_document(lines, used)
    files: list[Fact] = []
    commands: list[ShellCommand] = []
    for row in rows[:MAX_FILES]:
        files.append(row.note)
        commands += [ShellCommand(text=text, line=row.note.line, about=row.note.path) for text in row.commands]
    others = [table for table in found if not is_file_table(table.head)]
    facts = [header, *files, *document_facts(document, note_of(document, header.title), others, commands)]
    return Parsed(facts=facts, segments=document.segments, problems=problems, counts={"files": len(files)})


def _header(lines: list[Line]) -> tuple[DocumentHeader, set[int]]:
    """The head's fields, and the lines they stand on."""
    said: dict[str, object] = {}
    references: list[tuple[str, int]] = []
    used: set[int] = set()
    for line in lines:
        text = line.text
        if "run_id" not in said and (id := run_id(text)) is not None:
            said |= {"run_id": id, "run_id_line": line.number}
        if "title" not in said and text.strip() and not text.lstrip().startswith(("-", "|", "*", "```")):
            said |= {"title": without_run_id(text.lstrip("# ").strip())[:300] or None, "title_line": line.number}
            used.add(line.number)
            continue
        if line.number - lines[0].number >= _HEAD_LINES or (read := field(text)) is None:
            continue
        name, key, value = read
        zone = find_zone(key) or find_zone(value)
        if name == "window" and "start" not in said and (span := find_span(value)) is not None:
            said |= {"start": span.start, "end": span.end, "window_line": line.number}
            if zone:
                said |= {"zone": zone, "zone_line": line.number}
        elif name == "purpose" and "purpose" not in said:
            said |= {"purpose": value[:2000], "purpose_line": line.number}
        elif name == "references":
            named = code_spans(value) or [part.strip() for part in re.split(r"[、,]", value)]
            references += [(part[:500], line.number) for part in named if part and len(references) < 200]
        elif name == "zone" and zone:
            said |= {"zone": zone, "zone_line": line.number}
        elif name == "title":
            said |= {"title": value[:300], "title_line": line.number}
        else:
            continue
        used.add(line.number)
    return DocumentHeader(references=tuple(references), **said), used  # type: ignore[arg-type]


def _rows(found: list[MarkdownTable], lines: list[Line], used: set[int]) -> list[FileRow]:
    """The listed files: of the tables, else of plain lines."""
    rows = [row for table in found if is_file_table(table.head) for row in table_rows(table)]
    if rows:
        return rows
    for line in lines:
        if line.number not in used and (row := listed_line(line.text, line.number)) is not None:
            rows.append(row)
            used.add(line.number)
    return rows

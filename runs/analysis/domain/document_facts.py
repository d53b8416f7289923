"""The facts of a person's document, of a README as of a note: its sentences, its tables, its commands and what these set up."""

from collections.abc import Iterable, Sequence
from itertools import islice

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.configuration_commands import read_commands
from runs.analysis.domain.document import Document
from runs.analysis.domain.markdown_tables import MarkdownTable, plain_cell
from runs.analysis.domain.sentences import Kind
from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import Note, NoteTable, ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import Problem
from runs.analysis.source import Source
from runs.analysis.text import Line

TOO_LONG = message("document.too_long", en="only the first {most:count} lines are read", ja="先頭の {most:count} 行のみ読み取り")
MAX_LINES = 50_000
MAX_TABLES = 200
MAX_ROWS = 1_000


def document_lines(source: Source) -> tuple[list[Line], list[Problem]]:
    """The lines of a document, at most MAX_LINES, and the problem where there are more."""
    lines = list(islice(bounded_lines(source), MAX_LINES + 1))
    if len(lines) <= MAX_LINES:
        return lines, []
    return lines, [Problem(TOO_LONG(most=MAX_LINES), line=lines.pop().number, lost=True)]


def note_of(document: Document, title: str | None = None) -> Note:
    """The sentences by what they are."""
    sentences, sections = document.sentences, document.sections
    return Note(
        title=title or document.title,
        statements=tuple(sentences[Kind.STATEMENT]),
        hypotheses=tuple(sentences[Kind.HYPOTHESIS]),
        actions=tuple(sentences[Kind.ACTION]),
        references=tuple(document.references.items()),
        succeeded=tuple(sections["succeeded"]),
        failed=tuple(sections["failed"]),
        learned=tuple(sections["learned"]),
        rollback=tuple(sections["rollback"]),
        times=tuple(document.times.found),
    )


def document_facts(
    document: Document, note: Note, tables: Iterable[MarkdownTable], commands: Sequence[ShellCommand] = ()
) -> list[Fact]:
    """The note, its tables, its commands behind those given (of a README's rows), and what all of these set up."""
    run = [*commands, *document.commands]
    return [note, *(_table(table) for table in list(tables)[:MAX_TABLES]), *run, *read_commands(run)]


def _table(table: MarkdownTable) -> NoteTable:
    return NoteTable(
        line=table.line,
        head=tuple(plain_cell(cell) for cell in table.head),
        rows=tuple((row.line, tuple(plain_cell(cell) for cell in row.cells)) for row in table.rows[:MAX_ROWS]),
    )

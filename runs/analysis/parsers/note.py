"""What people write: work logs, analyses, memos, in Markdown or plain text, Japanese or English.

    # Why the printer is gone
    - Port 9100 accepts connections and never answers (`nc_9100.txt`).
    - Hypothesis: the spooler hangs.
    Next: restart the spooler and capture again.

Yields one Note (claims apart from hypotheses and next actions, and the files it names) and the ShellCommands in it. Pasted
terminals and code blocks become segments: evidence of their own kind, with the note's line numbers. Refuses what programs print.
"""

import re
from itertools import islice

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, has_fences, is_markdown, outside_fences, prose_share
from runs.analysis.domain.document import read_document
from runs.analysis.domain.markdown_tables import plain_cell, tables
from runs.analysis.domain.sentences import Kind
from runs.analysis.facts.notes import Note, NoteTable
from runs.analysis.messages import message
from runs.analysis.registry import LAST_RESORT, STRONG, WEAK, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 1
TITLE = message("note.title", en="a person's notes", ja="メモ・分析")
TOO_LONG = message("note.too_long", en="only the first {most:count} lines are read", ja="先頭の {most:count} 行のみ読み取り")
MAX_LINES = 50_000
_NAME = re.compile(r"(?:note|memo|analysis|worklog|work_log|todo|journal_of|findings|メモ|作業|分析|所見)", re.IGNORECASE)


def detect(head: Source, name: str) -> Reason | None:
    """Strong for Markdown with sentences, typical for prose, weak by the name alone."""
    lines = [line for line in head.head_lines if line.text.strip()]
    if not lines:
        return None
    first = lines[0].number
    if is_markdown(lines):
        return because(TITLE, first, STRONG)
    share = prose_share(outside_fences(lines))
    if has_fences(lines) and share > 0:
        return because(TITLE, first, STRONG)
    named = bool(_NAME.search(name.rpartition("/")[2])) or name.lower().endswith((".md", ".markdown"))
    if share >= 0.3:
        return because(TITLE, first, STRONG)
    if named:
        return because(TITLE, first, WEAK)
    return because(TITLE, first, LAST_RESORT) if share >= 0.1 else None


def parse(source: Source) -> Parsed:
    """One pass over at most MAX_LINES lines."""
    lines = list(islice(bounded_lines(source), MAX_LINES + 1))
    problems = []
    if len(lines) > MAX_LINES:
        problems.append(Problem(TOO_LONG(most=MAX_LINES), line=lines.pop().number, lost=True))
    found = list(tables(lines))
    document = read_document(lines, {number for table in found for number in range(table.line, table.last_line + 1)})
    sentences = document.sentences
    note = Note(
        title=document.title,
        statements=tuple(sentences[Kind.STATEMENT]),
        hypotheses=tuple(sentences[Kind.HYPOTHESIS]),
        actions=tuple(sentences[Kind.ACTION]),
        references=tuple(document.references.items()),
        succeeded=tuple(document.sections["succeeded"]),
        failed=tuple(document.sections["failed"]),
        learned=tuple(document.sections["learned"]),
        rollback=tuple(document.sections["rollback"]),
        times=tuple(document.times.found),
    )
    noted = [
        NoteTable(
            line=table.line,
            head=tuple(plain_cell(cell) for cell in table.head),
            rows=tuple((row.line, tuple(plain_cell(cell) for cell in row.cells)) for row in table.rows[:1000]),
        )
        for table in found[:200]
    ]
    counts = {"statements": len(note.statements), "hypotheses": len(note.hypotheses), "actions": len(note.actions)}
    return Parsed(facts=[note, *noted, *document.commands], segments=document.segments, problems=problems, counts=counts)

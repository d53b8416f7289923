"""What people write: work logs, analyses, memos, in Markdown or plain text, Japanese or English.

    # Why the printer is gone
    - Port 9100 accepts connections and never answers (`nc_9100.txt`).
    - Hypothesis: the spooler hangs.
    Next: restart the spooler and capture again.

Yields one Note (claims apart from hypotheses and next actions, and the files it names), its NoteTables, the ShellCommands in it and
what these set up (ConfigurationCommands: no state of a host). Pasted terminals and code blocks become segments: evidence of their own
kind, with the note's line numbers. Refuses what programs print.
"""

import re

from runs.analysis.domain.detection import because, has_fences, is_markdown, is_told, outside_fences, prose_share
from runs.analysis.domain.document import read_document
from runs.analysis.domain.document_facts import document_facts, document_lines, note_of
from runs.analysis.domain.markdown_tables import tables
from runs.analysis.messages import message
from runs.analysis.registry import LAST_RESORT, STRONG, WEAK, Parsed, Reason
from runs.analysis.source import Source

VERSION = 9
TITLE = message("note.title", en="a person's notes", ja="メモ・分析")
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
    if has_fences(lines) and outside_fences(lines):
        return because(TITLE, first, STRONG)
    named = bool(_NAME.search(name.rpartition("/")[2])) or name.lower().endswith((".md", ".markdown"))
    if share >= 0.3 or is_told(outside_fences(lines)):
        return because(TITLE, first, STRONG)
    if named:
        return because(TITLE, first, WEAK)
    return because(TITLE, first, LAST_RESORT) if share >= 0.1 else None


def parse(source: Source) -> Parsed:
    """One pass over at most 50,000 lines."""
    lines, problems = document_lines(source)
    found = list(tables(lines))
    document = read_document(lines, {number for table in found for number in range(table.line, table.last_line + 1)})
    note = note_of(document)
    counts = {"statements": len(note.statements), "hypotheses": len(note.hypotheses), "actions": len(note.actions)}
    return Parsed(facts=document_facts(document, note, found), segments=document.segments, problems=problems, counts=counts)

"""Tables of Markdown, by line: cells may hold unescaped `|` inside backticks, as the file tables of READMEs do.

| File | Command |
| --- | --- |
| `rules.txt` | `pfctl -sr | grep 8080` |
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from runs.analysis.text import Line

MAX_CELLS = 64
_SEPARATOR = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_TICKS = re.compile(r"`+")


class Row(NamedTuple):
    """A row's cells and its line."""

    line: int
    cells: list[str]


class MarkdownTable(NamedTuple):
    """A table: its head's cells, and its rows."""

    line: int
    head: list[str]
    rows: list[Row]

    @property
    def last_line(self) -> int:
        return self.rows[-1].line if self.rows else self.line + 1


def split_row(text: str) -> list[str]:
    """The cells of a row, trimmed. A bar inside a code span or after a backslash is part of its cell."""
    text = text.strip()
    cells: list[str] = []
    start = position = 0
    while position < len(text) and len(cells) < MAX_CELLS:
        character = text[position]
        if character == "\\":
            position += 2
            continue
        if character == "`":
            run = _TICKS.match(text, position)
            assert run is not None
            closing = _closing(text, run.end(), len(run[0]))
            position = closing if closing else run.end()
            continue
        if character == "|":
            cells.append(text[start:position])
            start = position + 1
        position += 1
    cells.append(text[start:])
    if cells and not cells[0].strip() and text.startswith("|"):
        cells.pop(0)
    if cells and not cells[-1].strip() and text.endswith("|"):
        cells.pop()
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _closing(text: str, position: int, length: int) -> int:
    """Where the code span ends that opened with so many backticks; 0 where it does not."""
    for run in _TICKS.finditer(text, position):
        if len(run[0]) == length:
            return run.end()
    return 0


def is_separator(text: str) -> bool:
    """Whether this is the line of dashes under a table's head."""
    return "-" in text and "|" in text and len(text) < 4096 and _SEPARATOR.fullmatch(text) is not None


def tables(lines: Iterable[Line]) -> Iterator[MarkdownTable]:
    """All tables, in order. Lines inside code fences are none."""
    before: Line | None = None
    current: MarkdownTable | None = None
    fenced = False
    for line in lines:
        if line.text.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if current is not None:
            if "|" in line.text and line.text.strip() and not fenced:
                current.rows.append(Row(line.number, split_row(line.text)))
                continue
            yield current
            current = None
        if not fenced and before is not None and "|" in before.text and is_separator(line.text):
            current = MarkdownTable(before.number, split_row(before.text), [])
        before = line
    if current is not None:
        yield current


def code_spans(text: str) -> list[str]:
    """What stands between backticks in a text."""
    spans, position = [], 0
    while (run := _TICKS.search(text, position)) is not None:
        end = _closing(text, run.end(), len(run[0]))
        if not end:
            position = run.end()
            continue
        spans.append(text[run.end() : end - len(run[0])].strip())
        position = end
    return spans


def plain_cell(text: str) -> str:
    """A cell's words without backticks, emphasis marks and link targets."""
    text = re.sub(r"\[([^\][]{1,200})\]\([^()\s]{0,500}\)", r"\1", text)
    return re.sub(r"`+|\*\*", "", text).strip()

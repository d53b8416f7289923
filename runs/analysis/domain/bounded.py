"""Lines as the parsers of text read them: no longer than what any program prints, so that no pattern meets a megabyte."""

from collections.abc import Iterator

from runs.analysis.source import Source
from runs.analysis.text import Line

MAX_CHARACTERS = 16_384


def bounded_lines(source: Source) -> Iterator[Line]:
    """All lines, each cut to MAX_CHARACTERS; a line that arrives in pieces (it is over a megabyte) is its first piece."""
    last = 0
    for line in source.lines():
        if line.number == last:
            continue
        last = line.number
        yield line if len(line.text) <= MAX_CHARACTERS else line._replace(text=line.text[:MAX_CHARACTERS])

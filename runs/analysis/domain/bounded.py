"""Lines as the parsers of text read them: no longer than what any program prints, so that no pattern meets a megabyte."""

from collections.abc import Iterator

from runs.analysis.source import Source
from runs.analysis.text import Line, without_controls

MAX_CHARACTERS = 16_384


def bounded_lines(source: Source) -> Iterator[Line]:
    """All lines, each cut to MAX_CHARACTERS and without a terminal's colours.

    A line that arrives in pieces (it is over a megabyte) is its first piece.
    """
    last = 0
    for line in source.lines():
        if line.number == last:
            continue
        last = line.number
        text = line.text
        if len(text) > MAX_CHARACTERS or "\x1b" in text or "\0" in text:
            text = without_controls(text[:MAX_CHARACTERS])
        if "\N{NO-BREAK SPACE}" in text:  # pasted by way of a web page
            text = text.replace("\N{NO-BREAK SPACE}", " ")
        if text is not line.text:
            line = line._replace(text=text)
        yield line

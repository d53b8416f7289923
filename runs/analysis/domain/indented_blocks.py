"""Markdown's indented blocks: four spaces after an empty line show text as it is. Those that show a terminal lose their indentation.

    Then it was tried from Windows.

        C:\\> ping 192.0.2.7
        ...

Blocks under a bullet belong to the bullet, and blocks without a command stay as they are.
"""

import re
from collections.abc import Iterable, Iterator

from runs.analysis.domain.shell import is_command, read_prompt
from runs.analysis.text import Line

WIDTH = 4
_INDENT = re.compile(r"    |\t")
_BULLET = re.compile(r"\s*(?:[-*+・]|\d{1,3}[.)])\s")


def shown_plain(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, those of a terminal's block without their indentation."""
    block: list[Line] = []
    above: Line | None = None  # the last line with words outside a block
    is_after_blank, is_fenced = True, False
    for line in lines:
        if line.text.lstrip().startswith(("```", "~~~")):
            is_fenced = not is_fenced
        is_blank = not line.text.strip()
        if block:
            if is_blank or _INDENT.match(line.text):
                block.append(line)
                continue
            yield from _plain(block)
            block = []
        if (
            not is_blank
            and is_after_blank
            and not is_fenced
            and _INDENT.match(line.text)
            and not (above and _BULLET.match(above.text))
        ):
            block = [line]
            continue
        above = above if is_blank else line
        is_after_blank = is_blank
        yield line
    yield from _plain(block)


def _plain(block: list[Line]) -> list[Line]:
    plain = [line._replace(text=_INDENT.sub("", line.text, count=1)) for line in block]
    prompts = (read_prompt(line.text) for line in plain)
    return plain if any(prompt is not None and prompt.command and is_command(prompt.command) for prompt in prompts) else block

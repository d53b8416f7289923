"""What parsers of pasted terminals share: the commands that were typed, as facts, and the sections they head."""

import re
from collections.abc import Callable, Iterable, Iterator

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because, is_document, is_page, is_quoted, matching, outside_fences
from runs.analysis.domain.shell import Section, program, read_prompt, sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import Message
from runs.analysis.registry import CERTAIN, STRONG, TYPICAL, Parsed, Reason
from runs.analysis.source import Source

MAX_COMMANDS = 1_000
MAX_FACTS = 10_000


def typed_sections(source: Source, commands: list[Fact]) -> Iterator[Section]:
    """The sections of a text; each typed command is added to `commands` (at most MAX_COMMANDS)."""
    for section in sections(bounded_lines(source)):
        if section.command and len(commands) < MAX_COMMANDS:
            commands.append(ShellCommand(text=section.command, line=section.command_line, host=section.host))
        yield section


def parse_sections(source: Source, read: Callable[[Section], Iterable[Fact]], counted: str) -> Parsed:
    """What `read` makes of each command's output (without prompts: of the whole text), and the commands; `counted` names the facts."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    for section in typed_sections(source, commands):
        facts += list(read(section))[: MAX_FACTS - len(facts)]
    return Parsed(facts=[*facts, *commands], counts={counted: len(facts)})


def last_full_line(section: Section) -> int:
    """The number of the section's last line that is not empty; the command's where it printed nothing."""
    return max((line.number for line in section.lines if line.text.strip()), default=section.command_line or 1)


def first_full_line(section: Section) -> int:
    """The command's line, else the first line that is not empty."""
    return section.command_line or min((line.number for line in section.lines if line.text.strip()), default=1)


def recognise(
    head: Source,
    title: Message,
    sure: re.Pattern[str],
    programs: Iterable[str] = (),
    least: int = 1,
    said: re.Pattern[str] | None = None,
) -> Reason | None:
    """The reason of a kind that shows by its own lines.

    Certain by `least` lines, or by one and a prompt that runs one of the programs; strong by one of the two alone; typical where
    a person's sentences stand around; what the program itself says in sentences matches `said`.
    """
    lines = outside_fences(head.head_lines)
    names = frozenset(programs)
    found = matching((line._replace(text=line.text[:2000]) for line in lines), sure)
    asked = [line.number for line in lines if names and (prompt := read_prompt(line.text)) and program(prompt.command) in names]
    if (not found and not asked) or is_page(lines):
        return None
    line = (asked or found)[0]
    own = lines if said is None else [line for line in lines if not said.search(line.text[:200])]
    if is_quoted(own, line) or is_document(head.name, own):
        return because(title, line, TYPICAL)
    return because(title, line, CERTAIN if len(found) >= least or (found and asked) else STRONG)

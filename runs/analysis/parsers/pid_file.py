"""Process ids and nothing else: what `pgrep -x name > file` or a daemon's pid file holds.

    4711
    4712
    5003

Yields one ProcessIds. Refuses anything with another word in it, and numbers that no process has.
"""

import re

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.detection import because
from runs.analysis.facts.process import ProcessIds
from runs.analysis.messages import message
from runs.analysis.registry import CERTAIN, STRONG, WEAK, Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 2
TITLE = message("pid_file.title", en="a pid file", ja="PID ファイル")
NOT_A_PID = message("pid_file.not_a_pid", en="this line is no process id", ja="この行はプロセス ID ではない")
MAX_PIDS = 10_000
_MAX_PID = 1 << 22  # Linux' PID_MAX_LIMIT; others are lower
_PID = re.compile(r"\s*(\d{1,7})\s*")
_NAME = re.compile(r"(?:^|[/_.-])pids?(?:$|[_.-])", re.IGNORECASE)


def detect(head: Source, name: str) -> Reason | None:
    """Numbers only: certain where the name says so too, weak for a longer list of numbers."""
    lines = [line for line in head.head_lines if line.text.strip()]
    if not lines or any((match := _PID.fullmatch(line.text)) is None or not 0 < int(match[1]) <= _MAX_PID for line in lines):
        return None
    return because(TITLE, lines[0].number, CERTAIN if _NAME.search(name) else STRONG if len(lines) <= 3 else WEAK)


def parse(source: Source) -> Parsed:
    """The ids with their lines."""
    pids: list[int] = []
    lines: list[int] = []
    problems: list[Problem] = []
    for line in bounded_lines(source):
        match = _PID.fullmatch(line.text)
        if match is not None and 0 < int(match[1]) <= _MAX_PID:
            if len(pids) < MAX_PIDS:
                pids.append(int(match[1]))
                lines.append(line.number)
        elif line.text.strip() and len(problems) < 100:
            problems.append(Problem(NOT_A_PID(), line=line.number))
    facts = [ProcessIds(pids=tuple(pids), lines=tuple(lines))] if pids else []
    return Parsed(facts=facts, problems=problems, counts={"pids": len(pids)})

"""Reads a log line by line with one form: what the kinds of log share, whatever their first columns are."""

import re
from collections.abc import Callable
from typing import NamedTuple

from runs.analysis.domain.bounded import bounded_lines
from runs.analysis.domain.levels import CRITICAL, UNKNOWN, labelled_level, worded_level
from runs.analysis.domain.log_events import Events
from runs.analysis.domain.shell import read_prompt
from runs.analysis.facts.base import SECOND_NS, Fact
from runs.analysis.facts.log import NO_TIME
from runs.analysis.facts.notes import ShellCommand
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Problem
from runs.analysis.source import Source

STRAY = message("log.stray_line", en="this line stands before the first record", ja="最初のレコードより前の行")
NO_SUCH_TIME = message("log.no_such_time", en="no calendar has this time: {text}", ja="存在しない時刻: {text}")
OTHER_FORM = message("log.other_form", en="a record of another form: {text}", ja="形式の異なるレコード: {text}")
_OTHER_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_TRACE_START = re.compile(
    r"panic: |fatal error: |Traceback \(most recent|Exception in thread|Unhandled|(?:[\w.$]+\.)?\w+(?:Exception|Error)\b"
)
_TRACE_LINE = re.compile(
    r"\s|$|goroutine \d+ \[|\[signal |created by |Caused by: |at [\w.$<>]+\("
    r"|\.\.\. \d+ more|[\w./*()]+\(.*\)$|exit status \d|\w+(?:Error|Exception)\b"
)


class Entry(NamedTuple):
    """A record's head as a form reads it. `wall_ns`: NO_TIME for none, BAD_TIME for one that no calendar has."""

    wall_ns: int
    level: int  # as stated in a field of its own; UNKNOWN: look into the message
    message: str
    lane: str = ""


BAD_TIME = NO_TIME + 1


class LogReading:
    """What `read_log` found, for kinds that make more facts of it."""

    def __init__(self, source_name: str) -> None:
        self.events = Events(source_name)
        self.problems: list[Problem] = []
        self.commands: list[Fact] = []
        self.host: str | None = None
        self.stated = False
        self.zone: str | None = None
        self.has_date = True
        self.month_day: tuple[int, int] | None = None
        self.precision_ns = SECOND_NS

    def parsed(self, *more: Fact, program: str | None = None) -> Parsed:
        """The result: Log, its table, the commands above it, and more facts."""
        if not len(self.events):
            return Parsed(facts=[*more, *self.commands], problems=self.problems, counts={"entries": 0})
        log, tables = self.events.finish(
            zone=self.zone,
            has_date=self.has_date,
            precision_ns=self.precision_ns,
            program=program,
            month_day=self.month_day,
            levels_stated=self.stated,
        )
        return Parsed(
            facts=[log, *more, *self.commands], tables=tables, problems=self.problems, counts={"entries": len(self.events)}
        )


def read_log(
    source: Source,
    reading: LogReading,
    form: Callable[[str], Entry | None],
    each: Callable[[Entry, int], None] | None = None,
    traces_have_times: bool = False,
) -> None:
    """Read all lines. A line that `form` does not know goes on with the record before it.

    `traces_have_times`: every line of a stack trace has a time of its own (docker), so the trace is joined by its looks.
    """
    events = reading.events
    in_trace = False
    for line in bounded_lines(source):
        entry = form(line.text)
        if entry is None:
            _unknown(line.text, line.number, reading)
            continue
        if entry.wall_ns == BAD_TIME:
            if len(reading.problems) < 100:
                reading.problems.append(Problem(NO_SUCH_TIME(text=line.text[:40]), line=line.number, lost=True))
            continue
        text = entry.message
        if traces_have_times:
            if in_trace and _TRACE_LINE.match(text) and not labelled_level(text):
                events.goes_on(line.number)
                continue
            in_trace = bool(_TRACE_START.match(text)) or (not text.strip() and in_trace)
        level = entry.level or labelled_level(text)
        if level != UNKNOWN:
            reading.stated = True
        else:
            level = worded_level(text)
            if level == UNKNOWN and traces_have_times and in_trace:
                level = CRITICAL
        events.add(line.number, line.offset, entry.wall_ns, level, text, entry.lane)
        if each is not None:
            each(entry, line.number)


def _unknown(text: str, line: int, reading: LogReading) -> None:
    prompt = read_prompt(text)
    if prompt is not None:
        reading.host = reading.host or prompt.host
        if prompt.command and len(reading.commands) < 100:
            reading.commands.append(ShellCommand(text=prompt.command, line=line, host=prompt.host))
    elif _OTHER_TIME.match(text):
        if len(reading.problems) < 100:
            reading.problems.append(Problem(OTHER_FORM(text=text[:80]), line=line, lost=True))
    elif len(reading.events):
        if text.strip():
            reading.events.goes_on(line)
    elif text.strip() and len(reading.problems) < 100:
        reading.problems.append(Problem(STRAY(), line=line))

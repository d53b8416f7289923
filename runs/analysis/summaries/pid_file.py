"""Pid files: the process ids, and what they prove."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.process import ProcessIds
from runs.analysis.messages import message
from runs.analysis.report import Statement

PID = message(
    "pid_file.summary", en="PID {pids:list}. Shows that it ran, no more.", ja="PID {pids:list}。起動していたことだけを示す。"
)


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    for found in (f for f in facts if isinstance(f, ProcessIds)):
        yield Statement(PID(pids=[str(p) for p in found.pids]), (Citation(file.path, lines=found.lines),))

"""One side of a comparison: a run, or a folder of one, with what a report says of it."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TypeVar

from runs.analysis.case import Tables, table_name
from runs.analysis.domain.conversations import captured_conversations
from runs.analysis.domain.opposites import opposite_parts
from runs.analysis.facts.base import Fact
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.report import AttemptRow, FileReport, Finding, Report

T = TypeVar("T", bound=Fact)


@dataclass(frozen=True)
class Side:
    """A run (part '') or one of its top folders."""

    name: str
    report: Report
    tables: Tables
    facts: Mapping[str, Sequence[Fact]] = field(default_factory=dict)  # by path, located
    part: str = ""

    def has(self, path: str) -> bool:
        """Whether a file belongs to this side."""
        return not self.part or path.startswith(f"{self.part}/")

    def relative(self, path: str) -> str:
        """The path as the other side would have it."""
        return path.removeprefix(f"{self.part}/") if self.part else path

    @cached_property
    def files(self) -> list[FileReport]:
        """Its files."""
        return [f for f in self.report.files if self.has(f.path)]

    @cached_property
    def attempts(self) -> list[AttemptRow]:
        """Its attempts: those whose evidence lies in its files."""
        return [a for a in self.report.attempts if not self.part or self.has(_file_of(a))]

    @cached_property
    def findings(self) -> list[Finding]:
        """Its findings. One that cites only files of neither part belongs where its consequences or causes do."""
        if not self.part:
            return list(self.report.findings)
        own = {f.id for f in self.report.findings if any(self.has(c.file) for c in f.citations)}
        placed = {f.id for f in self.report.findings if any("/" in c.file for c in f.citations)}
        by_id = {f.id: f for f in self.report.findings}
        grown = True
        while grown:
            grown = False
            for finding in self.report.findings:
                near = {*finding.because, *(o.id for o in by_id.values() if finding.id in o.because)}
                if finding.id not in own and finding.id not in placed and near & own:
                    own.add(finding.id)
                    grown = True
        return [f for f in self.report.findings if f.id in own]

    def all(self, kind: type[T]) -> list[T]:
        """The facts of a kind, from the files of this side."""
        return [fact for path in sorted(self.facts) if self.has(path) for fact in self.facts[path] if isinstance(fact, kind)]

    @cached_property
    def conversations(self) -> dict[str, Conversation]:
        """Its captured conversations by id; a text that lists a capture of the run adds none."""
        told = {text for text, _ in self.report.same_traffic}
        clocks = {f.path: f.clock for f in self.report.files}
        found: dict[str, Conversation] = {}
        for capture in self.all(Capture):
            info = clocks.get(capture.file)
            clock = None
            if info is not None:
                clock = Clock(file=capture.file, zone=info.zone, source=info.source, day=info.day, offset_ns=info.offset_ns or 0)
            if capture.file not in told:
                found |= {c.id: c for c in captured_conversations(self.tables, capture, clock, MOST_CONVERSATIONS)}
        return found

    def table(self, conversation: Conversation, name: str):  # type: ignore[no-untyped-def]
        """A table of the conversation's capture."""
        return self.tables.table(conversation.file, table_name(name, conversation.segment))


MOST_CONVERSATIONS = 2_000


def _file_of(attempt: AttemptRow) -> str:
    """Where an attempt's evidence lies: its conversation's capture, else the first file its phases cite."""
    for name in attempt.conversations:
        return name.rpartition("#")[0]
    return next((c.file for p in attempt.phases for c in p.citations), "")


def parts_of(report: Report) -> list[tuple[str, str]]:
    """Pairs of top folders that can be compared, the one that is meant to work first; those with opposite names before others."""
    folders = list(dict.fromkeys(f.path.partition("/")[0] for f in report.files if "/" in f.path))
    named = opposite_parts(f.path for f in report.files)
    return [named] if named else list(combinations(folders[:6], 2))


def base_name(path: str) -> str:
    """The file's name alone."""
    return posixpath.basename(path)

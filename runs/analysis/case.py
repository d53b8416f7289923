"""One run as correlators and rules see it: its files, the facts found in them, the joined facts, and the tables behind them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from runs.analysis.columns import Table
from runs.analysis.facts.base import Fact
from runs.analysis.registry import Problem, SegmentInfo

F = TypeVar("F", bound=Fact)


class Tables(Protocol):
    """Where tables come from: memory (command line) or storage (service)."""

    def table(self, path: str, name: str) -> Table | None:
        """The table of that name of a file, or None. In a segment: '<name>@<first line>'."""


class MemoryTables:
    """Tables kept in memory."""

    def __init__(self, tables: Mapping[tuple[str, str], Table] | None = None) -> None:
        self._tables = dict(tables or {})

    def add(self, path: str, tables: Mapping[str, Table]) -> None:
        """Take over the tables of a file."""
        self._tables.update({(path, name): table for name, table in tables.items()})

    def table(self, path: str, name: str) -> Table | None:
        """See Tables."""
        return self._tables.get((path, name))


def table_name(name: str, segment: int = 0) -> str:
    """How a table is called that belongs to a segment (its first line), or to the whole file (0)."""
    return f"{name}@{segment}" if segment else name


class CaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the run, as parsed."""

    path: str
    size_bytes: int
    sha256: str
    kind: str
    state: str
    encoding: str | None = None
    counts: dict[str, int] = {}
    problems: tuple[Problem, ...] = ()
    segments: tuple[SegmentInfo, ...] = ()


class ClockCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of a file's times; None: nothing, the evidence decides."""

    zone: str | None = None  # 'Z', '+09:00' or an IANA name
    offset_ns: int | None = None  # to be added
    day: int | None = None  # days since 1970-01-01, of times that are written without a date


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """What people corrected for this run."""

    timezone: str | None = None
    clocks: dict[str, ClockCorrection] = {}  # by path


class UndeclaredNeed(Exception):
    """A correlator or rule read a kind of fact that it does not declare: a bug in it."""


class Case:
    """The run. `all(T)` gives the facts of a type, from files and from correlators alike, in the order of the files."""

    def __init__(
        self,
        name: str,
        files: Sequence[CaseFile],
        facts: Iterable[Fact],
        tables: Tables,
        overrides: Overrides | None = None,
    ) -> None:
        self.name, self.files, self.tables = name, tuple(files), tables
        self.overrides = overrides or Overrides()
        self._facts: dict[type[Fact], list[Fact]] = {}
        self._declared: frozenset[type[Fact]] | None = None
        self._files = {file.path: file for file in self.files}
        self._of_file: dict[str, list[Fact]] = {}
        facts = list(facts)
        for fact in facts:
            self._of_file.setdefault(fact.file, []).append(fact)
        self.add(facts)

    def of_file(self, path: str) -> list[Fact]:
        """What the parsers found in a file, its segments included."""
        return list(self._of_file.get(path, ()))

    def add(self, facts: Iterable[Fact]) -> None:
        """Take over facts, by their type."""
        for fact in facts:
            self._facts.setdefault(type(fact), []).append(fact)

    def without_repeated_packets(self, texts: Iterable[tuple[str, int]]) -> None:
        """Drop what was read from the packets of texts (file, segment) that only show a capture of the run."""
        told = set(texts)
        for kind, facts in self._facts.items():
            if kind.of_packets:
                self._facts[kind] = [f for f in facts if (f.file, f.segment) not in told]

    def declaring(self, declared: Iterable[type[Fact]]) -> "Case":
        """The same run for one reader that may read only what it declared."""
        view = object.__new__(Case)
        view.__dict__ = {**self.__dict__, "_declared": frozenset(declared)}
        return view

    def all(self, kind: type[F]) -> list[F]:
        """All facts of this very type. Raises UndeclaredNeed where the reader did not declare it."""
        if self._declared is not None and kind not in self._declared:
            raise UndeclaredNeed(f"{kind.__name__} is read and not declared")
        return list(self._facts.get(kind, ()))  # type: ignore[arg-type]  # the dictionary is keyed by the type itself

    def has(self, kind: type[Fact]) -> bool:
        """Whether there is any fact of this type."""
        return bool(self._facts.get(kind))

    def file(self, path: str) -> CaseFile | None:
        """The file of that path."""
        return self._files.get(path)

    def table(self, fact: Fact, name: str) -> Table | None:
        """A table of the file (or segment) that a fact comes from."""
        return self.tables.table(fact.file, table_name(name, fact.segment) if fact.segment else name)

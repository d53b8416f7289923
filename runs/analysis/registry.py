"""How parsers, correlators and rules are declared and found. Nothing is listed by hand; a module that does not import is an error.

A **parser** is a module of `parsers/`: its file name is the kind, and it has
    VERSION: int                                    raised whenever the same bytes would give other facts
    TITLE: Message                                  the kind in words
    detect(head: Source, name: str) -> Reason | None
    parse(source: Source) -> Parsed
    IS_CONTAINER = True                              (optional) it only holds others: the file is named by what it holds most of
The machine's line in the file table is `summary` of the module of the same name in `summaries/`, where there is one.

A **correlator** is a function of `correlators/` under `@correlator(needs=…, gives=…)`, a **rule** one of `rules/` under `@rule(…)`.
Both declare the facts they read; reading another is an error, so that the declared needs stay true and order the work.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from runs.analysis.columns import Table
from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, Text
from runs.analysis.source import Source

if TYPE_CHECKING:
    from runs.analysis.case import Case
    from runs.analysis.report import Outcome

Domain = Literal["network", "host", "application", "evidence", "notes"]

# How strong a parser's reason is. The strongest takes the file; ties are told.
CERTAIN = 100  # magic bytes, or a line that no other program writes
STRONG = 80  # several lines of the form
TYPICAL = 60  # one line of the form
WEAK = 40  # a form that several kinds share, or the name with nothing against it
LAST_RESORT = 20  # any text with a time in front; any text


class Reason(msgspec.Struct, frozen=True):
    """Why a parser takes a file: how strongly, in words, and because of which line."""

    strength: int
    because: Text
    line: int | None = None


class Problem(msgspec.Struct, frozen=True):
    """Something in a file that could not be read as it should, at its place. `lost`: evidence is missing because of it."""

    message: Text
    frame: int | None = None
    line: int | None = None
    offset: int | None = None
    lost: bool = False


class Segment(msgspec.Struct, frozen=True):
    """A part of a text that is evidence of its own: the third command in a router dump, a code block in a note."""

    text: str
    first_line: int  # in the file
    last_line: int
    host: str | None = None
    command: str | None = None
    is_typed: bool = False  # commands of a document and nothing that they printed: it shows no state of a host


class SegmentInfo(msgspec.Struct, frozen=True):
    """A part of a file that was read as a kind of its own."""

    kind: str
    lines: tuple[int, int]
    host: str | None = None
    command: str | None = None


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What a parser returns. Facts are bounded in number; what is one per packet or line stands in tables.

    Table names in use: `packets` and `conversations` (packets/schema.py), `events` (facts/log.py).
    """

    facts: Sequence[Fact] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    segments: Sequence[Segment] = ()
    problems: Sequence[Problem] = ()
    counts: Mapping[str, int] = field(default_factory=dict)  # frames, truncated_frames, entries …; lines are counted for all


class Parser(Protocol):
    """A module of `parsers/`, as the pipeline sees it."""

    VERSION: int
    TITLE: Message

    def detect(self, head: Source, name: str) -> Reason | None: ...
    def parse(self, source: Source) -> Parsed: ...


@dataclass(frozen=True)
class Correlator:
    """Joins facts of several files into facts of another type."""

    name: str
    run: "Callable[[Case], Iterable[Fact]]"
    gives: type[Fact]
    needs: tuple[type[Fact], ...]  # without one of each it gives nothing
    uses: tuple[type[Fact], ...]  # read where there are any


@dataclass(frozen=True)
class Rule:
    """One diagnosis: reads declared facts, answers with outcomes. Its words for people stand in the module's docstring."""

    id: str
    judge: "Callable[[Case], Iterable[Outcome]]"
    title: Message
    domain: Domain
    topics: tuple[str, ...]
    needs: tuple[type[Fact] | tuple[type[Fact], ...], ...]  # each must be there; a tuple: one of them
    uses: tuple[type[Fact], ...]
    collect: str  # the command that would collect what is needed
    document: str


_correlators: dict[str, Correlator] = {}
_rules: dict[str, Rule] = {}


def correlator(
    *, gives: type[Fact], needs: Sequence[type[Fact]] = (), uses: Sequence[type[Fact]] = ()
) -> "Callable[[Callable[[Case], Iterable[Fact]]], Callable[[Case], Iterable[Fact]]]":
    """Declare a correlator: `gives` is the type of what it yields; no two give the same type."""

    def declare(run: "Callable[[Case], Iterable[Fact]]") -> "Callable[[Case], Iterable[Fact]]":
        name = run.__module__.rpartition(".")[2]
        _correlators[name] = Correlator(name, run, gives, tuple(needs), tuple(uses))
        return run

    return declare


def rule(
    *,
    title: Message,
    domain: Domain,
    topics: Sequence[str],
    needs: Sequence[type[Fact] | tuple[type[Fact], ...]],
    uses: Sequence[type[Fact]] = (),
    collect: str = "",
) -> "Callable[[Callable[[Case], Iterable[Outcome]]], Callable[[Case], Iterable[Outcome]]]":
    """Declare a rule; its id is the module's name (or the function's, where one module answers two ids of the catalogue)."""

    def declare(judge: "Callable[[Case], Iterable[Outcome]]") -> "Callable[[Case], Iterable[Outcome]]":
        module = judge.__module__.rpartition(".")[2]
        id = module if judge.__name__ == "judge" else judge.__name__
        document = importlib.import_module(judge.__module__).__doc__ or ""
        _rules[id] = Rule(id, judge, title, domain, tuple(topics), tuple(needs), tuple(uses), collect, document)
        return judge

    return declare


class _Modules(Mapping[str, Any]):
    """The public modules of a package of the analysis, by name, each imported when it is asked for.

    An import error is raised, never passed over.
    """

    def __init__(self, package: str) -> None:
        parent = importlib.import_module(f"runs.analysis.{package}")
        self._package = parent.__name__
        self._names = dict.fromkeys(sorted(m.name for m in pkgutil.iter_modules(parent.__path__) if not m.name.startswith("_")))

    def __getitem__(self, name: str) -> ModuleType:
        if name not in self._names:
            raise KeyError(name)
        return importlib.import_module(f"{self._package}.{name}")

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _import_all(package: str) -> None:
    for _ in _Modules(package).values():
        pass


@cache
def parsers() -> Mapping[str, Any]:
    """All parsers by kind. Values are modules that keep to `Parser`; imported when asked for."""
    return _Modules("parsers")


@cache
def correlators() -> tuple[Correlator, ...]:
    """All correlators, each after those whose facts it reads. Raises ValueError for a circle or two givers of one type."""
    _import_all("correlators")
    givers: dict[type[Fact], Correlator] = {}
    for one in _correlators.values():
        if one.gives in givers:
            raise ValueError(f"{one.name} and {givers[one.gives].name} both give {one.gives.__name__}")
        givers[one.gives] = one
    ordered: list[Correlator] = []
    left = dict(sorted(_correlators.items()))
    while left:
        ready = [
            n for n, c in left.items() if not any(givers.get(t) in left.values() and givers[t] is not c for t in c.needs + c.uses)
        ]
        if not ready:
            raise ValueError(f"correlators need each other in a circle: {sorted(left)}")
        ordered += [left.pop(name) for name in ready]
    return tuple(ordered)


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by id."""
    _import_all("rules")
    return dict(sorted(_rules.items()))


@cache
def summaries() -> Mapping[str, Any]:
    """The modules of `summaries/` by kind, imported when asked for."""
    return _Modules("summaries")


def discover() -> None:
    """Import everything that declares something."""
    correlators(), rules()
    _import_all("parsers")
    _import_all("summaries")

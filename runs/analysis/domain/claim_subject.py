"""What a statement speaks of: one file or the whole run, and perhaps one address family of it."""

import re
from typing import Any, NamedTuple, TypeVar

from runs.analysis.case import Case
from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import ConnectTry, CurlAttempt
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.facts.reachability import Ping

_IPV4 = re.compile(r"\d+(?:\.\d+){3}")
T = TypeVar("T", bound=Fact)


class Subject(NamedTuple):
    """One file, or ('') the whole run."""

    case: Case
    path: str
    held: dict[type[Fact], dict[str, list[Any]]]  # facts by type and file, filled as they are asked for
    family: int | None = None  # 4, 6: only what is of this family counts, of the kinds that have one

    def all(self, kind: type[T]) -> list[T]:
        """The facts of the kind that belong to it."""
        found = self._of_file(kind)
        return found if self.family is None else [fact for fact in found if family_of(fact) in (self.family, 0)]

    def tries(self) -> list[ConnectTry]:
        """The addresses that curl tried, of the family."""
        tries = [t for curl in self._of_file(CurlAttempt) for t in curl.tries]
        return [t for t in tries if self.family is None or _family(t.endpoint) == self.family]

    def _of_file(self, kind: type[T]) -> list[T]:
        if kind not in self.held:
            by_file: dict[str, list[Any]] = {"": self.case.all(kind)}
            for fact in by_file[""]:
                by_file.setdefault(fact.file, []).append(fact)
            self.held[kind] = by_file
        return self.held[kind].get(self.path, [])


def family_of(fact: Fact) -> int | None:
    """The family that a fact is of; 0 where its kind has none; None: of both, or not known."""
    if isinstance(fact, Conversation):
        return _family(fact.responder)
    if isinstance(fact, IcmpError):
        return fact.version
    if isinstance(fact, Ping):
        target = fact.target or ""
        return 6 if ":" in target else 4 if _IPV4.fullmatch(target) else None
    if isinstance(fact, CurlAttempt):
        families = {_family(fact.reached)} if fact.reached else {_family(t.endpoint) for t in fact.tries}
        return families.pop() if len(families) == 1 else None
    return 0


def _family(end: Endpoint) -> int:
    return 6 if ":" in end.address else 4

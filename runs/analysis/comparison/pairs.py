"""Attempts of both sides paired by their role: the same target in the same family, tried the same way, in the same order."""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from runs.analysis.facts.attempt import PHASES, Phase
from runs.analysis.report import AttemptRow

Key = Callable[[AttemptRow], Hashable]


class Pair(NamedTuple):
    """An attempt of the one side and its twin on the other; None: it has none."""

    left: AttemptRow | None
    right: AttemptRow | None

    @property
    def differs_at(self) -> str | None:
        """The first phase that both sides have and that went otherwise; None where none did, or one side was not observed."""
        if self.left is None or self.right is None:
            return None
        for name in PHASES:
            a, b = phase_of(self.left, name), phase_of(self.right, name)
            if a is not None and b is not None and {a.result, b.result} <= SEEN and _good(a) != _good(b):
                return name
        return None


SEEN = {"ok", "failed", "not_reached"}


def _good(phase: Phase) -> bool:
    return phase.result == "ok"


def phase_of(attempt: AttemptRow, name: str) -> Phase | None:
    """The phase of that name."""
    return next((p for p in attempt.phases if p.name == name), None)


def paired(left: Sequence[AttemptRow], right: Sequence[AttemptRow]) -> list[Pair]:
    """Pairs in the order of the left side; what has no twin stands alone, that of the right side last."""
    twins: dict[int, int] = {}
    for key in KEYS:
        waiting: dict[Hashable, list[int]] = {}
        for number, attempt in enumerate(right):
            if number not in twins.values():
                waiting.setdefault(key(attempt), []).append(number)
        for number, attempt in enumerate(left):
            if number not in twins and waiting.get(key(attempt)):
                twins[number] = waiting[key(attempt)].pop(0)
    made = [Pair(attempt, right[twins[n]] if n in twins else None) for n, attempt in enumerate(left)]
    return made + [Pair(None, attempt) for n, attempt in enumerate(right) if n not in twins.values()]


def _family(attempt: AttemptRow) -> str:
    return "6" if ":" in attempt.address else "4"


def _how(attempt: AttemptRow) -> str:
    """With what it was tried: 'curl --max-time 120', without the time of day."""
    what = attempt.note.params.get("what") if attempt.note else None
    return repr(what)


def _via(attempt: AttemptRow) -> str:
    return str(attempt.label.params.get("program", ""))


KEYS: tuple[Key, ...] = (
    lambda a: (_family(a), a.address, a.port, _via(a), _how(a), bool(a.conversations)),
    lambda a: (_family(a), a.address, a.port, _via(a), bool(a.conversations)),
    lambda a: (_family(a), a.address, a.port, _via(a)),
    lambda a: (_family(a), a.port, _via(a), a.name),
    lambda a: (_family(a), a.port, _via(a)),
)

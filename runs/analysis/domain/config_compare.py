"""Two sides of a configuration compared: only left, only right, changed, moved, and what cannot be compared.

Never 'the same' for want of a listing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from runs.analysis.domain.config_statements import ConfigStatement, Listing, listings
from runs.analysis.facts.base import Fact

Change = Literal["left", "right", "changed", "moved"]
Reason = Literal["left_missing", "right_missing", "partial", "ambiguous"]
MOST_ORDERED = 2_000  # rules of a chain that are held against each other in their order


class Difference(NamedTuple):
    """One setting that differs; of 'left' and 'right' the other side has none of it."""

    kind: str
    host: str
    subject: str
    change: Change
    left: ConfigStatement | None
    right: ConfigStatement | None


class Compared(NamedTuple):
    """A listing that both sides have, and what differs in it."""

    kind: str
    host: str
    left: Listing
    right: Listing
    differences: tuple[Difference, ...]


class NotComparable(NamedTuple):
    """A listing that cannot be compared: one side has none, one shows a part only, or several listings of it disagree."""

    kind: str
    host: str
    reason: Reason
    left: Listing | None
    right: Listing | None


class Comparison(NamedTuple):
    """Everything that was compared, and everything that was not, by kind and host."""

    compared: tuple[Compared, ...]
    not_comparable: tuple[NotComparable, ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        return tuple(d for one in self.compared for d in one.differences)


def compare(left: Iterable[Fact], right: Iterable[Fact]) -> Comparison:
    """The facts of two runs, or of two parts of one run.

    A host that one side names and the other does not is the same one where each side has one host only.
    """
    sides = _by_key(listings(left)), _by_key(listings(right))
    if all(len({host for _, host in side}) == 1 for side in sides):
        names = sorted({host for side in sides for _, host in side} - {""})
        if len(names) < 2:
            sides = tuple({(kind, names[0] if names else ""): own for (kind, _), own in side.items()} for side in sides)  # type: ignore[assignment]
    compared: list[Compared] = []
    unknown: list[NotComparable] = []
    for kind, host in dict.fromkeys([*sides[0], *sides[1]]):
        here, there = sides[0].get((kind, host), []), sides[1].get((kind, host), [])
        for one in _pairs(kind, host, here, there):
            (compared if isinstance(one, Compared) else unknown).append(one)  # type: ignore[arg-type]
    return Comparison(tuple(compared), tuple(unknown))


def _by_key(found: Sequence[Listing]) -> dict[tuple[str, str], list[Listing]]:
    held: dict[tuple[str, str], list[Listing]] = {}
    for one in found:
        held.setdefault((one.kind, one.host), []).append(one)
    return held


def _pairs(kind: str, host: str, left: Sequence[Listing], right: Sequence[Listing]) -> Iterator[Compared | NotComparable]:
    """Listings of one kind on both sides, by their command; the one without a fellow cannot be compared."""
    if not left or not right:
        reason: Reason = "right_missing" if left else "left_missing"
        yield NotComparable(kind, host, reason, left[0] if left else None, right[0] if right else None)
        return
    held = [_agreed(side) for side in (left, right)]
    lone = all(len(side) == 1 for side in held)  # one listing each: how the command is written does not matter
    commands = dict.fromkeys([*held[0], *held[1]])
    for command in [next(iter(held[0]))] if lone else commands:
        here = next(iter(held[0].values())) if lone else held[0].get(command, [])
        there = next(iter(held[1].values())) if lone else held[1].get(command, [])
        if not here or not there:
            reason = "right_missing" if here else "left_missing"
            yield NotComparable(kind, host, reason, here[0] if here else None, there[0] if there else None)
        elif len(here) > 1 or len(there) > 1:
            yield NotComparable(kind, host, "ambiguous", here[0], there[0])
        elif ((here[0].is_partial or there[0].is_partial) and here[0].command != there[0].command) or here[0].is_partial != there[
            0
        ].is_partial:
            yield NotComparable(kind, host, "partial", here[0], there[0])
        else:
            yield Compared(kind, host, here[0], there[0], tuple(_differences(here[0], there[0])))


def _agreed(side: Sequence[Listing]) -> dict[str, list[Listing]]:
    """The listings by command; repeated ones that say the same count once."""
    held: dict[str, list[Listing]] = {}
    for one in side:
        own = held.setdefault(one.command, [])
        said = [(s.subject, s.value) for s in one.statements]
        if all(said != [(s.subject, s.value) for s in other.statements] for other in own):
            own.append(one)
    return held


def _differences(left: Listing, right: Listing) -> Iterator[Difference]:
    by_subject: dict[str, tuple[list[ConfigStatement], list[ConfigStatement]]] = {}
    for index, listing in enumerate((left, right)):
        for statement in listing.statements:
            by_subject.setdefault(statement.subject, ([], []))[index].append(statement)
    for subject, (here, there) in by_subject.items():
        make = _ordered if left.is_ordered and not subject.endswith(" policy") else _unordered
        for change, one, other in make(here, there):
            yield Difference(left.kind, left.host, subject, change, one, other)


Change2 = tuple[Change, ConfigStatement | None, ConfigStatement | None]


def _unordered(here: Sequence[ConfigStatement], there: Sequence[ConfigStatement]) -> Iterator[Change2]:
    """What one side says and the other does not; one value each is one that changed."""
    only_here = _without(here, there)
    only_there = _without(there, here)
    if len(only_here) == len(only_there) == 1 and len(here) == len(there) == 1:
        yield "changed", only_here[0], only_there[0]
        return
    yield from (("left", one, None) for one in only_here)
    yield from (("right", None, one) for one in only_there)


def _without(some: Sequence[ConfigStatement], others: Sequence[ConfigStatement]) -> list[ConfigStatement]:
    left = Counter(one.value for one in others)
    kept = []
    for one in some:
        if left[one.value] > 0:
            left[one.value] -= 1
        else:
            kept.append(one)
    return kept


def _ordered(here: Sequence[ConfigStatement], there: Sequence[ConfigStatement]) -> Iterator[Change2]:
    """Rules of a chain: what came, went or changed in place; the same rule at another place moved."""
    if len(here) > MOST_ORDERED or len(there) > MOST_ORDERED:
        yield from _unordered(here, there)
        return
    gone: list[ConfigStatement] = []
    come: list[ConfigStatement] = []
    matcher = SequenceMatcher(None, [s.value for s in here], [s.value for s in there], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "replace" and b - a == d - c:
            for one, other in zip(here[a:b], there[c:d], strict=True):
                elsewhere = any(one.value == t.value for t in there) or any(other.value == h.value for h in here)
                if elsewhere:
                    gone.append(one)
                    come.append(other)
                else:
                    yield "changed", one, other
        elif tag != "equal":
            gone += here[a:b]
            come += there[c:d]
    for one in gone:
        twin = next((other for other in come if other.value == one.value), None)
        if twin is not None:
            come.remove(twin)
            yield "moved", one, twin
        else:
            yield "left", one, None
    yield from (("right", None, other) for other in come)

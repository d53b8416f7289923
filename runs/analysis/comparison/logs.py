"""Log templates that only one side has: lines that appear when it fails, or that are missing then."""

from typing import NamedTuple

from runs.analysis.comparison.sides import Side, base_name
from runs.analysis.facts.log import LEVELS, Log, LogTemplate

MOST_TEMPLATES = 20


class LogRow(NamedTuple):
    """A log of both sides (or of one): what only the one or the other says. None: that side has no such log."""

    name: str
    bad: Log | None
    good: Log | None
    appears: list[LogTemplate]
    vanishes: list[LogTemplate]


def log_rows(bad: Side, good: Side) -> list[LogRow]:
    """Logs paired by their path within the side, then by program."""
    left, right = _logs(bad), _logs(good)
    made: list[LogRow] = []
    for key in dict.fromkeys((*left, *right)):
        ours, theirs = left.get(key), right.get(key)
        known, others = _texts(theirs), _texts(ours)
        appears = [t for t in (ours.templates if ours else ()) if t.text not in known] if theirs else []
        vanishes = [t for t in (theirs.templates if theirs else ()) if t.text not in others] if ours else []
        made.append(LogRow(key, ours, theirs, _graver_first(appears), _graver_first(vanishes)))
    return made


def _logs(side: Side) -> dict[str, Log]:
    found: dict[str, Log] = {}
    for log in side.all(Log):
        name = side.relative(log.file) if not log.segment else f"{side.relative(log.file)}@{log.segment}"
        found.setdefault(name if side.part else base_name(name), log)
    return found


def _texts(log: Log | None) -> set[str]:
    return {t.text for t in log.templates} if log else set()


def _graver_first(templates: list[LogTemplate]) -> list[LogTemplate]:
    return sorted(templates, key=lambda t: (-LEVELS.index(t.level), -t.count))[:MOST_TEMPLATES]

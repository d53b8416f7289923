"""Logs: bounded facts about a log; its lines stand in the `events` table.

Columns of `events`: `wall_ns` (i8, of the file's clock face; NO_TIME where a line has none), `line` (u4), `offset` (u8, of the
line's first byte), `level` (u1, an index of LEVELS), `template` (u4, an index of the fact's `templates`; NO_TEMPLATE where that
template was not kept), `lane` (u2, an index of the metadata's `lanes`). Metadata: `zone` (as stated, or null), `has_date`,
`precision_ns`, `source` (what wrote the log), `lanes` (services or processes by name; '' where a log has one writer).
"""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact, WallWindow
from runs.analysis.messages import Message, message

NO_TIME = -(2**63)
NO_TEMPLATE = 2**32 - 1
LEVELS = ("unknown", "debug", "info", "notice", "warning", "error", "critical")
ERROR_LEVEL = LEVELS.index("error")


class LogTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that differ only in numbers, addresses and identifiers."""

    text: str  # with '<*>' for what varies
    count: int
    level: str  # the highest of its lines
    lines: tuple[int, ...]  # the first 20


class Log(Fact, frozen=True, kw_only=True):
    """A log file (or the part of a text that is one)."""

    evidence_name: ClassVar[Message] = message("evidence.log", en="a log of the daemon", ja="デーモンのログ")

    program: str | None = None  # the process, where all lines are of one
    entries: int = 0  # records; a stack trace is one
    levels: dict[str, int] = {}  # how many records of each level
    templates: tuple[LogTemplate, ...] = ()  # the most frequent and all of level warning and above, at most 500
    first_line: int = 1
    last_line: int = 1
    first_wall_ns: int | None = None
    last_wall_ns: int | None = None
    zone: str | None = None
    has_date: bool = True
    month_day: tuple[int, int] | None = None  # of the midnight that times count from, where the year alone is missing
    levels_stated: bool = False  # whether the log has levels of its own; else they come from words

    def wall_window(self) -> WallWindow | None:
        """See Fact."""
        if self.first_wall_ns is None or self.last_wall_ns is None:
            return None
        return WallWindow(self.first_wall_ns, self.last_wall_ns, self.zone, self.has_date, self.month_day)

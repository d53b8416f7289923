"""The `events` table and the Log fact of one log, filled record by record; memory grows by some 30 bytes a record."""

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np

from runs.analysis.columns import Table
from runs.analysis.domain.log_templates import Templates
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.log import LEVELS, NO_TEMPLATE, NO_TIME, Log

MAX_LANES = 1_000


class Events:
    """Collects the records of a log. `source` is what wrote it: 'macos_log', 'nginx_error' …"""

    def __init__(self, source: str) -> None:
        self.source = source
        self.templates = Templates()
        self.first_line = self.last_line = 0
        self._wall, self._line, self._offset = array("q"), array("I"), array("Q")
        self._level, self._template, self._lane = array("B"), array("I"), array("H")
        self._lanes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._line)

    @property
    def lanes(self) -> list[str]:
        """The services or processes so far, in the order of their first records."""
        return list(self._lanes)

    def add(self, line: int, offset: int, wall_ns: int, level: int, message: str, lane: str = "") -> None:
        """One record; `wall_ns` is NO_TIME where it has no time of its own. `lane`: the service or process that wrote it."""
        if not self._line:
            self.first_line = line
        self.last_line = line
        self._wall.append(wall_ns)
        self._line.append(line)
        self._offset.append(offset)
        self._level.append(level)
        self._template.append(self.templates.add(message, line, level))
        number = self._lanes.get(lane)
        if number is None:
            number = self._lanes.setdefault(lane if len(self._lanes) < MAX_LANES else "", len(self._lanes))
        self._lane.append(number)

    def goes_on(self, line: int, level: int = 0) -> None:
        """A line that belongs to the record before it; a level in it raises the record's."""
        self.last_line = line
        if self._level and level > self._level[-1]:
            self._level[-1] = level

    def finish(
        self,
        *,
        zone: str | None,
        has_date: bool = True,
        precision_ns: int = SECOND_NS,
        program: str | None = None,
        month_day: tuple[int, int] | None = None,
        levels_stated: bool,
    ) -> tuple[Log, Mapping[str, Table]]:
        """The Log fact, and its table by name."""
        kept, index = self.templates.finish()
        wall = np.frombuffer(self._wall, np.int64) if self._wall else np.empty(0, np.int64)
        numbers = np.frombuffer(self._template, np.uint32) if self._template else np.empty(0, np.uint32)
        level = np.frombuffer(self._level, np.uint8) if self._level else np.empty(0, np.uint8)
        mapping = np.full(int(numbers.max()) + 1 if len(numbers) else 1, NO_TEMPLATE, np.uint32)
        for number, at in index.items():
            if number < len(mapping):
                mapping[number] = at
        timed = wall[wall != NO_TIME]
        counts = np.bincount(level, minlength=len(LEVELS))
        meta: dict[str, Any] = {"zone": zone, "has_date": has_date, "precision_ns": precision_ns, "source": self.source}
        meta["lanes"] = list(self._lanes)
        table = Table(
            {
                "wall_ns": wall,
                "line": np.frombuffer(self._line, np.uint32) if self._line else np.empty(0, np.uint32),
                "offset": np.frombuffer(self._offset, np.uint64) if self._offset else np.empty(0, np.uint64),
                "level": level,
                "template": mapping[numbers],
                "lane": np.frombuffer(self._lane, np.uint16) if self._lane else np.empty(0, np.uint16),
            },
            meta,
        )
        log = Log(
            program=program,
            entries=len(self),
            levels={name: int(n) for name, n in zip(LEVELS, counts, strict=False) if n},
            templates=kept,
            first_line=self.first_line,
            last_line=self.last_line,
            first_wall_ns=int(timed.min()) if len(timed) else None,
            last_wall_ns=int(timed.max()) if len(timed) else None,
            zone=zone,
            has_date=has_date,
            month_day=month_day,
            levels_stated=levels_stated,
        )
        return log, {"events": table}

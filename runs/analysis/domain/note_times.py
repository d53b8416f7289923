"""Times in sentences, also fuzzy and relative ones: '23:26頃', '約30分後', 'about half an hour later', 'after 20 minutes'."""

import re

from runs.analysis.domain.times import DAY_NS, find_span
from runs.analysis.facts.base import SECOND_NS, Stamp
from runs.analysis.facts.notes import NoteTime

MAX_TIMES = 1_000
_COLONS = re.compile(r"[\w.]*[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){3,}[\w.%/]*")  # MAC and IPv6 addresses
_UNITS = {
    "秒": 1,
    "分": 60,
    "時間": 3600,
    "日": 86_400,
    "second": 1,
    "sec": 1,
    "minute": 60,
    "min": 60,
    "hour": 3600,
    "day": 86_400,
}
_RELATIVE = re.compile(
    r"(?P<about>約|およそ|about |around |some |roughly )?"
    r"(?:(?P<number>\d{1,5})\s?(?P<unit>秒|分|時間|日)(?P<half>半)?(?P<about_after>ほど|くらい|程度)?(?:後|経過)"
    r"|(?P<n>\d{1,5}|an?|half an) (?P<word>second|sec|minute|min|hour|day)s? (?:later|after(?:wards)?)\b"
    r"|after (?:about |around )?(?P<n_after>\d{1,5}|an?|half an) (?P<word_after>second|sec|minute|min|hour|day)s?\b)",
    re.IGNORECASE,
)


class NoteTimes:
    """Collects the times of one note; a relative time counts from the last one that was written out."""

    def __init__(self) -> None:
        self.found: list[NoteTime] = []
        self._day: int | None = None
        self._last: Stamp | None = None

    def read(self, text: str, line: int) -> None:
        """Look at a line."""
        if len(self.found) >= MAX_TIMES:
            return
        text = _COLONS.sub(" ", text)
        span = find_span(text)
        if span is not None:
            for stamp in (span.start, span.end):
                if stamp is not None:
                    self._written(stamp, span.text, line)
        for match in _RELATIVE.finditer(text):
            self._relative(match, line)

    def _written(self, stamp: Stamp, text: str, line: int) -> None:
        if stamp.has_date:
            self._day = stamp.wall_ns // DAY_NS * DAY_NS
        elif self._day is not None:
            wall = stamp.wall_ns + self._day
            if self._last is not None and wall < self._last.wall_ns - DAY_NS // 2:
                wall, self._day = wall + DAY_NS, self._day + DAY_NS  # a log goes on past midnight
            stamp = Stamp(wall, stamp.zone, True, stamp.precision_ns, stamp.approximate)
        if stamp.precision_ns < DAY_NS:
            self._last = stamp
            self.found.append(NoteTime(line, text[:100], stamp))

    def _relative(self, match: re.Match[str], line: int) -> None:
        unit = _UNITS[(match["unit"] or match["word"] or match["word_after"]).lower()] * SECOND_NS
        written = (match["number"] or match["n"] or match["n_after"]).lower()
        amount = unit // 2 if written == "half an" else unit if written in ("a", "an") else int(written) * unit
        amount += unit // 2 if match["half"] else 0
        if amount > 3_650 * DAY_NS:
            return
        stamp = None
        if self._last is not None:
            last = self._last
            stamp = Stamp(last.wall_ns + amount, last.zone, last.has_date, max(unit, last.precision_ns), True)
        self.found.append(NoteTime(line, match[0].strip(), stamp, amount))

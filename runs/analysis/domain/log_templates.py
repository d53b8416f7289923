"""Lines that differ only in numbers, addresses, identifiers and quoted words become one template; counted in bounded memory.

Source of the idea: P. He et al., 'Drain: an online log parsing approach with fixed depth tree' (2017); here the variable parts are
recognised by their form alone, so that a line's template depends on nothing but the line.
"""

import re
from typing import Any

from runs.analysis.facts.log import LEVELS, LogTemplate

MAX_TEMPLATES = 5_000  # distinct ones that are counted; further ones share OTHER
MAX_KEPT = 500
MAX_LINES = 20
MESSAGE_CHARACTERS = 400  # only so much of a message decides its template
OTHER = "<*>"
_CACHE_SIZE = 20_000
_DIGITS = re.compile(r"\d+")
_VARIABLE = re.compile(
    r'"[^"\s]{0,200}"|"[A-Z]{3,8} [^"\s]{1,2000} HTTP/[^"]{1,8}"'  # a quoted sentence is a message: its words stay
    r"|'[^'\s]{0,200}'(?!\w)"
    r"|(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
    r"|0x[0-9A-Fa-f]+"
    r"|(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,15}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])(?:%\w+)?(?:/\d+)?"
    r"|(?<![0-9A-Za-z_])(?=[A-Fa-f]{0,40}\d)[0-9A-Fa-f]{6,64}(?![0-9A-Za-z_])"
    r"|(?<![A-Za-z_\d])[+-]?\d+(?:[.:,/-]\d+)*"
)
_KEYED = re.compile(r"<\*>(?:[,./:-]?<\*>)+")


def template_of(message: str) -> str:
    """The template of a message: '<*>' stands for what varies."""
    return _KEYED.sub("<*>", _VARIABLE.sub("<*>", message[:MESSAGE_CHARACTERS]))


class Templates:
    """Counts templates. `add` gives a number that `finish` maps to the index in its list."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._rough: dict[str, int] = {}
        self._count: list[int] = []
        self._level: list[int] = []
        self._lines: list[list[int]] = []

    def add(self, message: str, line: int, level: int) -> int:
        """Count one record; returns its template's number."""
        rough = _DIGITS.sub("0", message[:MESSAGE_CHARACTERS])
        number = self._rough.get(rough)
        if number is None:
            number = self._new(template_of(message))
            if len(self._rough) >= _CACHE_SIZE:
                self._rough.clear()
            self._rough[rough] = number
        self._count[number] += 1
        if level > self._level[number]:
            self._level[number] = level
        lines = self._lines[number]
        if len(lines) < MAX_LINES:
            lines.append(line)
        return number

    def _new(self, text: str) -> int:
        known = self._number.get(text)
        if known is None:
            if len(self._number) >= MAX_TEMPLATES:
                text = OTHER
                if (known := self._number.get(text)) is not None:
                    return known
            known = self._number[text] = len(self._count)
            self._count.append(0)
            self._level.append(0)
            self._lines.append([])
        return known

    def finish(self) -> tuple[tuple[LogTemplate, ...], dict[int, int]]:
        """The kept templates, most frequent first, all of level warning and above before others; and number → index of the kept."""
        warning = LEVELS.index("warning")
        texts = {number: text for text, number in self._number.items()}
        order: list[Any] = sorted(texts, key=lambda n: (self._level[n] < warning, -self._count[n], n))[:MAX_KEPT]
        order.sort(key=lambda n: (-self._count[n], n))
        kept = tuple(
            LogTemplate(text=texts[n], count=self._count[n], level=LEVELS[self._level[n]], lines=tuple(self._lines[n]))
            for n in order
        )
        return kept, {number: index for index, number in enumerate(order)}

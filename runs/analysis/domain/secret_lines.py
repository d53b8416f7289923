"""Search a text for secrets, line by line and bounded, to say that they are there. What stands for a removed secret is none."""

import re

from runs.analysis.domain.secrets import PrivateKeys, find
from runs.analysis.facts.secret import ExposedSecrets
from runs.analysis.source import Source

_REMOVED = re.compile(
    r"""["']?(?:[*x•●.…_-]{2,}|.*(?:redact|mask|hidden|removed|omitted|伏|省略|削除|非公開).*|[<\[({].*|(?-i:\$(?:\{?[A-Z_][A-Z0-9_]*\}?)?)|none|null|n/a)["']?\W*""",
    re.IGNORECASE,
)
MOST_LINES = 50
MOST_SEARCHED = 200_000


def exposed_secrets(source: Source) -> ExposedSecrets:
    """The lines with a secret: the first 50 within the first 200,000 lines."""
    lines: list[int] = []
    keys = PrivateKeys()
    for searched, line in enumerate(source.lines(), 1):
        if searched > MOST_SEARCHED or len(lines) == MOST_LINES:
            return ExposedSecrets(lines=tuple(lines), more=True)
        if keys.hides(line.text) or _exposed(line.text):
            lines.append(line.number)
    return ExposedSecrets(lines=tuple(lines))


def _exposed(text: str) -> bool:
    return any(not _REMOVED.fullmatch(text[span.start : min(span.end, span.start + 200)]) for span in find(text))

"""Search a text for secrets, line by line and bounded, to say that they are there."""

from runs.analysis.domain.secrets import PrivateKeys, find
from runs.analysis.facts.secret import ExposedSecrets
from runs.analysis.source import Source

MOST_LINES = 50
MOST_SEARCHED = 200_000


def exposed_secrets(source: Source) -> ExposedSecrets:
    """The lines with a secret: the first 50 within the first 200,000 lines."""
    lines: list[int] = []
    keys = PrivateKeys()
    for searched, line in enumerate(source.lines(), 1):
        if searched > MOST_SEARCHED or len(lines) == MOST_LINES:
            return ExposedSecrets(lines=tuple(lines), more=True)
        if keys.hides(line.text) or find(line.text):
            lines.append(line.number)
    return ExposedSecrets(lines=tuple(lines))

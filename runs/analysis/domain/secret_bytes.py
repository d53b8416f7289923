"""Secrets in bytes that are read as text: where they stand, also where a part of the bytes is missing."""

from runs.analysis.domain.secrets import PrivateKeys, find


def hidden_spans(data: bytes, breaks: list[int] | None = None) -> list[tuple[int, int, str]]:
    """Start, end and words of each secret in bytes of text; behind a break where one stood, also what may be the rest of it."""
    text = data.decode("latin-1")
    keys, found, at = PrivateKeys(), list[tuple[int, int, str]](), 0
    for line in text.split("\n"):
        if keys.hides(line):
            found.append((at, at + len(line), line))
        else:
            found += ((at + a, at + b, line[a:b]) for a, b in find(line))
        at += len(line) + 1
    ends = {end for _, end, _ in found}
    for place in breaks or ():
        if place in ends or any(a < place < b for a, b, _ in found):
            stop = next((n for n in range(place, len(text)) if text[n].isspace()), len(text))
            if stop > place:
                found.append((place, stop, text[place:stop]))
    return _joined(sorted(found))


def _joined(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Overlapping spans as one."""
    made: list[tuple[int, int, str]] = []
    for start, end, secret in spans:
        if made and start < made[-1][1]:
            if end > made[-1][1]:
                made[-1] = (made[-1][0], end, made[-1][2] + secret[made[-1][1] - start :])
        else:
            made.append((start, end, secret))
    return made

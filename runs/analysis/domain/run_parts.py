"""Two parts of one run that were taken to be compared: folders or file names such as `ok/` and `ng/`, before and after, 成功 and 失敗."""

import re
from collections.abc import Iterable

PAIRS = (
    ("ok", "ng"), ("good", "bad"), ("pass", "fail"), ("success", "failure"), ("success", "fail"), ("working", "broken"),
    ("before", "after"), ("pre", "post"), ("old", "new"), ("成功", "失敗"), ("成功時", "失敗時"), ("正常", "異常"), ("正常時", "異常時"),
    ("正常時", "障害時"), ("変更前", "変更後"), ("作業前", "作業後"), ("前", "後"),
)  # fmt: skip
_APART = re.compile(r"[^0-9A-Za-z\u3040-\u30ff\u3400-\u9fff]+")


def words(path: str) -> list[str]:
    """The words of a path without its last extension, in lower case, outermost folder first."""
    head, dot, tail = path.rpartition(".")
    return [w for w in _APART.split((head if dot and "/" not in tail else path).lower()) if w]


def parts(paths: Iterable[str]) -> tuple[str, str, dict[str, int]] | None:
    """(name of the first part, of the second, {path: 0 or 1}): the pair that most paths belong to; None where no pair has both sides."""
    split = {path: words(path) for path in paths}
    best: tuple[int, tuple[str, str], dict[str, int]] | None = None
    for pair in PAIRS:
        held = {path: next((pair.index(w) for w in own if w in pair), None) for path, own in split.items()}
        known = {path: side for path, side in held.items() if side is not None}
        if set(known.values()) == {0, 1} and (best is None or len(known) > best[0]):
            best = (len(known), pair, known)
    return None if best is None else (*best[1], best[2])

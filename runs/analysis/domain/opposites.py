"""Folders of one run that hold the same evidence from two moments: when it worked and when it did not."""

from collections.abc import Iterable

OPPOSITES = (
    ("ok", "ng"), ("good", "bad"), ("before", "after"), ("success", "failure"), ("success", "fail"), ("working", "broken"),
    ("healthy", "broken"), ("pass", "fail"), ("成功", "失敗"), ("正常", "異常"), ("成功時", "失敗時"), ("正常時", "異常時"), ("変更前", "変更後"),
)  # fmt: skip


def opposite_parts(paths: Iterable[str]) -> tuple[str, str] | None:
    """The two top folders with opposite names, the one that is meant to work first; None where there are none."""
    folders = {name.lower(): name for path in paths if "/" in path and (name := path.partition("/")[0])}
    return next(((folders[a], folders[b]) for a, b in OPPOSITES if a in folders and b in folders), None)

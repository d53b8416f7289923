"""From a file name as people write it to the file of the bundle that they mean."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from posixpath import basename, dirname, join, normpath


def resolve(named: str, mentioned_in: str, paths: Iterable[str]) -> str | None:
    """The path that a name means: beside the file that mentions it, else from the bundle's top, else the only one so called."""
    known, by_name = _index(tuple(paths))
    wanted = named.strip().strip("`'\"").removeprefix("./")
    if not wanted or wanted.startswith("/"):
        wanted = basename(wanted)
    for candidate in (normpath(join(dirname(mentioned_in), wanted)), normpath(wanted)):
        if candidate in known:
            return candidate
    same_name = by_name.get(basename(wanted), ())
    return same_name[0] if len(same_name) == 1 and "/" not in wanted else None


@lru_cache(maxsize=4)
def _index(paths: tuple[str, ...]) -> tuple[frozenset[str], Mapping[str, Sequence[str]]]:
    """The paths of a bundle, and those of each base name: a table asks for the same bundle thousands of times."""
    by_name: dict[str, list[str]] = {}
    for path in dict.fromkeys(paths):
        by_name.setdefault(basename(path), []).append(path)
    return frozenset(paths), by_name

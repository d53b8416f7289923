"""From a file name as people write it to the file of the bundle that they mean."""

from collections.abc import Iterable
from posixpath import basename, dirname, join, normpath


def resolve(named: str, mentioned_in: str, paths: Iterable[str]) -> str | None:
    """The path that a name means: beside the file that mentions it, else from the bundle's top, else the only one so called."""
    paths = set(paths)
    wanted = named.strip().strip("`'\"").removeprefix("./")
    if not wanted or wanted.startswith("/"):
        wanted = basename(wanted)
    for candidate in (normpath(join(dirname(mentioned_in), wanted)), normpath(wanted)):
        if candidate in paths:
            return candidate
    same_name = [p for p in paths if basename(p) == basename(wanted)]
    return same_name[0] if len(same_name) == 1 and "/" not in wanted else None

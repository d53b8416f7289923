"""Reads a folder on disk: regular files only, no link followed, nothing opened that could block."""

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from runs.analysis.bundle.entries import LINK, SPECIAL, UNREADABLE, Found
from runs.analysis.bundle.limits import Budget, MemberError
from runs.analysis.bundle.names import TOO_DEEP
from runs.analysis.messages import Text, plain


def open_regular(path: Path) -> io.FileIO:
    """The file's bytes. Raises MemberError where it is no regular file (any more) or cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise MemberError(UNREADABLE(reason=plain(os.strerror(error.errno or 0)))) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise MemberError(SPECIAL())
    return io.FileIO(handle, "rb")


class FolderReader:
    """Yields the files below a folder, sorted by name within each folder, files before folders."""

    def __init__(self, root: Path, budget: Budget) -> None:
        self._root, self._budget, self._limits = root, budget, budget.limits
        self.problems: list[Text] = []

    def found(self) -> Iterator[Found]:
        """Each file once; what cannot be listed is found as refused."""
        yield from self._below(self._root, b"", 0)

    def _counted(self, entry: "os.DirEntry[str]") -> "os.DirEntry[str]":
        self._budget.take_entry()  # while listing: a folder of millions is refused before it is sorted
        return entry

    def _below(self, folder: Path, prefix: bytes, depth: int) -> Iterator[Found]:
        try:
            with os.scandir(folder) as scan:
                entries = sorted(map(self._counted, scan), key=lambda e: (e.is_dir(follow_symlinks=False), os.fsencode(e.name)))
        except OSError as error:
            yield Found(prefix.rstrip(b"/") or b"?", refusal=UNREADABLE(reason=plain(os.strerror(error.errno or 0))))
            return
        for entry in entries:
            path, name = Path(entry.path), prefix + os.fsencode(entry.name)
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                if depth >= self._limits.max_depth:
                    yield Found(name, refusal=TOO_DEEP(depth=depth + 1, most=self._limits.max_depth))
                else:
                    yield from self._below(path, name + b"/", depth + 1)
            elif stat.S_ISREG(mode):
                size = entry.stat(follow_symlinks=False).st_size
                yield Found(name, size, lambda path=path: open_regular(path), local=path)  # type: ignore[misc]
            else:
                yield Found(name, refusal=LINK() if stat.S_ISLNK(mode) else SPECIAL())


class FileReader:
    """A single file as a bundle of one."""

    def __init__(self, path: Path, name: str, size_bytes: int) -> None:
        self._path, self._name, self._size_bytes = path, name, size_bytes
        self.problems: list[Text] = []

    def found(self) -> Iterator[Found]:
        """The file."""
        yield Found(os.fsencode(self._name), self._size_bytes, lambda: open_regular(self._path), local=self._path)

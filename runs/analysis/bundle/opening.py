"""Opens a folder, an archive or a single file as a bundle. Content decides what it is; a name never does.

An archive is known by its first bytes: a zip's local header, or a tar's (as it stands or gzip, bzip2, xz or zstd compressed).
A file that begins as something else and ends as a zip (a polyglot) is that something else, and the bundle says so: readers of
captures and logs start at the first byte too, so what they show is what was judged. An archive inside an archive stays a file.
"""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Self

from runs.analysis.bundle import names
from runs.analysis.bundle.entries import Entry, Found, Member, Reader, Refused
from runs.analysis.bundle.folder import FileReader, FolderReader, open_regular
from runs.analysis.bundle.limits import ArchiveStream, Budget, BundleError, FileStream, Limits, MemberError
from runs.analysis.bundle.streams import StreamError, decompressed, read_up_to
from runs.analysis.bundle.tar_archive import BLOCK_BYTES, TarReader, looks_like_tar
from runs.analysis.bundle.zip_archive import ZipReader
from runs.analysis.bundle.zip_directory import CENTRAL, END, LOCAL, find_directory
from runs.analysis.messages import Text, message, plain

CANNOT_OPEN = message("bundle.cannot_open", en="{name}: cannot be opened ({reason}).", ja="{name}: 開けない ({reason})。")
NO_BUNDLE = message(
    "bundle.no_bundle", en="{name}: neither a folder nor a regular file.", ja="{name}: フォルダでも通常ファイルでもない。"
)
POLYGLOT = message(
    "bundle.polyglot",
    en="{name} also ends as a zip archive ({count:count} {count:plural:member|members}). Its first bytes are something else, "
    "so it is read as one file and the archive is not opened.",
    ja="{name} は末尾が zip 書庫 ({count:count} 項目) でもある。先頭は別の形式なので、書庫ではなく 1 個のファイルとして読む。",
)
RENAMED = message(
    "bundle.renamed",
    en="Another file of the bundle is named {name} too; this one is numbered.",
    ja="同じ名前 {name} のファイルが束に複数あるため番号を付けた。",
)
LITTER = message(
    "bundle.litter",
    en="{count:count} {count:plural:file|files} that macOS adds by itself (.DS_Store, ._*, __MACOSX) "
    "{count:plural:is|are} left out.",
    ja="macOS が自動で付ける {count:count} ファイル (.DS_Store, ._*, __MACOSX) は取り込まない。",
)
LOOK_ALIKE = message(
    "bundle.look_alike",
    en="These names differ only in case or in Unicode form; they are different files: {names:list}.",
    ja="大文字小文字または Unicode の正規化だけが違う名前がある。別々のファイルとして扱う: {names:list}。",
)
MOST_LOOK_ALIKES = 20


class Bundle:
    """An open bundle: `entries()` once through, then `problems`. Close it, or use it as a context manager."""

    def __init__(
        self, name: str, form: Literal["folder", "archive", "file"], reader: Reader, budget: Budget, closing: ExitStack
    ) -> None:
        self.name, self.form = name, form
        self._reader, self._budget, self._closing = reader, budget, closing
        self._problems: list[Text] = []
        self._taken: dict[str, int] = {}
        self._alike: dict[str, list[str]] = {}
        self._litter_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files that were opened."""
        self._closing.close()

    @property
    def problems(self) -> list[Text]:
        """What is to be said of the bundle as a whole; complete when all entries were read."""
        return self._reader.problems + self._problems

    def entries(self) -> Iterator[Entry]:
        """Every member in its order, as one to read or as refused by name. Raises BundleError where the whole is refused."""
        for found in self._reader.found():
            entry = self._judged(found)
            if entry is not None:
                yield entry
        if self._litter_count:
            self._problems.append(LITTER(count=self._litter_count))
        for alike in [paths for paths in self._alike.values() if len(paths) > 1][:MOST_LOOK_ALIKES]:
            self._problems.append(LOOK_ALIKE(names=[plain(names.shown_name(path)) for path in alike]))

    def _judged(self, found: Found) -> Entry | None:
        name = names.decode_name(found.raw_name)
        if found.backslashes and "/" not in name:
            name = name.replace("\\", "/")
            if name.endswith("/") and not found.size_bytes:
                return None
        whole, refusal = names.checked(name, self._budget.limits)
        refusal = refusal or found.refusal
        if refusal is None and names.is_litter(whole):
            self._litter_count += 1
            return None
        listed, remark = names.shortened(whole, self._budget.limits.max_name_bytes)
        path = names.numbered(listed, self._taken)
        if refusal is not None:
            return Refused(path, refusal)
        self._alike.setdefault(names.look_alike_key(path), []).append(path)
        inner, packed = found.open, found.packed_bytes
        assert inner is not None
        if path != listed:
            remark = RENAMED(name=names.shown_name(listed))
        return Member(path, found.size_bytes, lambda: FileStream(inner(), self._budget, packed), found.local, remark)


def open_bundle(path: Path, limits: Limits, *, name: str | None = None, budget: Budget | None = None) -> Bundle:
    """A bundle from a folder, an archive or a single file. `name`: the uploaded name, where `path` is a temporary one.

    `budget`: one account for several bundles. Raises BundleError; its sentence names no folder of this machine.
    """
    name = name or names.shown_name(names.decode_name(os.fsencode(path.resolve().name)))
    budget = budget or Budget(limits)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return Bundle(name, "folder", FolderReader(path, budget), budget, ExitStack())
        if not stat.S_ISREG(mode):
            raise BundleError(NO_BUNDLE(name=name))
        file = open_regular(path.resolve())
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else type(error).__name__
        raise BundleError(CANNOT_OPEN(name=name, reason=plain(reason))) from error
    except MemberError as error:
        raise BundleError(CANNOT_OPEN(name=name, reason=error.text)) from error
    with ExitStack() as closing:
        closing.enter_context(file)
        reader = _archive_reader(file, budget)
        if reader is not None:
            return Bundle(names.bundle_name(name), "archive", reader, budget, closing.pop_all())
        single = FileReader(path.resolve(), name, path.stat().st_size)
        remark = _polyglot(file, name)
        if remark is not None:
            single.problems.append(remark)
        return Bundle(names.bundle_name(Path(name).stem or name), "file", single, budget, closing.pop_all())


def is_archive(path: Path) -> bool:
    """Whether the file's content is an archive that `open_bundle` would look into."""
    with io.FileIO(path) as file:
        return _archive_reader(file, Budget(Limits())) is not None


def _archive_reader(file: io.FileIO, budget: Budget) -> Reader | None:
    file_bytes = os.fstat(file.fileno()).st_size
    head = file.read(BLOCK_BYTES)
    file.seek(0)
    if head.startswith((LOCAL, END)):
        return ZipReader(file, file_bytes, budget)
    if looks_like_tar(head):
        return TarReader(ArchiveStream(file, budget, file_bytes), budget)
    probe = decompressed(head, file)
    if probe is None:
        return None
    try:
        block = read_up_to(probe, BLOCK_BYTES)
    except StreamError:
        block = b""
    file.seek(0)
    if not looks_like_tar(block):
        return None
    stream = decompressed(head, file)
    assert stream is not None
    return TarReader(ArchiveStream(stream, budget, file_bytes), budget)


def polyglot(path: Path, name: str) -> Text | None:
    """A remark on a single file that is a zip as well, which is not opened; None for every other file."""
    with io.FileIO(path) as file:
        return _polyglot(file, name)


def _polyglot(file: io.FileIO, name: str) -> Text | None:
    directory = find_directory(file, os.fstat(file.fileno()).st_size)
    if directory is None:
        return None
    file.seek(directory.at)
    return POLYGLOT(name=name, count=directory.entry_count) if file.read(4) == CENTRAL else None

"""A bundle's files as files on this machine, for a command that reads them and goes: folders in place, archives spooled."""

import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from runs.analysis.bundle import names
from runs.analysis.bundle.entries import Member, Refused
from runs.analysis.bundle.folder import open_regular
from runs.analysis.bundle.limits import Limits, MemberError
from runs.analysis.bundle.opening import Bundle, open_bundle
from runs.analysis.bundle.spool import copy_hashed, spool
from runs.analysis.messages import Text


@dataclass(frozen=True)
class LocalFile:
    """One file of the bundle: its path there, and where its bytes lie meanwhile."""

    path: str
    local: Path
    size_bytes: int
    sha256: str
    remark: Text | None = None


@dataclass(frozen=True)
class LocalBundle:
    """A whole bundle. An archive that holds one folder is that folder: paths do not repeat its name."""

    name: str
    files: list[LocalFile] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    problems: list[Text] = field(default_factory=list)


@contextmanager
def local_files(path: Path, limits: Limits) -> Iterator[LocalBundle]:
    """The files of a folder, archive or single file. Temporary ones are gone afterwards, after an error or SIGTERM too.

    What lies on disk already is not copied, so only the limits of count, depth and name hold for it. Raises BundleError.
    """
    with _terminated_by_exception(), open_bundle(path, limits) as bundle:
        if bundle.form != "archive":
            yield _read(bundle, None)
            return
        directory = Path(tempfile.mkdtemp(prefix="konseki-"))
        try:
            yield _without_common_folder(_read(bundle, directory))
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def _read(bundle: Bundle, directory: Path | None) -> LocalBundle:
    files: list[LocalFile] = []
    refused: list[Refused] = []
    for entry in bundle.entries():
        if isinstance(entry, Refused):
            refused.append(entry)
            continue
        try:
            files.append(_local(entry, directory, len(files)))
        except MemberError as error:
            refused.append(Refused(entry.path, error.text))
    return LocalBundle(bundle.name, files, refused, bundle.problems)


def _local(member: Member, directory: Path | None, number: int) -> LocalFile:
    if directory is None:
        assert member.local is not None
        with open_regular(member.local) as file:
            sha256, size_bytes = copy_hashed(file, None)
        return LocalFile(member.path, member.local, size_bytes, sha256, member.remark)
    stored = spool(member, directory / str(number))
    return LocalFile(member.path, stored.path, stored.size_bytes, stored.sha256, member.remark)


def _without_common_folder(bundle: LocalBundle) -> LocalBundle:
    folder = names.common_folder([file.path for file in bundle.files], [one.path for one in bundle.refused])
    if not folder:
        return bundle
    files = [LocalFile(f.path.removeprefix(folder), f.local, f.size_bytes, f.sha256, f.remark) for f in bundle.files]
    refused = [Refused(names.below(folder, r.path), r.message) for r in bundle.refused]
    return LocalBundle(bundle.name, files, refused, bundle.problems)


@contextmanager
def _terminated_by_exception() -> Iterator[None]:
    """SIGTERM ends the block by SystemExit, so that what is temporary is removed; only where nobody else handles the signal."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if ours:
        signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

"""Named objects on Django's storage: a folder, whose files are used where they lie, or a remote store with a local cache.

An object is written whole or not at all, and never changed afterwards: its name tells its content.
"""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage

CACHE_BYTES = 20 << 30  # of local copies of remote objects; the oldest make room
CACHE_GRACE_SECONDS = 600  # a copy used this recently stays: somebody is about to open it
TEMPORARY_SECONDS = 24 * 3600  # an upload that wrote nothing for so long is over


def new_temporary(suffix: str = "") -> Path:
    """A path for a new temporary file beside the storage, so that keeping the file is a rename. The caller creates it."""
    folder = Path(settings.INCOMING_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{secrets.token_hex(16)}{suffix}"


def put(path: Path, name: str) -> None:
    """Move a local file into the storage under the name; it appears there whole. An object of that name has the same content."""
    target = _folder_path(name)
    if target is not None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o600)
        path.replace(target)
        return
    if not _storage().exists(name):
        with path.open("rb") as file:
            _storage().save(name, File(file))
    path.unlink()


def put_bytes(data: bytes, name: str) -> None:
    """Write bytes into the storage under the name."""
    path = new_temporary()
    path.write_bytes(data)
    put(path, name)


def exists(name: str) -> bool:
    """Whether there is an object of this name."""
    return _storage().exists(name)


def local_path(name: str) -> Path:
    """A local file with the object's bytes, to be opened soon. Raises FileNotFoundError where there is no such object."""
    target = _folder_path(name)
    if target is not None:
        if not target.is_file():
            raise FileNotFoundError(name)
        return target
    cached = _cache() / name
    try:
        os.utime(cached)
    except FileNotFoundError:
        _fetch(name, cached)
    return cached


def read(name: str) -> bytes | None:
    """An object's bytes, or None where there is no such object."""
    try:
        return local_path(name).read_bytes()
    except FileNotFoundError:
        return None


def delete_folder(prefix: str) -> None:
    """Delete all objects below the prefix, and the prefix itself. What is mapped somewhere stays readable there."""
    for name in list(walk(prefix)):
        delete(name)
    top = _folder_path(prefix)
    if top is not None:
        for folder, _, _ in os.walk(top, topdown=False):
            with suppress(OSError):  # somebody has just put something there: it stays
                Path(folder).rmdir()


def delete(name: str) -> None:
    """Delete an object, and the local copy of it; nothing happens where there is none."""
    _storage().delete(name)
    if _folder_path(name) is None:
        (_cache() / name).unlink(missing_ok=True)


def folders(prefix: str) -> list[str]:
    """The names of the folders right below the prefix."""
    return _list(prefix)[0]


def walk(prefix: str) -> Iterator[str]:
    """The names of all objects below the prefix."""
    inner, files = _list(prefix)
    yield from (f"{prefix}/{file}" for file in files)
    for folder in inner:
        yield from walk(f"{prefix}/{folder}")


def age_seconds(name: str) -> float:
    """Seconds since the object was written; 0 where it is gone."""
    try:
        return time.time() - _storage().get_modified_time(name).timestamp()
    except FileNotFoundError:
        return 0.0


def sweep_temporaries(older_than_seconds: float = TEMPORARY_SECONDS) -> int:
    """Remove what uploads left behind that ended in the middle; returns how many files."""
    folder, now, count = Path(settings.INCOMING_DIR), time.time(), 0
    for path in folder.rglob("*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.is_file() and now - path.stat().st_mtime > older_than_seconds:
                path.unlink()
                count += 1
    return count


def evict(bound_bytes: int = CACHE_BYTES) -> int:
    """Remove the local copies that were not used for longest until the rest is within the bound; returns how many."""
    copies, now, count = [], time.time(), 0
    folder = _cache()
    for path in folder.rglob("*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            status = path.stat()
            if path.is_file():
                copies.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in copies)
    for used_at, size, path in sorted(copies):
        if total <= bound_bytes or now - used_at < CACHE_GRACE_SECONDS:
            break
        path.unlink(missing_ok=True)
        total, count = total - size, count + 1
    return count


def _storage() -> Storage:
    return default_storage


def _folder_path(name: str) -> Path | None:
    """Where the object lies if the storage is a folder; None if it is not."""
    try:
        return Path(_storage().path(name))
    except NotImplementedError:
        return None


def _cache() -> Path:
    return Path(settings.LOCAL_CACHE_DIR)


def _list(prefix: str) -> tuple[list[str], list[str]]:
    try:
        inner, files = _storage().listdir(prefix)
    except FileNotFoundError:
        return [], []
    return inner, files


def _fetch(name: str, target: Path) -> None:
    """Copy a remote object into the cache: to a temporary name first, so that readers see all of it or none."""
    evict()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.parent / f".{secrets.token_hex(8)}"
    try:
        with _storage().open(name, "rb") as remote, part.open("wb") as local:
            for chunk in File(remote).chunks(1 << 20):
                local.write(chunk)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)

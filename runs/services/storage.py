"""What is kept by content: evidence by its SHA-256, and what parsing it gave by SHA-256, kind and parser version.

blobs/ab/abcd…                                    the bytes as uploaded
artefacts/ab/abcd…/capture-v3/result.json         a FileResult, written last: where it stands, the tables do too
artefacts/ab/abcd…/capture-v3/packets.columns     a table
"""

import hashlib
import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db import transaction
from django.utils import timezone

from runs.analysis import columns, pipeline, registry
from runs.analysis.columns import Table
from runs.analysis.pipeline import FileResult
from runs.models import Blob, EvidenceFile
from runs.services import objects

BLOB_GRACE = timedelta(hours=1)  # bytes without a file are kept this long: an upload may be about to name them
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*(@\d+)?\Z")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.get_fixed_timezone(0))


def blob_name(sha256: str) -> str:
    """The name of a blob in the storage."""
    return f"blobs/{sha256[:2]}/{sha256}"


def keep_blob(path: Path, sha256: str, size_bytes: int) -> Blob:
    """Move a temporary file (of `objects.new_temporary`) into the storage as the blob of its content.

    The caller computed the hash and the size while writing. Bytes that are there already are not written again.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())
    with transaction.atomic():
        # The row comes first and stays locked until the bytes are there, so that a collection cannot come between.
        blob, _ = Blob.objects.update_or_create(sha256=sha256, defaults={"size_bytes": size_bytes, "stored_at": timezone.now()})
        if objects.exists(blob_name(sha256)):
            path.unlink()
        else:
            objects.put(path, blob_name(sha256))
    return blob


def keep_bytes(data: bytes) -> Blob:
    """Keep bytes that are in memory."""
    path = objects.new_temporary()
    path.write_bytes(data)
    return keep_blob(path, hashlib.sha256(data).hexdigest(), len(data))


def blob_path(sha256: str) -> Path:
    """A local file with the blob's bytes, to be opened soon and only for reading. Raises FileNotFoundError."""
    return objects.local_path(blob_name(sha256))


def artefact_folder(sha256: str) -> str:
    """Under which all artefacts of a blob stand."""
    return f"artefacts/{sha256[:2]}/{sha256}"


def keep_artefact(sha256: str, result: FileResult, tables: Mapping[str, Table]) -> str:
    """Keep what parsing gave; returns the artefact's name, for `load_result` and `open_table`."""
    name = f"{artefact_folder(sha256)}/{_version(result.kind, bool(result.segments))}"
    for table_name, table in tables.items():
        if not TABLE_NAME.match(table_name):
            raise ValueError(f"{table_name!r} is no name of a table")
        path = objects.new_temporary()
        with path.open("wb") as file:
            columns.write(table, file)
        objects.put(path, f"{name}/{table_name}.columns")
    objects.put_bytes(result.encode(), f"{name}/result.json")
    return name


def find_artefact(sha256: str, kind: str) -> str | None:
    """The name of the artefact of these bytes as this kind, made by today's parsers; None where there is none."""
    for with_segments in (True, False):
        name = f"{artefact_folder(sha256)}/{_version(kind, with_segments)}"
        if objects.exists(f"{name}/result.json"):
            return name
    return None


def load_result(artefact: str) -> FileResult | None:
    """The FileResult of an artefact; None where it is gone or of a form that this version does not read."""
    data = objects.read(f"{artefact}/result.json") if artefact else None
    if data is None:
        return None
    try:
        return FileResult.decode(data)
    except msgspec.MsgspecError:
        return None


def open_table(artefact: str, name: str) -> Table | None:
    """A table of an artefact, memory-mapped; None where there is no such table."""
    if not artefact or not TABLE_NAME.match(name):
        return None
    try:
        return columns.open_table(objects.local_path(f"{artefact}/{name}.columns"))
    except FileNotFoundError:
        return None


def collect(before: datetime | None = None) -> int:
    """Delete the blobs that no file needs, and their artefacts; returns how many blobs.

    Bytes go while their row is locked: an upload of the same content waits, and then finds neither.
    """
    count = 0
    before = before or timezone.now() - BLOB_GRACE
    for sha256 in list(Blob.objects.unneeded(before).values_list("pk", flat=True)[:1000]):
        with transaction.atomic():
            deleted, _ = Blob.objects.unneeded(before).filter(pk=sha256).delete()
            if deleted:
                objects.delete_folder(artefact_folder(sha256))
                objects.delete(blob_name(sha256))
                count += 1
    return count


def adopt_strays(prefix: str) -> int:
    """Look through one of the 256 folders ('00' … 'ff') for what a killed process left: bytes without a row, old artefacts.

    Bytes without a row get one, as old as time: `collect` then treats them like all others. Returns how many things were found.
    """
    stored = {name.rpartition("/")[2] for name in objects.walk(f"blobs/{prefix}")}
    stored |= set(objects.folders(f"artefacts/{prefix}"))
    known = set(Blob.objects.filter(pk__startswith=prefix).values_list("pk", flat=True))
    strays = [Blob(sha256=one, size_bytes=0, stored_at=EPOCH) for one in stored - known if re.fullmatch(r"[0-9a-f]{64}", one)]
    Blob.objects.bulk_create(strays, ignore_conflicts=True)
    needed = set(EvidenceFile.objects.filter(blob__in=known & stored).values_list("artefact", flat=True))
    outdated = 0
    for sha256 in known & stored:
        for version in objects.folders(artefact_folder(sha256)):
            name = f"{artefact_folder(sha256)}/{version}"
            if name not in needed and objects.age_seconds(f"{name}/result.json") > BLOB_GRACE.total_seconds():
                objects.delete_folder(name)
                outdated += 1
    return len(strays) + outdated


def _version(kind: str, with_segments: bool) -> str:
    """A kind and the version of what made it: its parser, and of a file with segments all parsers, since any may take one."""
    own = pipeline.version_key(kind)
    return f"{own}-{_all_parsers()}" if with_segments else own


def _all_parsers() -> str:
    versions = sorted((kind, parser.VERSION) for kind, parser in registry.parsers().items())
    return hashlib.sha256(repr(versions).encode()).hexdigest()[:12]

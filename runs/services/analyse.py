"""Parsing each file of a run once, whoever dies meanwhile, and asking for the run's conclusion when the last one is done.

A worker takes a file by a lease: one conditional UPDATE writes its token, another writes the result where the token still stands.
So a task may run twice, or a worker come back late: only one result counts.
"""

import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone

from runs.analysis import pipeline
from runs.analysis.messages import message
from runs.analysis.source import Source
from runs.models import EvidenceFile, FileState, Run, RunState
from runs.services import queue, storage
from runs.services.watch import OutOfTime, watched

LEASE_SECONDS = 30  # after this long without a sign of life a worker counts as dead
MAX_TRIES = 3
SMALL_BYTES = 256 << 10  # files up to here share a task …
BATCH_FILES = 6
BATCH_BYTES = 1 << 20
WAITING_AGAIN: dict[str, Any] = {
    "state": FileState.WAITING,
    "lease_token": "",
    "lease_until": None,
    "tries": 0,
    "problem": None,
}

KILLED = message(
    "analyse.killed",
    en="the worker process died {n:count} times while it read this file",
    ja="このファイルの読み取り中に worker プロセスが {n:count} 回異常終了した",
)
OUT_OF_TIME = message(
    "analyse.out_of_time",
    en="not read within {limit:duration}",
    ja="{limit:duration} 以内に読み終わらなかった",
)
BYTES_GONE = message(
    "analyse.bytes_gone",
    en="its bytes are missing in the storage",
    ja="ストレージに実体がない",
)

logger = logging.getLogger(__name__)


def enqueue_waiting(run: Run) -> None:
    """Enqueue the parsing of all files of the run that wait: large ones first and by themselves, small ones several to a task."""
    enqueue_files(EvidenceFile.objects.filter(run=run, state=FileState.WAITING))


def enqueue_files(files: Iterable[EvidenceFile]) -> int:
    """Enqueue the parsing of these files; returns how many they are."""
    ordered = sorted(files, key=lambda f: (-f.size_bytes, f.pk))
    EvidenceFile.objects.filter(pk__in=[f.pk for f in ordered]).update(queued_at=timezone.now())
    for batch in _batches(ordered):
        queue.enqueue(queue.PARSE_FILES, [f.pk for f in batch])
    return len(ordered)


def parse_files(file_ids: Sequence[int]) -> None:
    """Parse files one after the other; each one's state is visible as soon as it is there."""
    for file_id in file_ids:
        parse_file(file_id)


def parse_file(file_id: int) -> bool:
    """Parse a file unless it is done, gone, or with another worker. Returns whether this call gave its result."""
    token, now = secrets.token_hex(8), timezone.now()
    until = now + timedelta(seconds=LEASE_SECONDS)
    free = EvidenceFile.objects.takeable(now).filter(pk=file_id)
    if not free.update(state=FileState.PARSING, lease_token=token, lease_until=until, tries=F("tries") + 1):
        return False
    file = EvidenceFile.objects.filter(pk=file_id).first()
    if file is None:  # removed in this very moment
        return False
    Run.objects.filter(pk=file.run_id, state=RunState.QUEUED).update(state=RunState.ANALYSING)
    held = EvidenceFile.objects.filter(pk=file_id, lease_token=token)
    try:
        with watched(settings.TASK_SECONDS, LEASE_SECONDS / 3, partial(_renew, held)):
            outcome = _outcome(file)
    except OutOfTime:
        outcome = _failed(OUT_OF_TIME(limit=settings.TASK_SECONDS * 1_000_000_000))
    except (OSError, DatabaseError):
        # The storage or the database is away, which is no fault of the file: the sweeper has it tried again.
        logger.exception("file %s of run %s could not be read from the storage", file_id, file.run_id)
        held.update(state=FileState.WAITING, lease_token="", lease_until=None, queued_at=timezone.now())
        return False
    # Committed by itself: of two last files one must see the other as final.
    written = held.update(lease_token="", lease_until=None, **outcome)
    if written:
        request_conclusion(file.run_id)
    return bool(written)


def request_conclusion(run_id: int) -> bool:
    """Enqueue the run's conclusion if all its files are final and nobody has asked for this revision yet."""
    asked = (
        Run.objects.ready_to_conclude()
        .filter(pk=run_id, requested_revision__lt=F("input_revision"))
        .update(
            requested_revision=F("input_revision"),
            conclude_until=timezone.now() + timedelta(seconds=LEASE_SECONDS),
            conclude_tries=0,
        )
    )
    if asked:
        enqueue_conclusion(run_id)
    return bool(asked)


def enqueue_conclusion(run_id: int) -> None:
    """Enqueue the conclusion of the run's newest revision."""
    revision = Run.objects.values_list("input_revision", flat=True).get(pk=run_id)
    queue.enqueue(queue.CONCLUDE_RUN, run_id, revision)


def _batches(files: Sequence[EvidenceFile]) -> Iterator[list[EvidenceFile]]:
    batch: list[EvidenceFile] = []
    for file in files:
        full = len(batch) == BATCH_FILES or sum(f.size_bytes for f in batch) + file.size_bytes > BATCH_BYTES
        if batch and (full or batch[0].size_bytes > SMALL_BYTES):
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


def _renew(held: Any) -> None:
    """A sign of life. A database that is away for a moment costs one; the next may succeed."""
    try:
        held.update(lease_until=timezone.now() + timedelta(seconds=LEASE_SECONDS))
    except DatabaseError:
        logger.warning("a lease was not renewed", exc_info=True)


def _outcome(file: EvidenceFile) -> dict[str, Any]:
    """The columns that tell what parsing gave; from the artefacts where these bytes were parsed before."""
    if file.tries > MAX_TRIES:
        return _failed(KILLED(n=MAX_TRIES))
    assert file.blob_id is not None
    try:
        source = Source(storage.blob_path(file.blob_id), file.path)
    except FileNotFoundError:
        return _failed(BYTES_GONE())
    kind = file.kind_override or None
    if kind is None:
        found, _ = pipeline.detect(source)
        kind = found[0] if found else pipeline.UNRECOGNISED
    artefact = storage.find_artefact(file.blob_id, kind)
    result = storage.load_result(artefact) if artefact else None
    if artefact is None or result is None:
        result, tables = pipeline.parse(source, file.kind_override or None)
        # A crash is not kept: the next try may have more memory, or mended code.
        artefact = "" if result.state == "failed" else storage.keep_artefact(file.blob_id, result, tables)
    return {
        "state": result.state,
        "kind": result.kind,
        "encoding": result.encoding or "",
        "problem": result.problems[0].message if result.problems else None,
        "counts": result.counts,
        "artefact": artefact,
    }


def _failed(why: Any) -> dict[str, Any]:
    return {"state": FileState.FAILED, "problem": why, "artefact": "", "counts": {}}

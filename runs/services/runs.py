"""Changes of a run: its files, its label, the corrections people make. Each change of inputs is judged again."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from runs.analysis import registry
from runs.analysis.facts.clock import is_zone
from runs.analysis.messages import Text, message
from runs.models import LABEL_MAX_CHARS, PATH_MAX_CHARS, Blob, Ending, Event, EvidenceFile, FileState, Run, RunState, Team
from runs.services import analyse, search_index, signoffs, storage
from runs.services.history import record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_CLOCK_OFFSET_NS = 100 * 366 * 86_400 * 1_000_000_000

RENAMED = message(
    "intake.renamed",
    en="renamed: the run has another file {path}",
    ja="名前を変えた: run には別のファイル {path} がある",
)


@dataclass(frozen=True)
class Incoming:
    """A file on its way into a run: kept bytes, or the reason why they were refused."""

    path: str  # '/' separated, relative, at most PATH_MAX_CHARS
    size_bytes: int
    blob: Blob | None = None
    refusal: Text | None = None
    remark: Text | None = None  # what the upload has to say of it: its name was decoded …


def create_run(team: Team, label: str, user: "User | None" = None, *, label_is_manual: bool = False) -> Run:
    """A new run, still empty: it receives files until `add_files`. `label`: as typed, or the folder's or archive's name."""
    label = label[:LABEL_MAX_CHARS]
    return Run.objects.create(team=team, label=label, bundle_name=label, created_by=user, label_is_manual=label_is_manual)


def touch(run: Run) -> None:
    """Say that an upload into the run is still alive."""
    Run.objects.filter(pk=run.pk).update(touched_at=timezone.now())


def add_files(run: Run, incoming: Sequence[Incoming], by: "User | None" = None) -> list[EvidenceFile]:
    """Take files into the run, all or none, and have it analysed. Returns the files as they stand in the run.

    The same path with the same bytes is the same file and stands there once; with other bytes it is renamed, and says so.
    """
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        known = {file.path: file for file in locked.files.all()}
        highest = locked.files.aggregate(highest=Max("position"))["highest"]
        position = 0 if highest is None else highest + 1
        made: list[EvidenceFile] = []
        for one in incoming:
            twin = known.get(one.path)
            if twin is not None and twin.blob_id == (one.blob.pk if one.blob else None) and one.blob is not None:
                continue
            file = _evidence(locked, one, position + len(made))
            if twin is not None:
                file.path, file.remark = _free_path(one.path, known), RENAMED(path=one.path)
            known[file.path] = file
            made.append(file)
        EvidenceFile.objects.bulk_create(made, batch_size=500)
        if made:
            size = sum(file.size_bytes for file in made)
            record(locked, Event.RUN_FILES_ADDED, by, after={"files": len(made), "bytes": size})
            signoffs.reopen(locked, Ending.EVIDENCE, by)
        start(locked)
    run.refresh_from_db()
    return made


def start(run: Run) -> None:
    """Have the run analysed with the inputs it has now."""
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(
            state=RunState.QUEUED,
            failure=None,
            conclude_tries=0,
            input_revision=F("input_revision") + 1,
            file_count=EvidenceFile.objects.filter(run=run).count(),
        )
        analyse.enqueue_waiting(run)
        analyse.request_conclusion(run.pk)


def remove_file(file: EvidenceFile, by: "User | None" = None) -> None:
    """Take a file out of its run, which is judged again without it."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=file.run_id)
        file.delete()
        record(run, Event.RUN_FILE_REMOVED, by, before={"path": file.path})
        signoffs.reopen(run, Ending.EVIDENCE, by)
        start(run)


def delete_run(run: Run) -> None:
    """Delete a run with all that belongs to it. Bytes that another run has stay; fresh ones go with the next sweep."""
    run.delete()
    storage.collect()


def rename(run: Run, label: str, by: "User | None" = None) -> None:
    """Give the run a label by hand; its README's RUN_ID no longer changes it. Raises ValueError for an empty one."""
    label = label.strip()[:LABEL_MAX_CHARS]
    if not label:
        raise ValueError("a run needs a label")
    with transaction.atomic():
        before = Run.objects.select_for_update().get(pk=run.pk).label
        Run.objects.filter(pk=run.pk).update(label=label, label_is_manual=True)
        record(run, Event.RUN_RENAMED, by, before=before, after=label)
        search_index.write_run(run)
    run.refresh_from_db(fields=["label", "label_is_manual"])


def override_kind(file: EvidenceFile, kind: str, by: "User | None" = None) -> None:
    """Have a file read as the given kind, or ('') as what it is recognised as. Raises ValueError for an unknown kind."""
    if kind and kind not in registry.parsers():
        raise ValueError(f"{kind} is no kind of evidence")
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=file.run_id)
        wanted = EvidenceFile.objects.filter(pk=file.pk).exclude(state=FileState.REFUSED)
        if wanted.update(kind_override=kind, **analyse.WAITING_AGAIN):
            record(run, Event.RUN_KIND_SET, by, file=file, before=file.kind_override, after=kind)
            signoffs.reopen(run, Ending.EVIDENCE, by)
        start(run)


def override_timezone(run: Run, zone: str | None, by: "User | None" = None) -> None:
    """Have the run's times shown and joined in this zone; None: what the evidence says."""
    with transaction.atomic():
        before = Run.objects.select_for_update().get(pk=run.pk).timezone_override
        Run.objects.filter(pk=run.pk).update(timezone_override=zone)
        record(run, Event.RUN_ZONE_SET, by, before=before, after=zone)
        signoffs.reopen(run, Ending.EVIDENCE, by)
        start(run)


def override_clock(file: EvidenceFile, zone: str, offset_ns: int | None, day: date | None, by: "User | None" = None) -> None:
    """Have the times of a file read in this zone, shifted by this offset, on this day; all empty: what the evidence says.

    Raises ValueError for a zone that is none, and for an offset of more than MAX_CLOCK_OFFSET_NS.
    """
    if zone and not is_zone(zone):
        raise ValueError("no such zone")
    if offset_ns is not None and abs(offset_ns) > MAX_CLOCK_OFFSET_NS:
        raise ValueError("the offset is too great")
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=file.run_id)
        EvidenceFile.objects.filter(pk=file.pk).update(clock_zone=zone, clock_offset_ns=offset_ns, clock_date=day)
        before = {
            "zone": file.clock_zone,
            "offset_ns": file.clock_offset_ns,
            "date": file.clock_date and file.clock_date.isoformat(),
        }
        after = {"zone": zone, "offset_ns": offset_ns, "date": day and day.isoformat()}
        record(run, Event.RUN_CLOCK_SET, by, file=file, before=before, after=after)
        signoffs.reopen(run, Ending.EVIDENCE, by)
        start(run)


def reanalyse(run: Run, by: "User | None" = None) -> None:
    """Analyse all files again with today's parsers and rules. Content whose parser has not changed is not parsed again."""
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)
        EvidenceFile.objects.filter(run=run).exclude(state=FileState.REFUSED).update(**analyse.WAITING_AGAIN)
        record(run, Event.RUN_REANALYSED, by)
        start(run)


def _evidence(run: Run, one: Incoming, position: int) -> EvidenceFile:
    refused = one.blob is None or one.refusal is not None
    return EvidenceFile(
        run=run,
        path=one.path[:PATH_MAX_CHARS],
        position=position,
        blob=one.blob,
        size_bytes=one.size_bytes,
        state=FileState.REFUSED if refused else FileState.WAITING,
        problem=one.refusal,
        remark=one.remark,
    )


def _free_path(path: str, known: dict[str, EvidenceFile]) -> str:
    """The path with the first free number before its extension: 'a/eth0 (2).pcap'."""
    stem, extension = posixpath.splitext(path)
    number = 2
    while True:
        number_part = f" ({number}){extension}"[:50]
        candidate = stem[: PATH_MAX_CHARS - len(number_part)] + number_part
        if candidate not in known:
            return candidate
        number += 1

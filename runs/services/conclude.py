"""The conclusion of a run: all its files' facts and tables in, one report out, for one revision of its inputs."""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from runs.analysis import pipeline
from runs.analysis.case import ClockCorrection
from runs.analysis.messages import Text, message
from runs.analysis.pipeline import BundleFile, FileResult
from runs.analysis.registry import Problem
from runs.analysis.report import Report
from runs.models import LABEL_MAX_CHARS, Ending, Event, EvidenceFile, FileState, Run, RunReport, RunState
from runs.models.fields import storable
from runs.services import analyse, checklist, findings, search_index, signoffs, storage
from runs.services.compare import services_of
from runs.services.history import record
from runs.services.reports import StoredTables
from runs.services.watch import OutOfTime, watched

CRASHED = message(
    "conclude.crashed",
    en="the judgement failed: {error}",
    ja="判定処理が異常終了した: {error}",
)
KILLED = message(
    "conclude.killed",
    en="the worker process died {n:count} times while it judged this run",
    ja="この run の判定中に worker プロセスが {n:count} 回異常終了した",
)
OUT_OF_TIME = message(
    "conclude.out_of_time",
    en="not judged within {limit:duration}",
    ja="{limit:duration} 以内に判定が終わらなかった",
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judged:
    """What one judgement gave, to be kept together."""

    revision: int
    report: Report
    body: bytes  # the report as JSON
    words: list[search_index.Words]


class ArtefactGone(Exception):
    """A file counts as parsed, but what parsing gave is not in the storage any more."""

    def __init__(self, file_id: int) -> None:
        super().__init__(file_id)
        self.file_id = file_id


def conclude_run(run_id: int, revision: int) -> bool:
    """Judge the run as of this revision and keep the report. Returns whether this call wrote it.

    A no-op where the inputs have changed since, or the revision is judged already: running twice gives one report.
    """
    wanted = Run.objects.filter(pk=run_id, input_revision=revision, concluded_revision__lt=revision)
    wanted = wanted.filter(state__in=(RunState.QUEUED, RunState.ANALYSING))
    until = timezone.now() + timedelta(seconds=analyse.LEASE_SECONDS)
    if not wanted.update(conclude_until=until, conclude_tries=F("conclude_tries") + 1, state=RunState.ANALYSING):
        return False
    run = Run.objects.filter(pk=run_id).first()
    if run is None:  # deleted in this very moment
        return False
    if run.conclude_tries > analyse.MAX_TRIES:
        return _fail(wanted, run, KILLED(n=analyse.MAX_TRIES))
    try:
        with watched(settings.TASK_SECONDS, analyse.LEASE_SECONDS / 3, partial(_renew, wanted)):
            files = list(run.files.all())
            report = _judge(run, files)
            body = msgspec.json.encode(report)
            words = search_index.gather(report, files)
    except OutOfTime:
        return _fail(wanted, run, OUT_OF_TIME(limit=settings.TASK_SECONDS * 1_000_000_000))
    except ArtefactGone as gone:
        _parse_again(run_id, gone.file_id)
        return False
    except (OSError, DatabaseError):
        logger.exception("run %s could not be judged now; the sweeper has it tried again", run_id)
        return False
    except Exception as error:  # a bug of ours: told on the page, with the trace in the log
        logger.exception("the judgement of run %s failed", run_id)
        return _fail(wanted, run, CRASHED(error=f"{type(error).__name__}: {error}"[:300]))
    return _keep(wanted, run, Judged(revision, report, body, words))


def _judge(run: Run, files: list[EvidenceFile]) -> Report:
    clocks = {file.path: _clock(file) for file in files if file.has_clock_correction}
    overrides = pipeline.Overrides(timezone=run.timezone_override, clocks=clocks)
    return pipeline.conclude(run.bundle_name or run.label, [bundle_file(f) for f in files], StoredTables(files), overrides)


def _clock(file: EvidenceFile) -> ClockCorrection:
    day = (file.clock_date - date(1970, 1, 1)).days if file.clock_date else None
    return ClockCorrection(zone=file.clock_zone or None, offset_ns=file.clock_offset_ns, day=day)


def bundle_file(file: EvidenceFile) -> BundleFile:
    common: dict[str, Any] = {"path": file.path, "size_bytes": file.size_bytes, "sha256": file.blob_id or ""}
    if file.state == FileState.REFUSED:
        return BundleFile(**common, refused=file.problem)
    result: FileResult | None
    if file.state == FileState.FAILED:
        problems = (Problem(file.problem, lost=True),) if file.problem else ()
        kind = file.kind or pipeline.UNRECOGNISED
        result = FileResult(kind=kind, state="failed", encoding=file.encoding or None, reason=None, problems=problems)
    else:
        result = storage.load_result(file.artefact)
    if result is None:
        raise ArtefactGone(file.pk)
    if file.remark:
        result = msgspec.structs.replace(result, problems=(Problem(file.remark), *result.problems))
    return BundleFile(**common, result=result)


@transaction.atomic
def _keep(wanted: Any, run: Run, judged: Judged) -> bool:
    """The report, what lists repeat of it, and what moved among the findings, in one transaction; False where a newer revision came meanwhile."""
    revision, report = judged.revision, judged.report
    window = report.window
    kept = wanted.update(
        state=RunState.CONCLUDED,
        failure=None,
        concluded_revision=revision,
        concluded_at=timezone.now(),
        conclude_until=None,
        title=report.title or "",
        purpose=report.purpose or "",
        verdict_outcome=report.verdict.outcome,
        verdict_severity=report.verdict.severity,
        verdict=report.verdict.title,
        finding_count=sum(finding.outcome == "fail" for finding in report.findings),
        file_count=len(report.files),
        frame_count=report.frame_count,
        services=[storable(name) for name in services_of(report)],
        window_start=_moment(window.start_ns) if window else None,
        window_end=_moment(window.end_ns) if window else None,
    )
    if not kept:
        return False
    RunReport.objects.update_or_create(run=run, defaults={"revision": revision, "body": judged.body})
    Run.objects.filter(pk=run.pk, label_is_manual=False).update(label=report.run_id[:LABEL_MAX_CHARS])
    movement = findings.reconcile(run, report, revision)
    checklist.propose(run, report)
    search_index.write(run, judged.words)
    if movement.new_faults and not movement.first:
        signoffs.reopen(run, Ending.FINDINGS)
    return True


def _moment(ts_ns: int) -> datetime | None:
    """A moment for the database, or None where a hostile time stamp lies outside of the calendar."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ts_ns // 1000)
    except OverflowError:
        return None


@transaction.atomic
def _fail(wanted: Any, run: Run, why: Text) -> bool:
    if wanted.update(state=RunState.FAILED, failure=why, conclude_until=None):
        record(run, Event.RUN_FAILED)
    return False


def _renew(wanted: Any) -> None:
    try:
        wanted.update(conclude_until=timezone.now() + timedelta(seconds=analyse.LEASE_SECONDS))
    except DatabaseError:
        logger.warning("a lease was not renewed", exc_info=True)


@transaction.atomic
def _parse_again(run_id: int, file_id: int) -> None:
    """Have a file parsed again whose artefact is gone; its tries go on counting, so that this ends."""
    Run.objects.filter(pk=run_id).update(requested_revision=F("concluded_revision"), conclude_until=None)
    EvidenceFile.objects.filter(pk=file_id).final().update(state=FileState.WAITING, artefact="")
    analyse.enqueue_files(EvidenceFile.objects.filter(pk=file_id, state=FileState.WAITING))

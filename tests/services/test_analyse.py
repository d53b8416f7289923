"""A file is parsed once, by whoever holds its lease; what happens to the worker does not matter."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from runs.analysis import pipeline, registry
from runs.models import EvidenceFile, FileState, Run, RunState, Team
from runs.services import analyse, objects, queue, runs, storage
from tests.portal_fixtures import BUNDLES, HEALTHY, incoming, make_run, work_off

CURL = "curl_localhost_9080_ipv4.log"


@pytest.fixture
def waiting(queued_run: Run) -> EvidenceFile:
    return queued_run.files.get(path=CURL)


def take(file: EvidenceFile, seconds: float) -> None:
    """Let another worker hold the file for so long from now."""
    until = timezone.now() + timedelta(seconds=seconds)
    EvidenceFile.objects.filter(pk=file.pk).update(state=FileState.PARSING, lease_token="other", lease_until=until)


def test_parsing_writes_state_kind_and_counts(waiting: EvidenceFile):
    assert analyse.parse_file(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.kind, waiting.encoding) == (FileState.PARSED, "curl_log", "utf-8")
    assert waiting.counts["lines"] == 13
    assert waiting.lease_token == ""
    result = storage.load_result(waiting.artefact)
    assert result is not None
    assert len(result.located(waiting.path)) >= 1


def test_first_file_sets_the_run_to_analysing(waiting: EvidenceFile):
    analyse.parse_file(waiting.pk)
    assert Run.objects.get().state == RunState.ANALYSING


def test_second_call_does_nothing(waiting: EvidenceFile):
    assert analyse.parse_file(waiting.pk)
    assert not analyse.parse_file(waiting.pk)


def test_file_of_another_worker_is_left_alone(waiting: EvidenceFile):
    take(waiting, 60)
    assert not analyse.parse_file(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.lease_token) == (FileState.PARSING, "other")


def test_file_of_a_dead_worker_is_taken_over(waiting: EvidenceFile):
    take(waiting, -1)
    assert analyse.parse_file(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == FileState.PARSED


def test_worker_that_comes_back_late_writes_nothing(waiting: EvidenceFile, monkeypatch: pytest.MonkeyPatch):
    parse = pipeline.parse

    def slow(*args: Any) -> Any:
        take(waiting, 60)  # its lease ran out meanwhile, and another worker has the file
        return parse(*args)

    monkeypatch.setattr(pipeline, "parse", slow)
    assert not analyse.parse_file(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.lease_token, waiting.kind) == (FileState.PARSING, "other", "")


def test_file_that_is_gone_is_no_error(waiting: EvidenceFile):
    pk = waiting.pk
    runs.remove_file(waiting)
    assert not analyse.parse_file(pk)


def test_file_that_kills_its_workers_fails_in_the_end(waiting: EvidenceFile):
    for _ in range(analyse.MAX_TRIES):
        EvidenceFile.objects.filter(pk=waiting.pk).update(tries=F("tries") + 1)
        take(waiting, -1)
    assert analyse.parse_file(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == FileState.FAILED
    assert waiting.problem is not None
    assert waiting.problem.id == "analyse.killed"


def test_file_that_takes_too_long_fails_with_its_message(team: Team, settings: Any):
    log = (BUNDLES / HEALTHY / "docker_backend.log").read_bytes()
    run = runs.create_run(team, "slow")
    (file,) = runs.add_files(run, [incoming("docker.log", log * 40_000)])
    settings.TASK_SECONDS = 0.3
    assert analyse.parse_file(file.pk)
    file.refresh_from_db()
    assert file.state == FileState.FAILED
    assert file.problem is not None
    assert file.problem.id == "analyse.out_of_time"


def test_parser_that_crashes_fails_its_file_alone(queued_run: Run, monkeypatch: pytest.MonkeyPatch):
    curl_log = registry.parsers()["curl_log"]

    def crash(source: object) -> None:
        raise ZeroDivisionError("hostile")

    monkeypatch.setattr(curl_log, "parse", crash)
    run = work_off(queued_run)
    failed = run.files.filter(state=FileState.FAILED)
    assert {f.kind for f in failed} == {"curl_log"}
    assert all(f.problem and f.problem.id == "parse.crashed" and f.artefact == "" for f in failed)
    assert run.files.filter(state=FileState.PARSED).exists()
    assert run.state == RunState.CONCLUDED


def test_bytes_that_are_missing_fail_their_file(waiting: EvidenceFile):
    assert waiting.blob_id is not None
    storage.blob_path(waiting.blob_id).unlink()
    analyse.parse_file(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.problem is not None
    assert waiting.problem.id == "analyse.bytes_gone"


def test_storage_that_is_away_is_no_fault_of_the_file(waiting: EvidenceFile, own_storage: Path):
    (own_storage / "artefacts").write_bytes(b"")  # a file where the folder belongs: nothing can be written below it
    assert not analyse.parse_file(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.lease_token, waiting.tries) == (FileState.WAITING, "", 1)
    (own_storage / "artefacts").unlink()
    assert analyse.parse_file(waiting.pk)


def test_same_content_is_parsed_once(queued_run: Run, monkeypatch: pytest.MonkeyPatch):
    first = work_off(queued_run)
    monkeypatch.delattr(pipeline, "parse")  # whoever parses now, crashes
    second = work_off(make_run(first.team))
    assert second.state == RunState.CONCLUDED
    assert list(first.files.values_list("path", "state", "artefact")) == list(second.files.values_list("path", "state", "artefact"))


def test_files_share_tasks_by_their_size(queued_run: Run, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch):
    sent: list[list[int]] = []
    monkeypatch.setattr(queue, "enqueue", lambda task, ids: sent.append(ids))
    for number, size in enumerate((50 << 20, 300 << 10, *[100 << 10] * 14)):
        pk = queued_run.files.order_by("pk")[number].pk
        EvidenceFile.objects.filter(pk=pk).update(size_bytes=size)
    analyse.enqueue_waiting(queued_run)
    assert [len(ids) for ids in sent] == [1, 1, 6, 6, 2]
    assert len({pk for ids in sent for pk in ids}) == 16


def test_last_file_asks_for_the_conclusion_once(queued_run: Run, monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "enqueue", lambda *what: asked.append(what))
    for file in queued_run.files.all():
        assert asked == []
        analyse.parse_file(file.pk)
    assert asked == [("runs.conclude_run", queued_run.pk, 1)]
    assert not analyse.request_conclusion(queued_run.pk)


def test_artefact_is_written_whole_or_not_at_all(waiting: EvidenceFile, tmp_path: Path):
    analyse.parse_file(waiting.pk)
    waiting.refresh_from_db()
    assert sorted(tmp_path.rglob("incoming/*")) == []
    assert objects.exists(f"{waiting.artefact}/result.json")

"""Changing a run: files come and go, bytes are shared, corrections are judged again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from runs.models import LABEL_MAX_CHARS, Blob, EvidenceFile, FileState, Run, RunState, Team
from runs.services import objects, reports, runs, storage
from runs.services.runs import Incoming
from tests.portal_fixtures import incoming, make_run, work_off


def age_blobs() -> None:
    """As if all bytes had been uploaded yesterday."""
    Blob.objects.update(stored_at=timezone.now() - timedelta(days=1))


def test_runs_of_one_label_live_side_by_side(team: Team):
    first, second = work_off(make_run(team)), work_off(make_run(team))
    assert first.label == second.label
    assert first.key != second.key
    runs.delete_run(first)
    assert reports.load_report(second) is not None


def test_shared_bytes_live_as_long_as_one_run_needs_them(team: Team):
    first, second = work_off(make_run(team)), work_off(make_run(team))
    age_blobs()
    runs.delete_run(first)
    assert Blob.objects.count() == 16
    file = second.files.get(path="README.md")
    assert file.blob_id is not None
    assert storage.blob_path(file.blob_id).is_file()
    runs.delete_run(second)
    assert not Blob.objects.exists()
    assert list(objects.walk("blobs")) == list(objects.walk("artefacts")) == []


def test_delete_takes_everything_of_the_run(concluded_run: Run):
    runs.delete_run(concluded_run)
    assert not Run.objects.exists()
    assert not EvidenceFile.objects.exists()


def test_added_file_is_analysed_with_the_rest(concluded_run: Run):
    (file,) = runs.add_files(concluded_run, [incoming("later/memo.txt", b"23:26 memo\n")])
    assert concluded_run.state == RunState.QUEUED
    assert concluded_run.file_count == 17
    assert file.position == 16
    assert reports.load_report(concluded_run) is not None  # the old one, until the new one is there
    report = reports.load_report(work_off(concluded_run))
    assert report is not None
    assert len(report.files) == 17


def test_removed_file_leaves_the_report(concluded_run: Run):
    runs.remove_file(concluded_run.files.get(path="tcpdump_notes.txt"))
    run = work_off(concluded_run)
    report = reports.load_report(run)
    assert report is not None
    assert "tcpdump_notes.txt" not in {f.path for f in report.files}
    assert run.concluded_revision == 2


def test_same_path_and_bytes_stand_there_once(concluded_run: Run):
    again = runs.add_files(concluded_run, [incoming("a.txt", b"a"), incoming("a.txt", b"a")])
    assert [f.path for f in again] == ["a.txt"]


def test_same_path_with_other_bytes_is_renamed_and_says_so(concluded_run: Run):
    made = runs.add_files(concluded_run, [incoming("d/a.tar.gz", c) for c in (b"1", b"2", b"3")])
    assert [f.path for f in made] == ["d/a.tar.gz", "d/a.tar (2).gz", "d/a.tar (3).gz"]
    assert made[0].remark is None
    assert made[1].remark is not None
    assert made[1].remark.params["path"] == "d/a.tar.gz"


def test_refused_file_is_listed_and_not_parsed(team: Team):
    from runs.analysis.messages import plain

    run = runs.create_run(team, "hostile")
    runs.add_files(run, [Incoming("../../etc/passwd", 0, refusal=plain("leaves the bundle"))])
    run = work_off(run)
    assert run.state == RunState.CONCLUDED
    assert run.files.get().state == FileState.REFUSED


def test_all_files_come_in_or_none(concluded_run: Run):
    good, without_a_name = incoming("good.txt", b"good"), incoming("", b"bad")
    with pytest.raises(IntegrityError), transaction.atomic():
        runs.add_files(concluded_run, [good, without_a_name])
    concluded_run.refresh_from_db()
    assert concluded_run.files.count() == 16
    assert concluded_run.input_revision == 1


def test_kind_can_be_corrected_and_taken_back(concluded_run: Run):
    file = concluded_run.files.get(path="socat_pid.txt")
    kind = file.kind
    runs.override_kind(file, "curl_log")
    work_off(concluded_run)
    file.refresh_from_db()
    assert file.kind == "curl_log"
    runs.override_kind(file, "")
    work_off(concluded_run)
    file.refresh_from_db()
    assert file.kind == kind


def test_unknown_kind_is_an_error(concluded_run: Run):
    with pytest.raises(ValueError, match="no kind"):
        runs.override_kind(concluded_run.files.first(), "nonsense")  # type: ignore[arg-type]


def test_rename_needs_a_label(concluded_run: Run):
    with pytest.raises(ValueError, match="needs a label"):
        runs.rename(concluded_run, "  ")
    runs.rename(concluded_run, "x" * 500)
    assert len(concluded_run.label) == LABEL_MAX_CHARS


def test_reanalysis_gives_a_new_revision(concluded_run: Run):
    runs.reanalyse(concluded_run)
    assert work_off(concluded_run).concluded_revision == 2


def test_tasks_start_after_the_commit_only(team: Team, django_capture_on_commit_callbacks: Any):
    with django_capture_on_commit_callbacks() as callbacks:
        make_run(team)
    assert len(callbacks) == 3  # 16 small files, six to a task

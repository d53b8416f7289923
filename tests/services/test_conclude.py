"""One report for one revision of a run's inputs, however often and late the conclusion runs."""

from typing import Any

import pytest

from runs.analysis import pipeline
from runs.models import EvidenceFile, FileState, Run, RunReport, RunState, Team
from runs.services import analyse, conclude, objects, reports, runs
from runs.services.runs import Incoming
from tests.portal_fixtures import incoming, work_off


def test_report_and_list_columns_agree(concluded_run: Run):
    report = reports.load_report(concluded_run)
    assert report is not None
    assert concluded_run.state == RunState.CONCLUDED
    assert concluded_run.concluded_revision == concluded_run.input_revision == 1
    assert concluded_run.verdict == report.verdict.title
    assert concluded_run.verdict_outcome == report.verdict.outcome
    assert concluded_run.file_count == len(report.files) == 16
    assert concluded_run.finding_count == sum(f.outcome == "fail" for f in report.findings)
    assert {f.path for f in report.files} == set(concluded_run.files.values_list("path", flat=True))


def test_second_conclusion_of_a_revision_does_nothing(concluded_run: Run):
    before = RunReport.objects.get()
    assert not conclude.conclude_run(concluded_run.pk, concluded_run.input_revision)
    assert RunReport.objects.get().created_at == before.created_at


def test_older_revision_is_not_concluded(queued_run: Run):
    for file in queued_run.files.all():
        analyse.parse_file(file.pk)
    runs.add_files(queued_run, [incoming("later.txt", b"later\n")])
    assert not conclude.conclude_run(queued_run.pk, 1)
    assert not RunReport.objects.exists()


def test_revision_that_ages_while_it_is_judged_writes_nothing(queued_run: Run, monkeypatch: pytest.MonkeyPatch):
    for file in queued_run.files.all():
        analyse.parse_file(file.pk)
    judge = pipeline.conclude

    def meanwhile(*args: Any) -> Any:
        runs.add_files(queued_run, [incoming("later.txt", b"later\n")])
        return judge(*args)

    monkeypatch.setattr(pipeline, "conclude", meanwhile)
    assert not conclude.conclude_run(queued_run.pk, 1)
    assert not RunReport.objects.exists()
    monkeypatch.undo()
    run = work_off(queued_run)
    assert run.report.revision == 2
    report = reports.load_report(run)
    assert report is not None
    assert "later.txt" in {f.path for f in report.files}


def test_label_comes_from_the_readme_unless_a_person_gave_one(queued_run: Run):
    Run.objects.filter(pk=queued_run.pk).update(label="folder", bundle_name="folder")
    run = work_off(queued_run)
    report = reports.load_report(run)
    assert report is not None
    assert run.label == report.run_id == "20261120Tnetdiag3"
    runs.rename(run, "  Stall of Friday ")
    runs.reanalyse(run)
    run = work_off(run)
    renamed = reports.load_report(run)
    assert renamed is not None
    assert run.label == renamed.run_id == "Stall of Friday"


def test_refused_and_renamed_files_say_so_in_the_report(queued_run: Run):
    from runs.analysis.messages import plain

    more = [Incoming("../evil", 3, refusal=plain("leaves the bundle")), incoming("README.md", b"another\n")]
    runs.add_files(queued_run, more)
    report = reports.load_report(work_off(queued_run))
    assert report is not None
    by_path = {f.path: f for f in report.files}
    assert by_path["../evil"].state == "refused"
    assert by_path["../evil"].problems[0].message.params["text"] == "leaves the bundle"
    assert by_path["README (2).md"].problems[0].message.id == "intake.renamed"


def test_artefact_that_is_gone_is_made_again(queued_run: Run):
    for file in queued_run.files.all():
        analyse.parse_file(file.pk)
    file = queued_run.files.get(path="curl_localhost_9080_ipv4.log")
    objects.delete_folder(file.artefact)
    assert not conclude.conclude_run(queued_run.pk, 1)
    file.refresh_from_db()
    assert file.state == FileState.WAITING
    run = work_off(queued_run)
    assert run.state == RunState.CONCLUDED
    assert run.files.get(pk=file.pk).state == FileState.PARSED


def test_judgement_that_crashes_fails_the_run_with_its_message(queued_run: Run, monkeypatch: pytest.MonkeyPatch):
    def crash(*args: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(pipeline, "conclude", crash)
    run = work_off(queued_run)
    assert run.state == RunState.FAILED
    assert run.failure is not None
    assert run.failure.params["error"] == "ZeroDivisionError: a bug"
    monkeypatch.undo()
    runs.reanalyse(run)
    assert work_off(run).state == RunState.CONCLUDED


def test_judgement_that_takes_too_long_fails_the_run(queued_run: Run, settings: Any, monkeypatch: pytest.MonkeyPatch):
    for file in queued_run.files.all():
        analyse.parse_file(file.pk)

    def forever(*args: Any) -> None:
        while True:
            pass

    monkeypatch.setattr(pipeline, "conclude", forever)
    settings.TASK_SECONDS = 0.1
    conclude.conclude_run(queued_run.pk, 1)
    queued_run.refresh_from_db()
    assert queued_run.failure is not None
    assert queued_run.failure.id == "conclude.out_of_time"


def test_run_without_files_has_a_report_too(concluded_run: Run):
    for file in list(concluded_run.files.all()):
        runs.remove_file(file)
    run = work_off(concluded_run)
    report = reports.load_report(run)
    assert report is not None
    assert report.files == ()


def test_tables_open_by_path_and_name(concluded_run: Run):
    tables = reports.tables_of(concluded_run)
    packets = tables.table("lo0_9080.pcap", "packets")
    assert packets is not None
    assert len(packets) == concluded_run.files.get(path="lo0_9080.pcap").counts["frames"]
    assert tables.table("lo0_9080.pcap", "nothing") is None
    assert tables.table("no such file", "packets") is None


def test_files_are_found_by_path(concluded_run: Run):
    found = reports.file_of(concluded_run, "lo0_9080.pcap")
    assert isinstance(found, EvidenceFile)
    assert reports.files_by_path(concluded_run)["lo0_9080.pcap"] == found
    assert reports.file_of(concluded_run, "x") is None


def test_timezone_correction_reaches_the_report(concluded_run: Run):
    runs.override_timezone(concluded_run, "Europe/Paris")
    report = reports.load_report(work_off(concluded_run))
    assert report is not None
    assert report.timezone == "Europe/Paris"


def test_a_readme_of_odd_characters_is_concluded(team: Team):
    run = runs.create_run(team, "odd")
    readme = "# RUN_ID: odd\x00id\n\n- 目的: \x00 \x1b[31m localhost が応答しない\n".encode() + b"\xff\xfe\n"
    runs.add_files(run, [incoming("README.md", readme), incoming("a\u202e.log", b"\x00\x01 not much\n")])
    run = work_off(run)
    assert run.state == RunState.CONCLUDED
    assert "\x00" not in run.label + run.title + run.purpose
    assert reports.load_report(run)


def test_frames_of_a_capture_and_its_text_count_once(concluded_run: Run):
    report = reports.load_report(concluded_run)
    assert report is not None
    captured = {f.path: f.counts["frames"] for f in report.files if f.kind == "capture"}
    texts = {f.path: f.counts["frames"] for f in report.files if f.path not in captured and "frames" in f.counts}
    assert len(captured) == len(texts) == 2
    assert concluded_run.frame_count == sum(captured.values())
    for file in concluded_run.files.filter(path__in=captured):
        runs.remove_file(file)
    assert work_off(concluded_run).frame_count == sum(texts.values())

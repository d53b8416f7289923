"""The run page while workers work and after they failed; what reviewers change of a run."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.analysis.messages import plain
from runs.models import Blob, EvidenceFile, Run, Team
from tests.web.sample_report import report, run_with

HTMX = {"HX-Request": "true"}


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


@pytest.fixture
def signed_in(client: Client, member: User) -> Client:
    client.force_login(member)
    return client


def page(client: Client, run: Run, query: str = "", **headers: str) -> str:
    answer = client.get(f"/runs/{run.key}/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    """What a reader sees: no tags, spaces joined."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_while_workers_work_every_file_shows_its_state(signed_in: Client, queued_run: Run) -> None:
    first = queued_run.files.order_by("position").first()
    assert first
    html = page(signed_in, queued_run)
    assert f'hx-get="/runs/{queued_run.key}/progress/"' in html
    assert "0 of 16 files are done." in words(html)
    assert '<meta http-equiv="refresh"' in html
    EvidenceFile.objects.filter(pk=first.pk).update(state="parsed")
    answer = signed_in.get(f"/runs/{queued_run.key}/progress/", headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert "1 of 16 files are done." in words(answer.content.decode())


def test_polling_ends_with_the_report_in_place(signed_in: Client, run: Run) -> None:
    answer = signed_in.get(f"/runs/{run.key}/progress/", headers=HTMX)
    assert answer.status_code == 286
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#run", "innerHTML")
    html = answer.content.decode()
    assert "<html" not in html
    assert "localhost:9080 never answers" in html
    assert "hx-trigger" not in html
    plain_answer = signed_in.get(f"/runs/{run.key}/progress/")
    assert plain_answer.status_code == 200
    assert "<html" in plain_answer.content.decode()


def test_during_a_new_analysis_the_old_report_stays(signed_in: Client, run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state="analysing")
    html = page(signed_in, run)
    assert "the new one takes its place" in html
    assert "localhost:9080 never answers" in html


def test_a_failed_analysis_says_what_still_holds(signed_in: Client, team: Team) -> None:
    run = Run.objects.create(team=team, label="r", state="failed", failure=plain("The worker ended three times."))
    shown = words(page(signed_in, run))
    assert "The worker ended three times." in shown
    assert "the files are untouched" in shown


def test_reviewers_rename_it(signed_in: Client, run: Run) -> None:
    assert signed_in.post(f"/runs/{run.key}/label/", {"label": " new\x00 name "}).status_code == 302
    run.refresh_from_db()
    assert (run.label, run.label_is_manual) == ("new name", True)
    answer = signed_in.post(f"/runs/{run.key}/label/", {"label": "  "}, follow=True)
    assert "must not be empty" in answer.content.decode()


def test_reviewers_have_it_judged_again(signed_in: Client, run: Run) -> None:
    assert signed_in.get(f"/runs/{run.key}/reanalyse/").status_code == 405
    signed_in.post(f"/runs/{run.key}/reanalyse/")
    run.refresh_from_db()
    assert run.is_busy


def test_deleting_asks_first(signed_in: Client, run: Run) -> None:
    html = signed_in.get(f"/runs/{run.key}/delete/").content.decode()
    assert "7 files of this run go" in words(html)
    assert Run.objects.filter(pk=run.pk).exists()
    answer = signed_in.post(f"/runs/{run.key}/delete/", follow=True)
    assert not Run.objects.filter(pk=run.pk).exists()
    assert "is deleted" in answer.content.decode()


def test_of_very_many_files_those_at_work_and_those_that_failed_are_listed(signed_in: Client, team: Team) -> None:
    run = Run.objects.create(team=team, label="many", state="analysing")
    blob = Blob.objects.create(sha256="b" * 64, size_bytes=1, stored_at=run.created_at)
    EvidenceFile.objects.bulk_create(EvidenceFile(run=run, path=f"f{n}.log", position=n, blob=blob) for n in range(700))
    EvidenceFile.objects.filter(run=run, path="f600.log").update(state="failed")
    shown = words(page(signed_in, run))
    assert "200 of 700 files are listed" in shown
    assert "f600. log" in shown

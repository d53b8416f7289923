"""The run's checklist and sign-off: who may, what stays, and that changed evidence reopens the run for all to see."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.models import Run, SignOff, Task, Team
from runs.services import runs
from tests.web.sample_report import report, run_with


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


@pytest.fixture
def signed_in(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def test_who_may(client: Client, run: Run, owner: User, reviewer: User, viewer: User, stranger: User) -> None:
    task = run.tasks.first()
    assert task is not None
    for user, reads, works in ((owner, 200, 302), (reviewer, 200, 302), (viewer, 200, 404), (stranger, 404, 404)):
        client.force_login(user)
        for path in ("signoff/", "activity/"):
            assert client.get(f"/runs/{run.key}/{path}").status_code == reads
        for path, data in (
            ("tasks/", {"text": "more"}),
            (f"tasks/{task.pk}/", {"do": "tick"}),
            ("signoff/", {"version": "0"}),
            ("signoff/", {"do": "withdraw"}),
        ):
            assert client.post(f"/runs/{run.key}/{path}", data).status_code == works, (user, path, data)
    client.force_login(viewer)
    html = client.get(f"/runs/{run.key}/signoff/").content.decode()
    assert "<textarea" not in html


def test_checklist_is_worked_off(signed_in: Client, run: Run, reviewer: User, owner: User) -> None:
    signed_in.post(f"/runs/{run.key}/tasks/", {"text": "ask <b>them</b>", "owner": str(reviewer.pk), "due_date": "2020-01-31"})
    html = signed_in.get(f"/runs/{run.key}/").content.decode()
    assert "ask &lt;b&gt;them" in html
    assert "1 of 4 done" in html
    assert "overdue" in html
    task = Task.objects.get(owner=reviewer)
    change = f"/runs/{run.key}/tasks/{task.pk}/"
    signed_in.post(change, {"do": "tick"})
    assert "2 of 4 done" in signed_in.get(f"/runs/{run.key}/").content.decode()
    assert signed_in.post(change, {"do": "plan", "owner": str(owner.pk), "version": "0"}).status_code == 409
    signed_in.post(change, {"do": "plan", "owner": str(owner.pk), "due_date": "", "version": "1"})
    task.refresh_from_db()
    assert (task.owner, task.due_date) == (owner, None)
    assert "cannot be read" in signed_in.post(change, {"do": "plan", "due_date": "soon"}, follow=True).content.decode()
    assert "needs words" in signed_in.post(f"/runs/{run.key}/tasks/", {"text": " "}, follow=True).content.decode()
    signed_in.post(change, {"do": "remove"})
    assert signed_in.post(change, {"do": "tick"}).status_code == 404


def test_sign_off_lists_the_open_and_changed_evidence_reopens(signed_in: Client, concluded_run: Run) -> None:
    path = f"/runs/{concluded_run.key}/signoff/"
    assert "Not signed off" in signed_in.post(path, {"version": "77"}, follow=True).content.decode()
    html = signed_in.post(path, {"version": str(concluded_run.concluded_revision), "remark": "seen"}, follow=True).content.decode()
    assert "Signed off by reviewer" in html
    assert "Open when it was signed" in html
    assert "Signed off by reviewer" in signed_in.get(f"/runs/{concluded_run.key}/").content.decode()
    runs.remove_file(concluded_run.files.get(path="socat_pid.txt"))
    html = signed_in.get(f"/runs/{concluded_run.key}/").content.decode()
    assert "Reopened: the evidence was changed after the sign-off" in html
    assert SignOff.objects.get().ending == "evidence"
    assert "being analysed" not in html
    feed = signed_in.get(f"/runs/{concluded_run.key}/activity/").content.decode()
    for words in ("signed off with", "removed socat_pid.txt", "analysis finished:", "reopened after sign-off"):
        assert words in feed, words

"""What is said about a run as a whole: by whom, to whom, seen where; and that the later of two who edit is told."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.models import Comment, Mention, Run, Team
from tests.web.sample_report import report, run_with


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_a_run_is_discussed(client: Client, run: Run, reviewer: User, owner: User, viewer: User) -> None:
    client.force_login(reviewer)
    assert "Nothing was said yet" in page(client, f"/runs/{run.key}/activity/")
    answer = client.post(f"/runs/{run.key}/comment/", {"text": "@owner is **this** the carrier? <script>alert(1)</script>"})
    assert answer["Location"] == f"/runs/{run.key}/activity/#comments"
    html = page(client, f"/runs/{run.key}/activity/")
    assert "<strong>this</strong>" in html
    assert "<script>alert" not in html
    assert "on the run: @owner is this the carrier?" in html
    assert "needs words" in client.post(f"/runs/{run.key}/comment/", {"text": "  "}, follow=True).content.decode()

    client.force_login(owner)
    said = Comment.objects.get()
    assert f"/runs/{run.key}/activity/#c{said.pk}" in page(client, "/desk/?tab=mentions")
    page(client, f"/runs/{run.key}/activity/")
    assert Mention.objects.get().seen_at is not None

    client.force_login(viewer)
    html = page(client, f"/runs/{run.key}/activity/")
    assert "<strong>this</strong>" in html
    assert "<textarea" not in html


def test_the_later_of_two_edits_is_told(client: Client, run: Run, reviewer: User) -> None:
    client.force_login(reviewer)
    client.post(f"/runs/{run.key}/comment/", {"text": "one"})
    said = Comment.objects.get()
    edit = f"/runs/{run.key}/comments/{said.pk}/edit/"
    assert client.post(edit, {"text": "two", "version": "0"})["Location"] == f"/runs/{run.key}/activity/#comments"
    answer = client.post(edit, {"text": "three", "version": "0"})
    assert answer.status_code == 409
    assert "two" in answer.content.decode()
    assert "three" in answer.content.decode()
    client.post(f"/runs/{run.key}/comments/{said.pk}/delete/")
    html = page(client, f"/runs/{run.key}/activity/")
    assert "Deleted by reviewer" in html
    assert "a comment that was deleted since" in html

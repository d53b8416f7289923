"""The run list: whose runs, which of them, in which order."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from runs.analysis.messages import plain
from runs.models import Blob, EvidenceFile, Membership, Run, Team
from runs.views.run_list import PAGE_ROWS
from tests.web.sample_report import report, run_with, verdict


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


def text(client: Client, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_members_in_every_role_see_it_and_strangers_do_not(
    client: Client, run: Run, owner: User, member: User, viewer: User, stranger: User
) -> None:
    for user in (owner, member, viewer):
        client.force_login(user)
        assert "20261120<wbr>" not in text(client)
        assert run.label in text(client), user.username
    client.force_login(stranger)
    assert run.label not in text(client)
    assert "No run yet" in text(client)


def test_a_row_says_what_the_run_came_to(client: Client, run: Run, member: User) -> None:
    client.force_login(member)
    page = text(client)
    assert f'href="/runs/{run.key}/"' in page
    assert "localhost:9080 never answers" in page
    assert "sev-critical" in page
    assert "7 files" in page
    assert "39 frames" in page
    assert "2 files failed or refused" in page


def test_it_speaks_japanese(client: Client, run: Run, member: User) -> None:
    client.force_login(member)
    client.cookies["django_language"] = "ja"
    page = text(client)
    assert "localhost:9080 は応答しない" in page
    assert "重大" in page
    assert "フレーム" in page


def test_filters_stand_in_the_address(client: Client, team: Team, run: Run, member: User) -> None:
    other = Team.objects.create(name="Access", slug="access")
    Membership.objects.create(team=other, user=member, role="viewer")
    healthy = run_with(other, report(verdict=verdict(outcome="pass", title=plain("All is answered."))), "20261120Thealthy")
    busy = Run.objects.create(team=team, label="20261120Tbusy", state="analysing")
    bytes_of = Blob.objects.create(sha256="beef" + "0" * 60, size_bytes=1, stored_at=busy.created_at)
    EvidenceFile.objects.create(run=busy, path="strange/name.txt", blob=bytes_of)
    client.force_login(member)

    def labels(query: str) -> set[str]:
        page = text(client, f"/?{query}")
        return {r.label for r in (run, healthy, busy) if f'href="/runs/{r.key}/"' in page}

    assert labels("") == {run.label, healthy.label, busy.label}
    assert labels("outcome=pass") == {healthy.label}
    assert labels("outcome=busy") == {busy.label}
    assert labels("team=access") == {healthy.label}
    assert labels("q=HEALTHY") == {healthy.label}
    assert labels("q=strange/name") == {busy.label}
    assert labels("q=beef00") == {busy.label}
    assert labels("q=tsample+lo0_9080") == {run.label}
    assert labels("q=%00nothing%27%22") == set()


def test_an_empty_answer_says_what_to_do(client: Client, run: Run, member: User) -> None:
    client.force_login(member)
    page = text(client, "/?q=<script>x")
    assert "No run matches" in page
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert "Clear the filter" in page


def test_pages_follow_one_another_without_gap_or_repetition(client: Client, team: Team, member: User) -> None:
    made = [Run.objects.create(team=team, label=f"r{n}", state="concluded") for n in range(PAGE_ROWS * 2 + 3)]
    Run.objects.filter(pk__in=[r.pk for r in made[:60]]).update(created_at=made[0].created_at)  # one moment for many
    client.force_login(member)
    seen: list[str] = []
    path = "/"
    for _ in range(3):
        page = client.get(path)
        seen += [r.key for r in page.context["runs"]]
        path = f"/?{page.context['more']}"
    assert page.context["more"] == ""
    assert len(seen) == len(set(seen)) == len(made)


@pytest.mark.parametrize("place", ["", "x", "1-", "-1", "9" * 40 + "-1", "١-٢", "1-1"])
def test_a_place_that_cannot_be_read_is_passed_over(client: Client, run: Run, member: User, place: str) -> None:
    client.force_login(member)
    assert client.get("/", {"before": place}).status_code == 200


def test_hostile_labels_are_shown_as_text(client: Client, team: Team, member: User) -> None:
    Run.objects.create(team=team, label="<img src=x>\u202egpj.exe\x1b[31m\udcff".replace("\udcff", ""), state="concluded")
    client.force_login(member)
    page = text(client)
    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page
    assert "\u202e" not in page
    assert "‹RLO›" in page
    assert "‹ESC›" in page


def test_more_runs_need_no_more_queries(client: Client, team: Team, run: Run, member: User) -> None:
    client.force_login(member)
    run_with(team, report(), "again")  # what the first has found before
    text(client)
    with CaptureQueriesContext(connection) as few:
        text(client)
    for n in range(8):
        run_with(team, report(), f"more{n}")
    with CaptureQueriesContext(connection) as many:
        text(client)
    assert len(many) == len(few) <= 10


def test_a_viewer_is_not_told_to_upload(client: Client, team: Team, viewer: User, stranger: User) -> None:
    client.force_login(viewer)
    assert "Your role is viewer" in text(client)
    client.force_login(stranger)
    assert "Upload one to begin." in text(client)
    Membership.objects.filter(user=stranger).delete()
    assert "You belong to no team yet" in text(client)

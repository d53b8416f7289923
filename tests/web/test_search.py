"""The search page: every member finds, a stranger does not; what is found leads to its place."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.models import EntryKind, EvidenceFile, Run, Team
from runs.services import search_index
from runs.services.search_index import Words
from tests.web.sample_report import report, run_with


@pytest.fixture
def run(team: Team) -> Run:
    run = run_with(team, report())
    search_index.write(
        run, [*search_index.gather(report(), run.files.all()), Words(EntryKind.TEMPLATE, "<b>upstream</b> timed out")]
    )
    return run


def page(client: Client, query: str) -> str:
    answer = client.get(f"/search/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_members_find_and_strangers_do_not(
    client: Client, run: Run, owner: User, reviewer: User, viewer: User, stranger: User
) -> None:
    for user in (owner, reviewer, viewer):
        client.force_login(user)
        assert f'href="/runs/{run.key}/"' in page(client, f"q={run.label}")
    client.force_login(stranger)
    answer = page(client, f"q={run.label}")
    assert run.key not in answer
    assert "Nothing has" in answer
    client.logout()
    assert client.get("/search/?q=x").status_code == 302


def test_results_lead_to_their_places(client: Client, run: Run, viewer: User) -> None:
    client.force_login(viewer)
    finding = run.findings.all()[0]
    assert f"/runs/{run.key}/findings/{finding.fingerprint}/" in page(client, f"q={finding.rule}")
    file = EvidenceFile.objects.filter(run=run)[0]
    assert f"/runs/{run.key}/files/{file.pk}/" in page(client, f"q={file.path}&kind=file")
    upstream = page(client, "q=upstream")
    assert "&lt;b&gt;upstream&lt;/b&gt; timed out" in upstream
    assert "<b>upstream" not in upstream
    assert f"/runs/{run.key}/timeline/?q=" in upstream


def test_kind_and_team_narrow(client: Client, run: Run, viewer: User) -> None:
    client.force_login(viewer)
    assert "Nothing has" in page(client, "q=upstream&kind=file")
    assert "Nothing has" in page(client, "q=upstream&team=others")
    assert "timed out" in page(client, f"q=upstream&kind=template&team={run.team.slug}")


def test_it_says_what_can_be_asked(client: Client, run: Run, viewer: User) -> None:
    client.force_login(viewer)
    assert "What are you looking for?" in page(client, "")
    assert 'action="/search/"' in client.get("/").content.decode()
    client.cookies["django_language"] = "ja"
    assert "何を探すか" in page(client, "")

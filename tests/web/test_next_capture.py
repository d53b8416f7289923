"""The next capture's script as a download and on the run page: only for the team, in both languages, never run by a browser."""

import subprocess
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
def test_only_the_team_gets_it(client: Client, request: Any, concluded_run: Run, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("next_capture", args=(concluded_run.key,))).status_code == status


@pytest.mark.parametrize(("lang", "words"), [("en", "the ICMP errors of any router"), ("ja", "ICMP エラー")])
def test_it_is_a_script_in_the_language_asked_for(client: Client, viewer: Any, concluded_run: Run, lang: str, words: str) -> None:
    client.force_login(viewer)
    response = client.get(reverse("next_capture", args=(concluded_run.key,)), {"lang": lang})
    assert response["Content-Disposition"] == f'attachment; filename="capture-{concluded_run.label}.sh"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert words in response.content.decode()
    assert subprocess.run(["sh", "-n"], input=response.content, check=False).returncode == 0


def test_the_run_page_shows_it_where_there_is_one(client: Client, viewer: Any, concluded_run: Run, queued_run: Run) -> None:
    client.force_login(viewer)
    page = client.get(reverse("run", args=(concluded_run.key,))).content.decode()
    assert reverse("next_capture", args=(concluded_run.key,)) in page
    assert "tcpdump -i" in page
    assert client.get(reverse("next_capture", args=(queued_run.key,))).status_code == 404


def test_a_healthy_run_needs_none(client: Client, viewer: Any, healthy_run: Run) -> None:
    client.force_login(viewer)
    assert client.get(reverse("next_capture", args=(healthy_run.key,))).status_code == 404
    assert 'id="next-capture"' not in client.get(reverse("run", args=(healthy_run.key,))).content.decode()

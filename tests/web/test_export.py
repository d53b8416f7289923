"""The README that a run is exported as: both languages, a download, only for the team."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import Run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("reviewer", 200), ("viewer", 200), ("stranger", 404)])
def test_only_the_team_exports(client: Client, request: Any, concluded_run: Run, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("export", args=(concluded_run.key,))).status_code == status


@pytest.mark.parametrize(("lang", "word"), [("en", "File"), ("ja", "ファイル")])
def test_it_is_a_readme_in_the_language_asked_for(client: Client, viewer: Any, concluded_run: Run, lang: str, word: str) -> None:
    client.force_login(viewer)
    response = client.get(reverse("export", args=(concluded_run.key,)), {"lang": lang})
    text = response.content.decode()
    assert response["Content-Disposition"] == 'attachment; filename="README.md"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert text.startswith(f"# RUN_ID={concluded_run.label}")
    assert word in text
    for path in concluded_run.files.values_list("path", flat=True):
        assert path in text


def test_there_is_none_before_the_report(client: Client, viewer: Any, queued_run: Run) -> None:
    client.force_login(viewer)
    assert client.get(reverse("export", args=(queued_run.key,))).status_code == 404

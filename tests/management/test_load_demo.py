"""`manage.py load_demo`: the demo runs, once."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from runs.models import Run, Team
from tests.portal_fixtures import BAD, HEALTHY


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path / "data"


def test_demo_is_loaded_once(team: Team, data: Path):
    for _ in range(2):
        call_command("load_demo", stdout=io.StringIO())
    assert [run.label for run in Run.objects.order_by("pk")] == [HEALTHY, BAD]
    assert {run.files.count() for run in Run.objects.all()} == {16}
    assert (data / "demo-loaded").exists()


def test_without_a_team_it_says_what_to_do(db: None, data: Path):
    with pytest.raises(CommandError, match="ensure_admin"):
        call_command("load_demo")
    assert not data.exists()

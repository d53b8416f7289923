"""The kind of a file on its page: why it is read so, that another kind claims it as strongly, and what a person makes of it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import EvidenceFile, Team
from runs.services import runs
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parents[1] / "fixtures" / "parsers"


@pytest.fixture
def both(team: Team) -> EvidenceFile:
    """A text that two kinds claim alike: counters of the kernel, and settings of it."""
    text = (FIXTURES / "nstat" / "all_counters.txt").read_bytes() + (FIXTURES / "sysctl" / "macos.txt").read_bytes()
    run = runs.create_run(team, "both")
    runs.add_files(run, [incoming("both.txt", text)])
    return work_off(run).files.get()


def page(client: Client, file: EvidenceFile) -> str:
    return client.get(reverse("file", args=(file.run.key, file.pk))).content.decode()


def test_a_tie_is_told_with_its_line(client: Client, viewer: Any, both: EvidenceFile) -> None:
    client.force_login(viewer)
    text = page(client, both)
    assert both.kind == "nstat"
    assert "sysctl claims it as strongly" in text


def test_a_person_decides_and_the_run_is_judged_again(client: Client, reviewer: Any, both: EvidenceFile) -> None:
    client.force_login(reviewer)
    address = reverse("file_kind", args=(both.run.key, both.pk))
    assert client.post(address, {"kind": "sysctl"}).status_code == 302
    work_off(both.run)
    both.refresh_from_db()
    assert both.kind == "sysctl"
    text = page(client, both)
    assert "set by a person" in text
    assert "4 settings." in text
    client.post(address, {"kind": ""})
    work_off(both.run)
    both.refresh_from_db()
    assert both.kind == "nstat"
    assert "set by a person" not in page(client, both)

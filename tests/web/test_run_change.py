"""Changes of a run's files: by reviewers only, by POST only, and judged again."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from runs.models import EvidenceFile, Run

pytestmark = pytest.mark.django_db

ROLES = [("owner", 302), ("reviewer", 302), ("viewer", 404), ("stranger", 404)]


@pytest.fixture
def pid_file(concluded_run: Run) -> EvidenceFile:
    return concluded_run.files.get(path="socat_pid.txt")


@pytest.mark.parametrize(("who", "status"), ROLES)
def test_reviewers_remove_a_file(client: Client, request: Any, pid_file: EvidenceFile, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    address = reverse("file_remove", args=(pid_file.run.key, pid_file.pk))
    assert client.get(address).status_code == (200 if status == 302 else 404)
    assert EvidenceFile.objects.filter(pk=pid_file.pk).exists()
    assert client.post(address).status_code == status
    assert EvidenceFile.objects.filter(pk=pid_file.pk).exists() == (status != 302)


@pytest.mark.parametrize(("who", "status"), ROLES)
def test_reviewers_correct_a_kind(client: Client, request: Any, pid_file: EvidenceFile, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    address = reverse("file_kind", args=(pid_file.run.key, pid_file.pk))
    assert client.post(address, {"kind": "macos_log"}).status_code == status
    pid_file.refresh_from_db()
    assert pid_file.kind_override == ("macos_log" if status == 302 else "")


def test_a_kind_is_changed_by_post_and_must_exist(client: Client, reviewer: Any, pid_file: EvidenceFile) -> None:
    client.force_login(reviewer)
    address = reverse("file_kind", args=(pid_file.run.key, pid_file.pk))
    assert client.get(address).status_code == 405
    assert client.post(address, {"kind": "../../etc\0"}).status_code == 302
    pid_file.refresh_from_db()
    assert pid_file.kind_override == ""


def test_a_change_needs_the_token(reviewer: Any, pid_file: EvidenceFile) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reviewer)
    assert strict.post(reverse("file_remove", args=(pid_file.run.key, pid_file.pk))).status_code == 403


def test_a_removed_file_makes_the_run_judged_again(client: Client, reviewer: Any, pid_file: EvidenceFile) -> None:
    client.force_login(reviewer)
    run = pid_file.run
    before = run.input_revision
    client.post(reverse("file_remove", args=(run.key, pid_file.pk)))
    run.refresh_from_db()
    assert run.input_revision > before

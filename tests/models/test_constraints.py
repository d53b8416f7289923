"""What the database itself refuses, whoever writes."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.utils import timezone

from runs.analysis.messages import Text
from runs.models import Blob, EvidenceFile, FileState, Membership, Role, Run, RunState, Team
from runs.services import storage


@pytest.fixture
def run(team: Team) -> Run:
    return Run.objects.create(team=team, label="r")


@pytest.fixture
def blob(db: None) -> Blob:
    return storage.keep_bytes(b"x")


def refused(**fields: object) -> None:
    with pytest.raises(IntegrityError):
        EvidenceFile.objects.create(**fields)


def test_path_is_unique_in_a_run(run: Run, blob: Blob):
    EvidenceFile.objects.create(run=run, path="a", blob=blob)
    refused(run=run, path="a", blob=blob)


def test_path_is_not_empty(run: Run, blob: Blob):
    refused(run=run, path="", blob=blob)


def test_only_a_refused_file_has_no_bytes(run: Run):
    EvidenceFile.objects.create(run=run, path="../x", state=FileState.REFUSED)
    refused(run=run, path="b", state=FileState.PARSED)


def test_file_state_is_known(run: Run, blob: Blob):
    refused(run=run, path="a", blob=blob, state="lost")


def test_a_file_that_is_parsed_has_a_lease(run: Run, blob: Blob):
    refused(run=run, path="a", blob=blob, state=FileState.PARSING)


def test_a_file_that_is_done_has_no_lease(run: Run, blob: Blob):
    until = timezone.now() + timedelta(seconds=9)
    refused(run=run, path="a", blob=blob, state=FileState.PARSED, lease_token="t", lease_until=until)


def test_membership_is_unique(team: Team, owner: User):
    with pytest.raises(IntegrityError):
        Membership.objects.create(team=team, user=owner, role=Role.VIEWER)


def test_role_is_known(team: Team):
    with pytest.raises(IntegrityError):
        Membership.objects.create(team=team, user=User.objects.create_user("x"), role="king")


def test_run_state_is_known(team: Team):
    with pytest.raises(IntegrityError):
        Run.objects.create(team=team, label="r", state="lost")


def test_report_cannot_be_ahead_of_the_inputs(team: Team):
    with pytest.raises(IntegrityError):
        Run.objects.create(team=team, label="r", concluded_revision=1)


def test_runs_may_share_a_label_and_never_a_key(team: Team):
    first, second = (Run.objects.create(team=team, label="r", state=RunState.RECEIVING) for _ in range(2))
    assert first.key != second.key
    with pytest.raises(IntegrityError):
        Run.objects.create(team=team, label="r", key=first.key)


@pytest.mark.parametrize("hostile", ["\0", "\ud800", "証跡", "\x1b[2J", 'a"b\\'])
def test_sentence_survives_hostile_words(run: Run, hostile: str):
    sentence = Text("x", {"name": hostile, "inner": Text("y", {"n": 3}), "many": [1, 2]})
    Run.objects.filter(pk=run.pk).update(verdict=sentence)
    run.refresh_from_db()
    assert run.verdict is not None
    assert run.verdict.id == "x"
    assert run.verdict.params["name"] == hostile
    assert run.verdict.params["inner"] == {"id": "y", "params": {"n": 3}}


def test_no_sentence_stays_none(run: Run):
    run.refresh_from_db()
    assert run.verdict is None


def test_counts_of_a_run(run: Run, blob: Blob):
    for number, state in enumerate((FileState.WAITING, FileState.PARSED, FileState.FAILED, FileState.REFUSED)):
        EvidenceFile.objects.create(run=run, path=str(number), blob=blob, state=state)
    counted = Run.objects.with_counts().values("files_total", "files_done", "files_failed").get(pk=run.pk)  # type: ignore[misc]
    assert counted == {"files_total": 4, "files_done": 3, "files_failed": 2}

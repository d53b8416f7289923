"""A sign-off holds until the evidence changes, an analysis finds something new, or a person takes it back."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from runs.models import Ending, Event, Run, SignOff
from runs.services import runs, signoffs
from tests.portal_fixtures import incoming, work_off


@pytest.fixture
def signed(concluded_run: Run, reviewer: User) -> Run:
    SignOff.objects.create(run=concluded_run, by=reviewer, revision=concluded_run.concluded_revision)
    return concluded_run


def test_only_one_holds(signed: Run, reviewer: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SignOff.objects.create(run=signed, by=reviewer, revision=1)
    assert signoffs.reopen(signed, Ending.WITHDRAWN, reviewer)
    assert not signoffs.reopen(signed, Ending.WITHDRAWN, reviewer)
    SignOff.objects.create(run=signed, by=reviewer, revision=1)


def test_it_outlives_an_analysis_that_finds_the_same(signed: Run) -> None:
    runs.reanalyse(signed)
    assert signoffs.standing(work_off(signed)) is not None


@pytest.mark.parametrize("change", ["add", "remove", "kind", "zone"])
def test_changed_evidence_ends_it(signed: Run, reviewer: User, change: str) -> None:
    file = signed.files.get(path="README.md")
    if change == "add":
        runs.add_files(signed, [incoming("more.txt", b"more\n")], reviewer)
    elif change == "remove":
        runs.remove_file(file, reviewer)
    elif change == "kind":
        runs.override_kind(file, "note", reviewer)
    else:
        runs.override_timezone(signed, "Europe/Paris", reviewer)
    assert signoffs.standing(signed) is None
    entry = signed.history.get(event=Event.REOPENED)
    assert (entry.actor, entry.after) == (reviewer, {"why": "evidence"})


def test_the_same_file_again_is_no_change(signed: Run) -> None:
    file = signed.files.get(path="README.md")
    runs.add_files(signed, [runs.Incoming(file.path, file.size_bytes, file.blob)])
    assert signoffs.standing(signed) is not None

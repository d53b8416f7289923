"""What a dead worker or a lost message leaves behind is taken up again."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.models import EvidenceFile, FileState, Run, RunState, Team
from runs.services import analyse, queue, runs, sweep

LONG_AGO = timedelta(minutes=5)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would go to the broker."""
    messages: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queue, "enqueue", lambda *what: messages.append(what))
    return messages


def test_nothing_is_sent_where_all_is_well(queued_run: Run, sent: list[Any]):
    sweep.sweep()
    assert sent == []


def test_lost_messages_are_sent_again_once(queued_run: Run, sent: list[Any]):
    EvidenceFile.objects.update(queued_at=timezone.now() - LONG_AGO)
    sweep.sweep()
    assert sorted(pk for _, ids in sent for pk in ids) == sorted(queued_run.files.values_list("pk", flat=True))
    sent.clear()
    sweep.sweep()
    assert sent == []


def test_file_of_a_dead_worker_is_sent_again(queued_run: Run, sent: list[Any]):
    file = queued_run.files.first()
    assert file is not None
    EvidenceFile.objects.filter(pk=file.pk).update(
        state=FileState.PARSING,
        lease_token="dead",
        lease_until=timezone.now() - timedelta(seconds=1),
        queued_at=timezone.now() - LONG_AGO,
    )
    sweep.sweep()
    assert sent == [(queue.PARSE_FILES, [file.pk])]


def test_file_with_a_live_lease_is_not_sent_again(queued_run: Run, sent: list[Any]):
    until = timezone.now() + timedelta(seconds=60)
    EvidenceFile.objects.update(state=FileState.PARSING, lease_token="t", lease_until=until, queued_at=timezone.now() - LONG_AGO)
    sweep.sweep()
    assert sent == []


def test_conclusion_that_nobody_asked_for_is_asked_for(queued_run: Run, sent: list[Any]):
    for file in queued_run.files.all():
        analyse.parse_file(file.pk)
    Run.objects.update(requested_revision=0)
    sent.clear()
    sweep.sweep()
    sweep.sweep()
    assert sent == [(queue.CONCLUDE_RUN, queued_run.pk, 1)]


def test_conclusion_whose_worker_died_is_asked_for_again(queued_run: Run, sent: list[Any]):
    for file in queued_run.files.all():
        analyse.parse_file(file.pk)
    sent.clear()
    sweep.sweep()
    assert sent == []
    Run.objects.update(conclude_until=timezone.now() - timedelta(seconds=1))
    sweep.sweep()
    sweep.sweep()
    assert sent == [(queue.CONCLUDE_RUN, queued_run.pk, 1)]


def test_run_that_was_never_received_goes(team: Team):
    fresh, old = runs.create_run(team, "fresh"), runs.create_run(team, "old")
    Run.objects.filter(pk=old.pk).update(touched_at=timezone.now() - timedelta(days=1))
    sweep.tidy()
    assert list(Run.objects.all()) == [fresh]


def test_tidying_leaves_a_concluded_run_whole(concluded_run: Run):
    sweep.tidy()
    concluded_run.refresh_from_db()
    assert concluded_run.state == RunState.CONCLUDED
    assert concluded_run.files.count() == 16

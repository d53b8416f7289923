"""Findings across analyses: new, unchanged, changed, gone, back again; what people decided stays."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from runs.analysis.messages import plain
from runs.analysis.report import Finding
from runs.models import Event, FindingReview, HistoryEntry, Presence, Run, RunFinding, Status, Team
from runs.services import findings, runs
from tests.portal_fixtures import BAD, BUNDLES, incoming, work_off
from tests.web.sample_report import finding, report, run_with


def said(*kept: Finding) -> Any:
    return report(findings=kept)


def one(mark: str, **changes: Any) -> Finding:
    return finding(f"F{mark}", fingerprint=mark * 32, **changes)


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, said(one("a"), one("b")))


def reconcile(run: Run, revision: int, *kept: Finding) -> findings.Movement:
    with transaction.atomic():
        return findings.reconcile(run, said(*kept), revision)


def test_first_analysis_makes_a_row_and_an_open_review_for_each(concluded_run: Run) -> None:
    kept = list(concluded_run.findings.select_related("review"))
    assert len(kept) > 3
    assert {row.review.status for row in kept} == {Status.OPEN}
    assert [row.number for row in kept] == [f"F{n}" for n in range(1, len(kept) + 1)]
    movement = findings.last_movement(concluded_run)
    assert movement is not None
    assert (movement.first, movement.new, movement.findings) == (True, len(kept), len(kept))
    assert not concluded_run.history.filter(event=Event.FINDING_BACK).exists()


def test_same_again_changes_nothing(concluded_run: Run) -> None:
    before = list(concluded_run.findings.values("fingerprint", "change", "changed_revision", "first_seen_at"))
    runs.reanalyse(concluded_run)
    run = work_off(concluded_run)
    assert list(run.findings.values("fingerprint", "change", "changed_revision", "first_seen_at")) == before
    movement = findings.last_movement(run)
    assert movement is not None
    assert (movement.first, movement.new, movement.changed, movement.gone, movement.back) == (False, 0, 0, 0, 0)


def test_evidence_that_goes_and_comes_back_takes_its_findings_along(concluded_run: Run, reviewer: User) -> None:
    decided = concluded_run.findings.filter(rule="response_missing").gravest_first()[0]
    FindingReview.objects.filter(finding=decided).update(status=Status.CONFIRMED, assignee=reviewer)
    present = [file for file in concluded_run.files.all() if file.path.startswith(("curl", "lo0", "tcpdump"))]
    for file in present:
        runs.remove_file(file)
    run = work_off(concluded_run)
    decided.refresh_from_db()
    assert decided.presence == Presence.GONE
    assert decided.review.status == Status.CONFIRMED
    for file in present:
        runs.add_files(run, [incoming(file.path, (BUNDLES / BAD / file.path).read_bytes())])
    run = work_off(run)
    decided.refresh_from_db()
    assert (decided.presence, decided.change) == ("present", "back")
    assert (decided.review.status, decided.review.assignee) == (Status.CONFIRMED, reviewer)
    movement = findings.last_movement(run)
    assert movement is not None
    assert movement.back >= 1
    events = decided.history.order_by("pk").values_list("event", flat=True)
    assert [e for e in events if e != Event.FINDING_CHANGED] == [Event.FINDING_GONE, Event.FINDING_BACK]


def test_changed_words_are_told_apart_from_changed_places(run: Run) -> None:
    movement = reconcile(run, 1, one("b"), one("a"))
    assert (movement.changed, movement.new, movement.gone) == (0, 0, 0)
    assert list(run.findings.order_by("place").values_list("fingerprint", flat=True)) == ["b" * 32, "a" * 32]
    movement = reconcile(run, 2, one("b", title=plain("other words")), one("a", severity="low"))
    assert movement.changed == 2
    entry = HistoryEntry.objects.get(event=Event.FINDING_CHANGED)
    assert (entry.finding and entry.finding.fingerprint) == "a" * 32
    assert entry.before == {"severity": "critical", "confidence": "certain", "outcome": "fail"}
    assert entry.after == {"severity": "low", "confidence": "certain", "outcome": "fail"}


def test_gone_twice_is_told_once(run: Run) -> None:
    assert reconcile(run, 1, one("a")).gone == 1
    assert reconcile(run, 2, one("a")).gone == 0
    back = reconcile(run, 3, one("a"), one("b"), one("c"))
    assert (back.back, back.new, back.new_faults) == (1, 1, 2)
    gone = run.findings.get(fingerprint="b" * 32)
    assert (gone.first_seen_revision, gone.last_seen_revision) == (0, 3)


def test_two_findings_of_one_fingerprint_are_one_row(run: Run) -> None:
    reconcile(run, 1, one("a"), one("a", title=plain("again")))
    assert run.findings.filter(fingerprint="a" * 32).count() == 1


def test_hostile_subjects_are_storable(run: Run) -> None:
    reconcile(run, 1, one("d", subject={"na\x00me": "caf\udce9\x00"}, title=plain("\x00\udce9")))
    row = run.findings.get(fingerprint="d" * 32)
    assert "\x00" not in str(row.subject) + row.subject_words


def test_database_refuses_what_cannot_be(run: Run) -> None:
    row = run.findings.get(fingerprint="a" * 32)
    wrongs: tuple[dict[str, Any], ...] = ({"presence": "gone"}, {"first_seen_revision": 9}, {"fingerprint": "b" * 32})
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            RunFinding.objects.filter(pk=row.pk).update(**wrong)
    for status in (Status.FALSE_POSITIVE, Status.ACCEPTED, "nonsense"):
        with pytest.raises(IntegrityError), transaction.atomic():
            FindingReview.objects.filter(finding=row).update(status=status)


def test_history_is_not_rewritten(concluded_run: Run) -> None:
    entry = HistoryEntry.objects.filter(run=concluded_run).first()
    assert entry is not None
    entry.after = {}
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        HistoryEntry.objects.update(after={})

"""Decisions about findings: recorded, checked, and never overwritten by somebody who saw an older one."""

from dataclasses import replace
from datetime import date

import pytest
from django.contrib.auth.models import User

from runs.models import Event, FindingReview, Run, RunFinding, Status, Team
from runs.services import review
from runs.services.review import Bulk, Decision, NotAllowed, Stale
from tests.web.sample_report import report, run_with

DAY = date(2027, 1, 31)


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


@pytest.fixture
def found(run: Run) -> RunFinding:
    return run.findings.get(number="F1")


def test_decision_is_kept_and_every_part_recorded(found: RunFinding, reviewer: User) -> None:
    made = review.decide(found, Decision(Status.CONFIRMED, assignee=reviewer, due_date=DAY), 0, reviewer)
    assert (made.status, made.assignee, made.due_date, made.status_by, made.version) == ("confirmed", reviewer, DAY, reviewer, 1)
    events = {entry.event: (entry.before, entry.after) for entry in found.history.all()}
    nothing_else = {"reason": "", "accepted_until": None}
    assert events[Event.FINDING_STATUS] == ({"status": "open", **nothing_else}, {"status": "confirmed", **nothing_else})
    assert events[Event.FINDING_ASSIGNED] == (None, {"id": reviewer.pk, "name": "reviewer"})
    assert events[Event.FINDING_DUE] == (None, "2027-01-31")


def test_later_of_two_is_told_and_overwrites_nothing(found: RunFinding, reviewer: User, owner: User) -> None:
    review.decide(found, Decision(Status.CONFIRMED), 0, reviewer)
    with pytest.raises(Stale) as told:
        review.decide(found, Decision(Status.RESOLVED), 0, owner)
    assert (told.value.current.status, told.value.current.status_by) == (Status.CONFIRMED, reviewer)
    assert FindingReview.objects.get(finding=found).status == Status.CONFIRMED
    assert found.history.count() == 1
    assert review.decide(found, Decision(Status.CONFIRMED), 0, owner).version == 1  # both want the same: nobody is hurt
    assert review.decide(found, Decision(Status.RESOLVED), 1, owner).status == Status.RESOLVED


def test_closing_words_are_asked_for(found: RunFinding, reviewer: User, viewer: User, stranger: User) -> None:
    for wrong, why in (
        (Decision(Status.FALSE_POSITIVE, reason="  "), "reason"),
        (Decision(Status.ACCEPTED), "until"),
        (Decision(Status.OPEN, assignee=viewer), "assignee"),
        (Decision(Status.OPEN, assignee=stranger), "assignee"),
    ):
        with pytest.raises(NotAllowed) as told:
            review.decide(found, wrong, 0, reviewer)
        assert told.value.why == why
    made = review.decide(found, Decision(Status.ACCEPTED, reason="known", accepted_until=DAY), 0, reviewer)
    assert not made.is_overdue(DAY)
    assert made.is_overdue(date(2027, 2, 1))
    made = review.decide(found, Decision(Status.RESOLVED, reason="dropped", accepted_until=DAY), 1, reviewer)
    assert (made.reason, made.accepted_until) == ("", None)


def test_claim_takes_it_and_starts_it(found: RunFinding, reviewer: User) -> None:
    made = review.claim(found, 0, reviewer)
    assert (made.assignee, made.status) == (reviewer, Status.IN_PROGRESS)
    review.decide(found, replace(Decision.of(made), status=Status.RESOLVED, assignee=None), 1, reviewer)
    assert review.claim(found, 2, reviewer).status == Status.RESOLVED


def test_bulk_changes_what_was_seen_and_names_what_was_not(run: Run, reviewer: User, owner: User) -> None:
    rows = list(run.findings.order_by("place"))
    review.decide(rows[1], Decision(Status.CONFIRMED, due_date=DAY), 0, owner)
    seen = dict.fromkeys([row.fingerprint for row in rows], 0)
    changed, stale = review.decide_all(run, Bulk(status=Status.RESOLVED, assignee=reviewer), seen, reviewer)
    assert [row.number for row in changed] == ["F1", "F3"]
    assert [row.number for row in stale] == ["F2"]
    assert FindingReview.objects.get(finding=rows[1]).status == Status.CONFIRMED
    with pytest.raises(NotAllowed):
        review.decide_all(run, Bulk(status=Status.FALSE_POSITIVE), {rows[0].fingerprint: 1}, reviewer)
    changed, _ = review.decide_all(run, Bulk(unassign=True), {rows[0].fingerprint: 1}, reviewer)
    assert FindingReview.objects.get(finding=changed[0]).assignee is None


def test_accepted_past_its_day_is_pending_again(found: RunFinding, reviewer: User) -> None:
    review.decide(found, Decision(Status.ACCEPTED, accepted_until=DAY), 0, reviewer)
    mine = FindingReview.objects.filter(finding=found)
    assert not mine.pending(DAY).exists()
    assert mine.pending(date(2027, 2, 1)).exists()

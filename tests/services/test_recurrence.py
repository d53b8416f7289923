"""The same fault in earlier runs of the team, and what was decided then: only in runs that the viewer may see."""

import pytest
from django.contrib.auth.models import User

from runs.models import Role, Run, Status, Team
from runs.services import comments, recurrence, review, teams
from runs.services.review import Decision
from tests.web.sample_report import finding, report, run_with


@pytest.fixture
def runs_of_team(team: Team) -> list[Run]:
    return [run_with(team, report(), f"run{n}") for n in range(5)]


def test_earlier_runs_and_their_decisions(runs_of_team: list[Run], reviewer: User) -> None:
    first, last = runs_of_team[0], runs_of_team[-1]
    before = runs_of_team[3].findings.get(number="F1")
    review.decide(before, Decision(Status.RESOLVED), 0, reviewer)
    comments.say(before.run, "restart of the forwarder", reviewer, before)
    key = last.findings.get(number="F1").fingerprint
    seen = recurrence.recurrences(last, [key], reviewer)[key]
    assert (seen.runs, seen.since) == (4, first.created_at)
    assert [one.finding.run.label for one in seen.shown] == ["run3", "run2", "run1"]
    assert (seen.shown[0].finding.review.status, seen.shown[0].finding.review.status_by) == ("resolved", reviewer)
    assert seen.shown[0].comment is not None
    assert seen.shown[0].comment.text == "restart of the forwarder"
    assert recurrence.recurrences(first, [key], reviewer) == {}


def test_other_teams_are_not_told_of(runs_of_team: list[Run], reviewer: User, stranger: User) -> None:
    other = teams.create_team("Elsewhere", stranger)
    theirs = run_with(other, report())
    key = theirs.findings.get(number="F1").fingerprint
    assert recurrence.recurrences(theirs, [key], stranger) == {}
    teams.set_role(other, reviewer, Role.VIEWER)
    assert recurrence.recurrences(theirs, [key], reviewer) == {}
    assert recurrence.recurrences(runs_of_team[4], [key], stranger) == {}


def test_the_run_list_says_it_of_the_first_fault(runs_of_team: list[Run], team: Team) -> None:
    new = run_with(team, report(findings=(finding("F1", fingerprint="9" * 32),)))
    seen = recurrence.seen_before([*runs_of_team, new])
    assert runs_of_team[0].pk not in seen
    assert new.pk not in seen
    assert (seen[runs_of_team[2].pk].number, seen[runs_of_team[2].pk].runs) == ("F1", 5)

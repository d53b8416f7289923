"""The checklist: proposals come with the report and keep what people made of them; own entries stand beside."""

from datetime import date

import pytest
from django.contrib.auth.models import User

from runs.analysis.report import PlannedAction
from runs.models import Event, Run, Task, TaskSource, Team
from runs.services import checklist, links, notes, signoffs
from runs.services.review import Stale
from tests.web.sample_report import README, finding, report, run_with

DAY = date(2027, 1, 31)


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


def test_proposals_stand_once_and_the_notes_tick_theirs(run: Run) -> None:
    tasks = checklist.tasks_of(run)
    assert [(task.source, task.done_at is not None) for task in tasks] == [("notes", True), ("notes", False), ("finding", False)]
    assert tasks[2].finding == run.findings.get(number="F1")
    assert tasks[2].command.startswith("sudo lsof")


def test_next_report_keeps_the_hand_of_people(run: Run, reviewer: User) -> None:
    done, planned, advice = checklist.tasks_of(run)
    checklist.tick(planned, True, reviewer)
    checklist.plan(advice, reviewer, DAY, 0, reviewer)
    checklist.remove_task(done, reviewer)
    for findings in ((finding(next_actions=()),), (finding(),)):
        again = report(findings=findings, actions=(PlannedAction(README, 28, "再起動後に同じ採取を行う", done=True),))
        checklist.propose(run, again)
        kept = {task.pk: (task.owner, task.due_date, task.done_by) for task in checklist.tasks_of(run)}
        assert kept == {advice.pk: (reviewer, DAY, None), planned.pk: (None, None, reviewer)}
    assert Task.objects.filter(run=run).count() == 3


def test_own_entries_ticks_and_stale_plans(run: Run, reviewer: User, owner: User, stranger: User) -> None:
    task = checklist.add_task(run, " ask the provider ", reviewer, DAY, reviewer)
    assert (task.source, task.written) == (TaskSource.PERSON, "ask the provider")
    for wrong in ((" ", None), ("x", stranger)):
        with pytest.raises(ValueError, match="no next action"):
            checklist.add_task(run, wrong[0], wrong[1], None, reviewer)
    checklist.tick(task, True, owner)
    checklist.tick(task, True, reviewer)
    task.refresh_from_db()
    assert task.done_by == owner
    assert run.history.filter(event=Event.TASK_DONE).count() == 1
    with pytest.raises(Stale):
        checklist.plan(task, owner, None, 0, owner)
    checklist.tick(task, False, owner)
    assert run.history.filter(event=Event.TASK_UNDONE).count() == 1


def test_notes_have_a_history_and_tell_the_later_writer(run: Run, reviewer: User, owner: User) -> None:
    file = run.files.get(path=README)
    notes.write_note(file, "first", 0, reviewer)
    with pytest.raises(Stale) as told:
        notes.write_note(file, "other", 0, owner)
    assert told.value.current.text == "first"
    notes.write_note(file, "", 1, owner)
    assert notes.notes_of(run) == {}
    said = run.history.filter(event=Event.NOTE_EDITED).order_by("pk").values_list("before", "after")
    assert list(said) == [("", "first"), ("first", "")]


def test_links_are_seen_from_both_ends_by_those_who_see_both_runs(
    run: Run, team: Team, reviewer: User, viewer: User, stranger: User
) -> None:
    other = run_with(team, report(), "other")
    here, there = run.findings.get(number="F1"), other.findings.get(number="F2")
    made = links.link(here, there, reviewer)
    assert links.link(there, here, reviewer) == made
    links.link(here, other, reviewer)
    assert [(one.run, one.finding) for one in links.links_of(here, viewer)] == [(other, there), (other, None)]
    assert [(one.run, one.finding) for one in links.links_of(there, viewer)] == [(run, here)]
    assert links.links_of(here, stranger) == []
    for itself in (here, run):
        with pytest.raises(ValueError, match="itself"):
            links.link(here, itself, reviewer)
    links.unlink(there, made.pk, reviewer)
    assert len(links.links_of(here, viewer)) == 1


def test_sign_off_lists_what_is_open(concluded_run: Run, reviewer: User, owner: User) -> None:
    from runs.services.reports import load_report

    found = load_report(concluded_run)
    made = signoffs.sign_off(concluded_run, found, "looked at", concluded_run.concluded_revision, reviewer)
    kinds = {point["kind"] for point in made.open_points}
    assert "finding" in kinds
    assert len([p for p in made.open_points if p["kind"] == "finding"]) == concluded_run.findings.faults().count()
    with pytest.raises(Stale):
        signoffs.sign_off(concluded_run, found, "", concluded_run.concluded_revision, owner)
    assert signoffs.withdraw(concluded_run, owner)
    with pytest.raises(Stale):
        signoffs.sign_off(concluded_run, found, "", 0, owner)
    assert signoffs.sign_off(concluded_run, found, "", concluded_run.concluded_revision, owner).by == owner

"""A run is seen by its team alone, and changed by owners and reviewers alone."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import Http404

from runs.access import reviewable_run, reviewable_team, visible_run
from runs.models import Membership, Role, Run, Team


@pytest.fixture
def run(team: Team) -> Run:
    return Run.objects.create(team=team, label="20261120Tnetdiag3")


@pytest.mark.parametrize("who", ["owner", "reviewer", "viewer"])
def test_every_member_sees_the_run(run: Run, who: str, request: pytest.FixtureRequest):
    assert visible_run(request.getfixturevalue(who), run.key) == run


@pytest.mark.parametrize("who", ["owner", "reviewer"])
def test_owner_and_reviewer_may_change_it(run: Run, team: Team, who: str, request: pytest.FixtureRequest):
    user = request.getfixturevalue(who)
    assert reviewable_run(user, run.key) == run
    assert reviewable_team(user, team.slug) == team
    assert list(Team.objects.reviewable_by(user)) == [team]


def test_viewer_may_not_change_it(run: Run, team: Team, viewer: User):
    with pytest.raises(Http404):
        reviewable_run(viewer, run.key)
    with pytest.raises(Http404):
        reviewable_team(viewer, team.slug)


def test_stranger_does_not_learn_that_it_exists(run: Run, team: Team, stranger: User):
    for entry, name in ((visible_run, run.key), (reviewable_run, run.key), (reviewable_team, team.slug)):
        with pytest.raises(Http404):
            entry(stranger, name)
    assert not Run.objects.visible_to(stranger).exists()


def test_administrator_is_no_member(run: Run):
    with pytest.raises(Http404):
        visible_run(User.objects.create_superuser("root"), run.key)


def test_visitor_sees_nothing(run: Run):
    with pytest.raises(Http404):
        visible_run(AnonymousUser(), run.key)


def test_member_who_was_switched_off_sees_nothing(run: Run, owner: User):
    owner.is_active = False
    with pytest.raises(Http404):
        visible_run(owner, run.key)


def test_member_of_two_teams_sees_each_run_once(run: Run, owner: User):
    second = Team.objects.create(name="Second", slug="second")
    Membership.objects.create(team=second, user=owner, role=Role.VIEWER)
    other = Run.objects.create(team=second, label="other")
    assert list(Run.objects.visible_to(owner)) == [other, run]
    assert list(Run.objects.reviewable_by(owner)) == [run]

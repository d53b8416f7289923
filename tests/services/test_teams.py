"""Teams and roles."""

from django.contrib.auth.models import User

from runs.models import Role, Team
from runs.services import teams


def test_slugs_are_unique(db: None):
    assert [teams.create_team("Network Team").slug for _ in range(3)] == ["network-team", "network-team-2", "network-team-3"]


def test_name_without_latin_letters_has_a_slug_too(db: None):
    assert teams.create_team("ネットワーク").slug == "team"


def test_owner_role_change_and_leaving(stranger: User, team: Team):
    made = teams.create_team("Mine", stranger)
    assert made.memberships.get().role == Role.OWNER
    teams.set_role(made, stranger, Role.VIEWER)
    assert made.memberships.get().role == Role.VIEWER
    teams.remove_member(made, stranger)
    assert not made.memberships.exists()

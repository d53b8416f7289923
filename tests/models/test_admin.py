"""The administration pages show people and teams, and open no evidence."""

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from runs.models import EvidenceFile, Membership, Role, Run, Team


def test_administrator_puts_a_person_into_a_team(client: Client, team: Team, stranger: User):
    client.force_login(User.objects.create_superuser("root"))
    page = reverse("admin:runs_team_change", args=[team.pk])
    assert client.get(page).status_code == 200
    form = {
        "name": "Network",
        "slug": "network",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": str(stranger.pk),
        "memberships-0-role": Role.VIEWER,
    }
    assert client.post(page, form).status_code == 302
    assert Membership.objects.get(team=team).user == stranger
    assert client.get(reverse("admin:runs_membership_changelist")).status_code == 200


def test_runs_and_evidence_are_not_there():
    from django.contrib import admin

    assert not admin.site.is_registered(Run)
    assert not admin.site.is_registered(EvidenceFile)


def test_member_without_the_right_does_not_get_in(client: Client, owner: User):
    client.force_login(owner)
    assert client.get(reverse("admin:index")).status_code == 302

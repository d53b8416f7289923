"""My desk and the feeds: mine alone, of runs that I may see, gravest first; and changes from there."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from runs.models import FindingReview, Membership, Run, Status, Team
from runs.services import checklist, comments, findings, review
from runs.services.review import Decision
from tests.web.sample_report import finding, report, run_with


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


def desk(client: Client, tab: str = "", more: str = "") -> str:
    answer = client.get(f"/desk/?tab={tab}{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def rows(html: str) -> int:
    return html.count('name="finding"')


def test_tabs_hold_what_is_mine(client: Client, run: Run, reviewer: User, owner: User) -> None:
    by_number = {row.number: row for row in run.findings.all()}
    review.decide(by_number["F1"], Decision(Status.IN_PROGRESS, assignee=reviewer, due_date=timezone.localdate()), 0, owner)
    review.decide(by_number["F2"], Decision(Status.RESOLVED), 0, reviewer)
    checklist.add_task(run, "look into the forwarder", reviewer, None, owner)
    client.force_login(reviewer)
    assert rows(desk(client)) == 1
    assert "look into the forwarder" in desk(client)
    assert rows(desk(client, "unclaimed")) == 1
    assert rows(desk(client, "due")) == 1
    assert rows(desk(client, "closed")) == 1
    assert rows(desk(client, "back")) == 0
    assert rows(desk(client, "nonsense")) == 1
    client.force_login(owner)
    assert rows(desk(client)) == rows(desk(client, "closed")) == 0
    assert "look into the forwarder" not in desk(client)


def test_what_comes_back_shows_until_somebody_decides(client: Client, run: Run, reviewer: User) -> None:
    row = run.findings.get(number="F1")
    review.decide(row, Decision(Status.RESOLVED), 0, reviewer)
    findings.reconcile(run, report(findings=(finding("F2"),)), 0)
    findings.reconcile(run, report(), 0)
    client.force_login(reviewer)
    assert row.fingerprint in desk(client, "back")
    review.decide(row, Decision(Status.IN_PROGRESS), 1, reviewer)
    assert row.fingerprint not in desk(client, "back")


def test_acceptance_that_ran_out_is_due(client: Client, run: Run, reviewer: User) -> None:
    row = run.findings.get(number="F1")
    yesterday = timezone.localdate() - timedelta(days=1)
    review.decide(row, Decision(Status.ACCEPTED, accepted_until=yesterday, assignee=reviewer), 0, reviewer)
    client.force_login(reviewer)
    assert rows(desk(client, "due")) == 1


def test_leaving_the_team_clears_the_desk(client: Client, run: Run, reviewer: User, owner: User) -> None:
    row = run.findings.get(number="F1")
    review.claim(row, 0, reviewer)
    comments.say(run, "@reviewer look", owner, row)
    client.force_login(reviewer)
    assert "look" in desk(client, "mentions")
    Membership.objects.filter(user=reviewer).delete()
    assert rows(desk(client)) == rows(desk(client, "unclaimed")) == 0
    assert row.fingerprint not in desk(client, "mentions")


def test_viewers_and_strangers_have_a_desk_of_their_own(client: Client, run: Run, viewer: User, stranger: User) -> None:
    for user in (viewer, stranger):
        client.force_login(user)
        for tab in ("assigned", "unclaimed", "back", "due", "mentions", "closed"):
            html = desk(client, tab)
            assert run.key not in html
        row = run.findings.get(number="F1")
        client.post("/desk/bulk/", {"finding": f"{run.key}:{row.fingerprint}:0", "status": "resolved"})
    assert not FindingReview.objects.exclude(status=Status.OPEN).exists()


def test_filter_and_bulk(client: Client, run: Run, reviewer: User) -> None:
    client.force_login(reviewer)
    assert rows(desk(client, "unclaimed", "&severity=medium")) == 1
    assert rows(desk(client, "unclaimed", "&q=response_missing+127.0.0.1")) == 2
    assert rows(desk(client, "unclaimed", "&q=nothing%00")) == 0
    assert rows(desk(client, "unclaimed", "&team=elsewhere&severity=zz")) == 0
    ticks = [f"{run.key}:{row.fingerprint}:0" for row in run.findings.all()] + ["x:y:z", ""]
    assert "3 findings are changed" in client.post("/desk/bulk/", {"finding": ticks, "do": "claim"}, follow=True).content.decode()
    assert rows(desk(client)) == 3
    html = client.post("/desk/bulk/", {"finding": ticks[:1], "status": "resolved"}, follow=True).content.decode()
    assert "1 was changed by somebody else" in html
    for sent in ({"finding": ticks[:1], "status": "accepted"}, {"status": "resolved"}, {"finding": ["::"], "status": "resolved"}):
        client.post("/desk/bulk/", sent)
    assert not FindingReview.objects.filter(status__in=("accepted", "resolved")).exists()


def test_activity_is_of_my_teams(client: Client, run: Run, team: Team, reviewer: User, stranger: User) -> None:
    review.decide(run.findings.get(number="F1"), Decision(Status.OPEN, due_date=date(2027, 1, 31)), 0, reviewer)
    client.force_login(reviewer)
    html = client.get("/activity/").content.decode()
    assert "due date of F1: — → 2027-01-31" in html
    assert client.get(f"/activity/?team={team.slug}&before=999999999").status_code == 200
    client.force_login(stranger)
    assert run.key not in client.get("/activity/").content.decode()
    assert run.key not in client.get(f"/activity/?team={team.slug}").content.decode()

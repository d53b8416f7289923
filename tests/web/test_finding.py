"""The page of a finding and what is decided there: who may, what is kept, and that the later of two is told."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.models import Comment, Event, FindingReview, Run, RunFinding, Status, Team
from runs.services import comments, findings, links, review
from runs.services.review import Decision
from tests.web.sample_report import finding, report, run_with

HTMX = {"HX-Request": "true"}
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


@pytest.fixture
def found(run: Run) -> RunFinding:
    return run.findings.get(number="F1")


@pytest.fixture
def signed_in(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def address(found: RunFinding, more: str = "") -> str:
    return f"/runs/{found.run.key}/findings/{found.fingerprint}/{more}"


def wanted(**changes: str) -> dict[str, str]:
    return {"status": "open", "reason": "", "accepted_until": "", "assignee": "", "due_date": "", "version": "0", **changes}


def test_members_read_strangers_learn_nothing(
    client: Client, found: RunFinding, owner: User, reviewer: User, viewer: User, stranger: User
) -> None:
    for user, is_reviewing in ((owner, True), (reviewer, True), (viewer, False)):
        client.force_login(user)
        answer = client.get(address(found))
        assert answer.status_code == 200
        assert ("Take it on" in answer.content.decode()) == is_reviewing
        assert ("<textarea" in answer.content.decode()) == is_reviewing
    client.force_login(stranger)
    assert client.get(address(found)).status_code == 404
    client.logout()
    assert client.get(address(found)).status_code == 302


def test_viewers_and_strangers_change_nothing(
    client: Client, found: RunFinding, reviewer: User, viewer: User, stranger: User
) -> None:
    said = comments.say(found.run, "x", reviewer, found)
    link = links.link(found, found.run.findings.get(number="F2"), reviewer)
    before = found.run.history.count()
    key = found.run.key
    file = found.run.files.get(path="README.md")
    for user in (viewer, stranger):
        client.force_login(user)
        for path, data in (
            (address(found, "review/"), wanted(status="resolved")),
            (address(found, "claim/"), {"version": "0"}),
            (address(found, "comment/"), {"text": "x"}),
            (address(found, "link/"), {"to": "F3"}),
            (address(found, f"unlink/{link.pk}/"), {}),
            (f"/runs/{key}/findings/bulk/", {"finding": f"{found.fingerprint}:0", "status": "resolved"}),
            (f"/runs/{key}/comments/{said.pk}/edit/", {"text": "y", "version": "0"}),
            (f"/runs/{key}/comments/{said.pk}/delete/", {}),
            (f"/runs/{key}/files/{file.pk}/note/", {"text": "y", "version": "0"}),
        ):
            assert client.post(path, data).status_code == 404, path
    assert found.run.history.count() == before


def test_decision_is_kept_and_shown_in_the_list(signed_in: Client, found: RunFinding, reviewer: User) -> None:
    sent = wanted(status="in_progress", assignee=str(reviewer.pk), due_date="2027-01-31", at="run")
    answer = signed_in.post(address(found, "review/"), sent)
    assert answer["Location"] == f"/runs/{found.run.key}/?open=F1#F1"
    html = signed_in.get(f"/runs/{found.run.key}/?open=").content.decode()
    row = html[html.index('id="F1"') : html.index('id="F2"')]
    assert "in progress" in row
    assert "reviewer" in row
    assert "2027-01-31" in row


def test_what_is_missing_is_said_and_nothing_kept(signed_in: Client, found: RunFinding, viewer: User) -> None:
    for sent, said in (
        (wanted(status="false_positive"), "why it is a false positive"),
        (wanted(status="accepted"), "until which day"),
        (wanted(status="nonsense"), "cannot be read"),
        (wanted(due_date="tomorrow"), "cannot be read"),
        (wanted(assignee=str(viewer.pk)), "cannot be read"),
        (wanted(version="x"), "cannot be read"),
    ):
        html = signed_in.post(address(found, "review/"), sent, follow=True).content.decode()
        assert said in html, sent
    assert FindingReview.objects.get(finding=found).version == 0


def test_later_of_two_sees_both_and_may_decide(signed_in: Client, found: RunFinding, owner: User) -> None:
    review.decide(found, Decision(Status.FALSE_POSITIVE, reason=EVIL), 0, owner)
    answer = signed_in.post(address(found, "review/"), wanted(status="resolved"))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "owner changed this while you were writing" in html
    assert EVIL not in html
    assert '<input type="hidden" name="version" value="1">' in html
    assert '<input type="hidden" name="status" value="resolved">' in html
    assert FindingReview.objects.get(finding=found).status == Status.FALSE_POSITIVE
    assert signed_in.post(address(found, "review/"), wanted(status="resolved"), headers=HTMX)["HX-Retarget"] == "#main"
    assert signed_in.post(address(found, "claim/"), {"version": "0"}).status_code == 409
    assert signed_in.post(address(found, "review/"), wanted(status="resolved", version="1")).status_code == 302
    assert FindingReview.objects.get(finding=found).status == Status.RESOLVED


def test_bulk_changes_the_ticked(signed_in: Client, found: RunFinding, owner: User) -> None:
    run = found.run
    other = run.findings.get(number="F2")
    review.claim(other, 0, owner)
    ticks = [f"{found.fingerprint}:0", f"{other.fingerprint}:0", "nonsense", ":"]
    html = signed_in.post(
        f"/runs/{run.key}/findings/bulk/", {"finding": ticks, "status": "confirmed"}, follow=True
    ).content.decode()
    assert "1 finding is changed" in html
    assert "Somebody else changed F2 meanwhile" in html
    for sent in ({}, {"finding": ticks, "status": "false_positive"}, {"finding": ["x"], "status": "confirmed"}):
        assert "Not" in signed_in.post(f"/runs/{run.key}/findings/bulk/", sent, follow=True).content.decode()
    assert FindingReview.objects.get(finding=other).assignee == owner


def test_comment_is_formatted_and_safe_and_calls(signed_in: Client, found: RunFinding, viewer: User, client: Client) -> None:
    signed_in.post(address(found, "comment/"), {"text": f"**see** @viewer {EVIL} ![p](https://evil.example/x.png)"})
    html = signed_in.get(address(found)).content.decode()
    assert "<strong>see</strong>" in html
    assert '<b class="call">@viewer</b>' in html
    assert EVIL not in html
    assert "<img" not in html
    mention = viewer.mentions.get()
    assert mention.seen_at is None
    client.force_login(viewer)
    client.get(address(found))
    mention.refresh_from_db()
    assert mention.seen_at is not None


def test_own_comment_is_edited_others_are_not(
    client: Client, found: RunFinding, reviewer: User, owner: User, member_of: Callable[[str, str], User]
) -> None:
    said = comments.say(found.run, "first", reviewer, found)
    other = member_of("second", "reviewer")
    edit, delete = (f"/runs/{found.run.key}/comments/{said.pk}/{what}/" for what in ("edit", "delete"))
    client.force_login(other)
    assert client.post(edit, {"text": "mine", "version": "0"}).status_code == 404
    assert client.post(delete).status_code == 404
    client.force_login(reviewer)
    client.post(edit, {"text": "in other words", "version": "0"})
    answer = client.post(edit, {"text": "third", "version": "0"})
    assert answer.status_code == 409
    assert "third" in answer.content.decode()
    client.force_login(owner)
    assert client.post(edit, {"text": "x", "version": "1"}).status_code == 404
    client.post(delete)
    html = client.get(address(found)).content.decode()
    assert "Deleted by owner" in html
    assert "in other words" not in html
    assert Comment.objects.get(pk=said.pk).deleted_by == owner


def test_links_by_number_and_by_address(signed_in: Client, found: RunFinding, team: Team, stranger: User) -> None:
    other = run_with(team, report(), "other")
    from runs.services.teams import create_team

    hidden = run_with(create_team("Hidden", stranger), report(), "hidden")
    there = other.findings.get(number="F2")
    good = ("f3", f"https://portal.example/runs/{other.key}/findings/{there.fingerprint}/", f"/runs/{other.key}/?open=F1#F1")
    for to in good:
        signed_in.post(address(found, "link/"), {"to": to})
    assert found.links.count() == 3
    for to in (
        "F99",
        "F1",
        "",
        "x" * 400,
        f"/runs/{hidden.key}/",
        f"/runs/{found.run.key}/",
        f"/runs/{other.key}/findings/zz/",
        "runs",
    ):
        assert "No link was made" in signed_in.post(address(found, "link/"), {"to": to}, follow=True).content.decode(), to
    html = signed_in.get(address(there)).content.decode()
    assert found.fingerprint in html
    signed_in.post(address(there, f"unlink/{found.links.get(to_finding=there).pk}/"))
    assert found.links.count() == 2


def test_gone_finding_keeps_its_page(signed_in: Client, found: RunFinding, reviewer: User) -> None:
    comments.say(found.run, "we saw it", reviewer, found)
    findings.reconcile(found.run, report(findings=(finding("F2"),)), 0)
    html = signed_in.get(address(found)).content.decode()
    assert "does not find this any more" in html
    assert "we saw it" in html
    assert "1 gone" not in html
    listed = signed_in.get(f"/runs/{found.run.key}/").content.decode()
    assert "2 findings of earlier analyses are gone" in listed
    assert "Since the last analysis:" in listed


def test_it_says_where_it_was_seen_before(signed_in: Client, found: RunFinding, reviewer: User, team: Team) -> None:
    review.decide(found, Decision(Status.RESOLVED), 0, reviewer)
    comments.say(found.run, "forwarder restarted", reviewer, found)
    later = run_with(team, report(), "later")
    for path in (f"/runs/{later.key}/?open=F1", address(later.findings.get(number="F1"))):
        html = signed_in.get(path).content.decode()
        assert "Seen before in 1 run" in html, path
        assert "forwarder restarted" in html
        assert address(found) in html
    assert "F1 seen in 2 runs since" in signed_in.get("/").content.decode()


def test_it_speaks_japanese(signed_in: Client, found: RunFinding, reviewer: User) -> None:
    review.claim(found, 0, reviewer)
    signed_in.cookies["django_language"] = "ja"
    html = signed_in.get(address(found)).content.decode()
    for words in ("対応中", "F1: 未対応 → 対応中", "応答しない", "履歴"):
        assert words in html


def test_note_of_a_file(signed_in: Client, concluded_run: Run) -> None:
    run = concluded_run
    file = run.files.get(path="README.md")
    path = f"/runs/{run.key}/files/{file.pk}/"
    signed_in.post(f"{path}note/", {"text": "**seen** " + EVIL, "version": "0"})
    html = signed_in.get(path).content.decode()
    assert "<strong>seen</strong>" in html
    assert EVIL not in html
    assert "seen" in signed_in.get(f"/runs/{run.key}/").content.decode()
    assert signed_in.post(f"{path}note/", {"text": "late", "version": "0"}).status_code == 409
    signed_in.post(f"{path}note/", {"text": "again", "version": "1"})
    assert run.history.filter(event=Event.NOTE_EDITED).count() == 2
    assert "History (2 changes)" in signed_in.get(path).content.decode()

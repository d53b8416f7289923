"""Runbook sections at findings and rules: by topic, by hand, filled with addresses, and whether they helped."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.analysis import registry
from runs.analysis.facts.base import Endpoint
from runs.analysis.report import RoleEndpoint
from runs.models import Event, Run, Runbook, RunFinding, SectionAnswer, SectionLink, Status, Team
from runs.services import review, runbooks
from runs.services.review import Decision
from runs.services.runbook_links import sections_for
from runs.services.runbook_values import values_of
from tests.web.sample_report import finding, report, run_with

TEXT = (
    "# Book\n\n## 8. Silent\n\ntopics: http\n\nAsk {port}, run `nc {responder} {port}`:\n\n    curl http://{responder}:{port}/ # {client} {x}\n\n"
    "### Deeper\n\ntopics: http\n\nBelow.\n\n## 9. Undo\n\nBack.\n"
)


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


@pytest.fixture
def found(run: Run) -> RunFinding:
    return run.findings.get(number="F1")


@pytest.fixture
def book(team: Team) -> Runbook:
    return runbooks.create(team, "BOOK.md", TEXT, None)


def address(found: RunFinding, more: str = "") -> str:
    return f"/runs/{found.run.key}/findings/{found.fingerprint}/{more}"


def test_a_section_comes_up_by_topic_with_what_stands_below_it(
    client: Client, found: RunFinding, book: Runbook, viewer: User
) -> None:
    assert [one.section.anchor for one in sections_for(found, ("http", "tcp"))] == ["§8"]
    client.force_login(viewer)
    page = client.get(address(found)).content.decode()
    assert f'href="/runbooks/{book.pk}/#%C2%A78"' in page
    assert "Below." in page
    assert "curl http://127.0.0.1:9080/ # {client} {x}" in page
    assert "<code>nc 127.0.0.1 9080</code>" in page
    assert "Ask {port}, run" in page  # words are left as they are
    about_http = next(id for id, rule in registry.rules().items() if "http" in rule.topics)
    rule = client.get(f"/rules/{about_http}/").content.decode()
    assert "curl http://{responder}:{port}/" in rule
    assert "8. Silent" in client.get(f"/runs/{found.run.key}/?open=F1").content.decode()


def test_other_teams_sections_stay_theirs(client: Client, found: RunFinding, viewer: User, stranger: User) -> None:
    theirs = runbooks.create(stranger.memberships.get().team, "THEIRS.md", "## Theirs\n\ntopics: http", None)
    client.force_login(viewer)
    for path in (address(found), "/rules/response_missing/", f"/runs/{found.run.key}/?open=F1", "/runbooks/"):
        assert "THEIRS.md" not in client.get(path).content.decode()
    assert sections_for(found, ("http",)) == []
    assert theirs.sections.current().count() == 1


def test_who_may_link_and_answer(
    client: Client, found: RunFinding, book: Runbook, owner: User, reviewer: User, viewer: User, stranger: User
) -> None:
    section = book.sections.get(anchor="§9")
    link = {"section": str(section.pk), "for": "one"}
    for user in (viewer, stranger):
        client.force_login(user)
        assert client.post(address(found, "sections/"), link).status_code == 404
        assert client.post(address(found, f"sections/{section.pk}/helped/"), {"helped": "yes"}).status_code == 404
        assert client.post(address(found, "sections/unlink/1/")).status_code == 404
    assert not SectionLink.objects.exists()
    assert not SectionAnswer.objects.exists()
    for user in (owner, reviewer):
        client.force_login(user)
        assert client.post(address(found, "sections/"), link).status_code == 302
        assert client.post(address(found, f"sections/{section.pk}/helped/"), {"helped": "no"}).status_code == 302
    assert SectionLink.objects.get().made_by == owner  # once
    client.force_login(viewer)
    page = client.get(address(found)).content.decode()
    assert "<b>did not help</b>" in page
    assert 'name="helped"' not in page
    client.force_login(reviewer)
    client.post(address(found, f"sections/unlink/{SectionLink.objects.get().pk}/"))
    assert not SectionLink.objects.exists()
    events = set(found.history.values_list("event", flat=True))
    assert {Event.SECTION_LINKED, Event.SECTION_UNLINKED, Event.SECTION_JUDGED} <= events
    assert "no longer linked with BOOK.md §9" in client.get(address(found)).content.decode()


def test_a_section_of_another_team_cannot_be_put_here(client: Client, found: RunFinding, reviewer: User, stranger: User) -> None:
    theirs = runbooks.create(stranger.memberships.get().team, "THEIRS.md", "## Theirs", None).sections.get()
    client.force_login(reviewer)
    assert client.post(address(found, "sections/"), {"section": str(theirs.pk), "for": "one"}).status_code == 404
    assert client.post(address(found, f"sections/{theirs.pk}/helped/"), {"helped": "yes"}).status_code == 404
    for odd in ("", "x", "9" * 30, "²"):
        assert client.post(address(found, "sections/"), {"section": odd, "for": "one"}).status_code == 404


def test_for_all_reaches_the_next_run_and_no_other_team(
    client: Client, team: Team, found: RunFinding, book: Runbook, reviewer: User, stranger: User
) -> None:
    section = book.sections.get(anchor="§9")
    client.force_login(reviewer)
    client.post(address(found, "sections/"), {"section": str(section.pk), "for": "all"})
    again = run_with(team, report(), "again").findings.get(number="F1")
    assert [one.section.pk for one in sections_for(again, ())] == [section.pk]
    elsewhere = run_with(stranger.memberships.get().team, report(), "elsewhere").findings.get(number="F1")
    assert sections_for(elsewhere, ()) == []


def test_the_section_counts_who_it_helped_and_how_they_ended(
    client: Client, found: RunFinding, book: Runbook, reviewer: User
) -> None:
    section = book.sections.get(anchor="§8")
    client.force_login(reviewer)
    client.post(address(found, f"sections/{section.pk}/helped/"), {"helped": "no"})
    client.post(address(found, f"sections/{section.pk}/helped/"), {"helped": "yes"})
    client.post(address(found, f"sections/{section.pk}/helped/"), {"helped": "perhaps"})
    review.decide(found, Decision(Status.RESOLVED), found.review.version, reviewer)
    page = client.get(f"/runbooks/{book.pk}/").content.decode()
    assert "Used for 1 finding" in page
    assert "1 yes, 0 no" in page
    assert address(found) in page
    assert "resolved" in page
    assert "1 yes, 0 no" in client.get("/runbooks/").content.decode()


def test_an_answer_outlives_its_section(client: Client, found: RunFinding, book: Runbook, reviewer: User) -> None:
    client.force_login(reviewer)
    client.post(address(found, f"sections/{book.sections.get(anchor='§9').pk}/helped/"), {"helped": "yes"})
    runbooks.save(book, "# Other", book.version, reviewer)
    assert "no longer in the text" in client.get(address(found)).content.decode()
    page = client.get(f"/runbooks/{book.pk}/").content.decode()
    assert "No longer in the text" in page
    assert "9. Undo" in page


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("192.0.2.1", 80, {"responder": "192.0.2.1", "port": "80"}),
        ("fe80::1%en0", 0, {"responder": "fe80::1%en0"}),
        ("srv-1.example", 70_000, {"responder": "srv-1.example"}),
        ("fe80::1%$(id)", 1, {"port": "1"}),
        ("-oProxyCommand=x", None, {}),
        ("a;reboot", None, {}),
        ("a\nb", None, {}),
        ("`id`", None, {}),
        ("a" * 300, None, {}),
        ("１２７.0.0.1", None, {}),
    ],
)
def test_only_plain_words_reach_a_command(host: str, port: int | None, expected: dict[str, str]) -> None:
    assert values_of(finding(endpoints=(RoleEndpoint("responder", Endpoint(host, port)),))) == expected


def test_a_topic_that_faults_ask_for_comes_first(client: Client, team: Team, viewer: User) -> None:
    found = run_with(team, report(findings=(finding(rule="http_timeout"),))).findings.get()
    client.force_login(viewer)
    page = client.get("/runbooks/").content.decode()
    assert page.index('<a class="mono" href="/rules/http_timeout/">') < page.index("No fault of the team")
    runbooks.create(team, "ALL.md", "## x\n\ntopics: " + ", ".join(registry.rules()[found.rule].topics), None)
    assert "/rules/http_timeout/" not in client.get("/runbooks/").content.decode()


def test_the_client_is_filled_in() -> None:
    ends = (RoleEndpoint("originator", Endpoint("2001:db8::7", 55_555)), RoleEndpoint("router", Endpoint("192.0.2.9")))
    assert values_of(finding(endpoints=ends)) == {"client": "2001:db8::7"}

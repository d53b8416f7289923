"""Runbooks over time: renamed, withdrawn and brought back, compared and restored; what findings and notes then show."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.models import Event, HistoryEntry, Run, Runbook, RunFinding, Team
from runs.services import line_diff, runbook_links, runbook_state, runbooks
from runs.services.runbooks import NotWritable
from tests.web.sample_report import report, run_with

TEXT = "# Book\n\n## 8. Silent\n\ntopics: http\n\nAsk.\n\n## 9. Undo\n\nBack.\n"


@pytest.fixture
def run(team: Team) -> Run:
    return run_with(team, report())


@pytest.fixture
def found(run: Run) -> RunFinding:
    return run.findings.get(number="F1")


@pytest.fixture
def book(team: Team, reviewer: User) -> Runbook:
    return runbooks.create(team, "BOOK.md", TEXT, reviewer)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_rename_is_recorded_and_told(client: Client, book: Runbook, reviewer: User) -> None:
    client.force_login(reviewer)
    assert 'value="BOOK.md"' in page(client, f"/runbooks/{book.pk}/rename/")
    assert client.post(f"/runbooks/{book.pk}/rename/", {"name": " PORTS  RUNBOOK.md ", "version": "1"}).status_code == 302
    assert Runbook.objects.get().name == "PORTS RUNBOOK.md"
    entry = HistoryEntry.objects.get(event=Event.RUNBOOK_RENAMED)
    names = {"runbook": book.pk, "name": "BOOK.md"}, {"runbook": book.pk, "name": "PORTS RUNBOOK.md"}
    assert (entry.before, entry.after, entry.actor) == (*names, reviewer)
    assert "renamed runbook BOOK.md to PORTS RUNBOOK.md" in page(client, "/activity/")


def test_a_name_that_is_taken_is_refused(client: Client, book: Runbook, team: Team, reviewer: User, stranger: User) -> None:
    runbooks.create(team, "OTHER.md", "# Other", reviewer)
    runbooks.create(stranger.memberships.get().team, "THEIRS.md", "# Theirs", None)
    client.force_login(reviewer)
    for name, why in (("other.MD", "has a runbook of that name already"), ("  ", "needs a name")):
        answer = client.post(f"/runbooks/{book.pk}/rename/", {"name": name, "version": "1"})
        assert (answer.status_code, why in answer.content.decode()) == (400, True)
    for version, name in enumerate(("book.md", "THEIRS.md"), 1):  # its own in other letters, another team's
        assert client.post(f"/runbooks/{book.pk}/rename/", {"name": name, "version": str(version)}).status_code == 302
    assert HistoryEntry.objects.filter(event=Event.RUNBOOK_RENAMED).count() == 2


def test_the_later_of_two_who_rename_is_told(client: Client, book: Runbook, owner: User, reviewer: User) -> None:
    runbook_state.rename(book, "FIRST.md", 1, owner)
    client.force_login(reviewer)
    answer = client.post(f"/runbooks/{book.pk}/rename/", {"name": "SECOND.md", "version": "1"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "FIRST.md" in html
    assert "SECOND.md" in html
    assert 'name="version" value="2"' in html
    assert Runbook.objects.get().name == "FIRST.md"
    assert client.post(f"/runbooks/{book.pk}/rename/", {"name": "SECOND.md", "version": "2"}).status_code == 302
    assert client.post(f"/runbooks/{book.pk}/rename/", {"name": "SECOND.md", "version": "1"}).status_code == 302  # as they want it
    assert Runbook.objects.get().name_version == 3


def test_who_may_rename_withdraw_and_restore(client: Client, book: Runbook, viewer: User, stranger: User) -> None:
    runbooks.save(book, "# Shorter", 1, None)
    for user in (viewer, stranger):
        client.force_login(user)
        for path in ("rename/", "withdraw/", "back/", "versions/1/restore/"):
            sent = {"name": "x", "version": "2"}
            assert client.post(f"/runbooks/{book.pk}/{path}", sent).status_code == 404, path
    assert client.get(f"/runbooks/{book.pk}/compare/").status_code == 404
    client.force_login(viewer)
    html = page(client, f"/runbooks/{book.pk}/") + page(client, f"/runbooks/{book.pk}/versions/1/")
    assert not any(word in html for word in ("/rename/", "/withdraw/", "/restore/"))
    assert "Shorter" in page(client, f"/runbooks/{book.pk}/compare/")
    assert Runbook.objects.standing().get().name == "BOOK.md"


def test_withdrawn_it_comes_up_nowhere_but_where_people_used_it(
    client: Client, book: Runbook, found: RunFinding, reviewer: User
) -> None:
    silent, undo = book.sections.get(anchor="§8"), book.sections.get(anchor="§9")
    runbook_links.put(found, undo, True, reviewer)
    assert [row.anchor for row in runbook_links.headings_for({found: ("http",)})[found.fingerprint]] == ["§9", "§8"]
    runbook_links.answer(found, undo, True, reviewer)
    client.force_login(reviewer)
    ask = page(client, f"/runbooks/{book.pk}/withdraw/")
    assert "Its 3 sections no longer come up" in ask
    assert f"/findings/{found.fingerprint}/" in ask
    assert Runbook.objects.standing().exists()
    assert client.post(f"/runbooks/{book.pk}/withdraw/").status_code == 302
    assert client.post(f"/runbooks/{book.pk}/withdraw/").status_code == 302  # twice is once
    assert HistoryEntry.objects.get(event=Event.RUNBOOK_WITHDRAWN).before == {
        "runbook": book.pk,
        "name": "BOOK.md",
        "sections": 3,
        "findings": 1,
    }

    assert runbook_links.headings_for({found: ("http",)})[found.fingerprint] == []
    assert [one.section for one in runbook_links.sections_for(found, ("http",))] == [undo]
    at = f"/runs/{found.run.key}/findings/{found.fingerprint}/"
    html = page(client, at)
    assert "runbook withdrawn" in html
    assert "9. Undo" in html
    assert f"sections/{undo.pk}/helped/" not in html
    assert client.post(f"{at}sections/", {"section": silent.pk, "for": "one"}).status_code == 404
    assert client.post(f"{at}sections/{undo.pk}/helped/", {"helped": "no"}).status_code == 404
    assert found.section_answers.get().helped
    assert {topic.topic for topic in runbook_links.unwritten_topics(book.team)} >= {"http"}
    for path in (
        "/runbooks/",
        f"/runs/{found.run.key}/",
        "/rules/response_missing/",
        f"/runbooks/{book.pk}/versions/",
        "/activity/",
    ):
        page(client, path)
    assert "Used for 1 finding" in page(client, f"/runbooks/{book.pk}/")


def test_seen_before_says_that_what_helped_is_withdrawn(
    client: Client, team: Team, book: Runbook, found: RunFinding, reviewer: User
) -> None:
    runbook_links.answer(found, book.sections.get(anchor="§8"), True, reviewer)
    again = run_with(team, report())
    runbook_state.withdraw(book, reviewer)
    client.force_login(reviewer)
    html = page(client, f"/runs/{again.key}/findings/{found.fingerprint}/")
    assert "Helped:" in html
    assert "runbook withdrawn" in html


def test_nothing_is_saved_in_a_withdrawn_one(client: Client, book: Runbook, reviewer: User) -> None:
    runbooks.save(book, "# Shorter", 1, reviewer)
    runbook_state.withdraw(book, reviewer)
    client.force_login(reviewer)
    for path, sent in (("edit/", {"body": "# Late words", "version": "2"}), ("rename/", {"name": "LATE.md", "version": "1"})):
        answer = client.post(f"/runbooks/{book.pk}/{path}", sent)
        assert (answer.status_code, "is withdrawn. Bring it back" in answer.content.decode()) == (400, True)
        assert "# Late words" in answer.content.decode() or "LATE.md" in answer.content.decode()
    assert "is withdrawn" in client.post(f"/runbooks/{book.pk}/versions/1/restore/", {"version": "2"}, follow=True).content.decode()
    assert book.versions.count() == 2
    assert "/edit/" not in page(client, f"/runbooks/{book.pk}/")


def test_it_comes_back_unless_its_name_was_taken(client: Client, team: Team, book: Runbook, reviewer: User) -> None:
    runbook_state.withdraw(book, reviewer)
    other = runbooks.create(team, "book.md", "# Another", reviewer)
    client.force_login(reviewer)
    answer = client.post(f"/runbooks/{book.pk}/back/", follow=True)
    assert "has a runbook of that name already" in answer.content.decode()
    with pytest.raises(NotWritable):
        runbook_state.bring_back(book, reviewer)
    runbook_state.rename(other, "ANOTHER.md", 1, reviewer)
    assert client.post(f"/runbooks/{book.pk}/back/").status_code == 302
    assert Runbook.objects.standing().filter(team=team).count() == 2
    assert "brought back runbook BOOK.md" in page(client, "/activity/")


def test_two_versions_are_compared(client: Client, book: Runbook, reviewer: User) -> None:
    runbooks.save(book, TEXT.replace("Ask.", "Ask <script>alert(1)</script> twice."), 1, reviewer)
    runbooks.save(book, TEXT, 2, reviewer)
    client.force_login(reviewer)
    html = page(client, f"/runbooks/{book.pk}/compare/?to=2")
    assert "<script>alert" not in html
    assert '<span class="visually-hidden">added: </span><ins>' in html
    assert '<span class="visually-hidden">removed: </span><del>' in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html.replace("<mark>", "").replace("</mark>", "")
    assert '<tr class="between"><td></td><td></td><td>3 lines alike</td></tr>' in html
    assert "These versions do not differ" in page(client, f"/runbooks/{book.pk}/compare/?from=1&to=3")
    assert "Version 2 → 3" in page(client, f"/runbooks/{book.pk}/compare/")
    assert "Version 3 → 1" in page(client, f"/runbooks/{book.pk}/compare/?from=3&to=1")
    for wrong in ("?from=9", "?to=0&from=1", "?to=x", "?to=99999999999", "?from=-1"):
        assert client.get(f"/runbooks/{book.pk}/compare/{wrong}").status_code == 404, wrong
    assert 'name="from" value="2"' in page(client, f"/runbooks/{book.pk}/versions/")


def test_secrets_stay_masked_where_only_they_differ(client: Client, book: Runbook, reviewer: User) -> None:
    header = "curl -H 'Authorization: Bearer {}' http://192.0.2.1/"
    old, new = "abcdefghijklmnopqrstuvwxyz0123456789", "zyxwvutsrqponmlkjihgfedcba9876543210"
    runbooks.save(book, f"# Book\n\n{header.format(old)}\n", 1, reviewer)
    runbooks.save(book, f"# Book\n\n{header.format(new)}\n\nMore.\n", 2, reviewer)
    client.force_login(reviewer)
    html = page(client, f"/runbooks/{book.pk}/compare/") + page(client, f"/runbooks/{book.pk}/compare/?from=1&to=2")
    assert "More." in html
    assert old not in html
    assert new not in html


def test_ten_thousand_lines_are_compared_and_some_of_them_shown(client: Client, book: Runbook, reviewer: User) -> None:
    lines = [f"- step {n} of it" for n in range(10_000)]
    runbooks.save(book, "\n".join(lines), 1, reviewer)
    runbooks.save(book, "\n".join(f"{line}." if n % 2 else line for n, line in enumerate(lines)), 2, reviewer)
    client.force_login(reviewer)
    html = page(client, f"/runbooks/{book.pk}/compare/")
    assert html.count("<tr") <= line_diff.MOST_ROWS + 10
    assert "5000 lines added, 5000 removed" in html
    assert "more lines that differ are not shown" in html


def test_an_earlier_version_is_restored(client: Client, book: Runbook, owner: User, reviewer: User) -> None:
    runbooks.save(book, "# Shorter", 1, reviewer)
    client.force_login(reviewer)
    html = page(client, f"/runbooks/{book.pk}/versions/1/")
    assert "/versions/1/restore/" in html
    assert "/compare/?from=1" in html
    assert client.post(f"/runbooks/{book.pk}/versions/1/restore/", {"version": "2"}).status_code == 302
    assert runbooks.newest_version(Runbook.objects.get()).body == TEXT
    assert "restored version 1 of runbook BOOK.md as version 3" in page(client, "/activity/")
    runbooks.save(Runbook.objects.get(), "# Theirs", 3, owner)
    answer = client.post(f"/runbooks/{book.pk}/versions/2/restore/", {"version": "3"})
    assert (answer.status_code, "# Theirs" in answer.content.decode()) == (409, True)
    assert client.post(f"/runbooks/{book.pk}/versions/2/restore/", {"version": "4"}).status_code == 302
    assert runbooks.newest_version(Runbook.objects.get()).body == "# Shorter"

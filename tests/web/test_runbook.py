"""The pages of runbooks: who reads and writes them, versions, previews, uploads, and Markdown that means harm."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from runs.models import RUNBOOK_MAX_CHARS, Runbook, RunbookVersion, Team
from runs.services import runbooks

TEXT = "# Captures\n\nFirst words.\n\n## 8. Silent port\n\ntopics: forwarder, no-such\n\n```sh\nlsof -iTCP:{port}\n```\n\n## 9. Undo\n\nBack.\n"
EVIL = (
    "# <script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)> ![p](http://evil.example/p.png)\n\n"
    '```"><script>alert(2)</script>\n</code></pre><script>alert(3)</script>\n```\n'
)


@pytest.fixture
def book(team: Team, reviewer: User) -> Runbook:
    return runbooks.create(team, "CAPTURE_RUNBOOK.md", TEXT, reviewer)


def pages(book: Runbook) -> list[str]:
    return [f"/runbooks/{book.pk}/", f"/runbooks/{book.pk}/versions/", f"/runbooks/{book.pk}/versions/1/"]


def test_members_read_strangers_learn_nothing(
    client: Client, book: Runbook, owner: User, reviewer: User, viewer: User, stranger: User
) -> None:
    for user in (owner, reviewer, viewer):
        client.force_login(user)
        assert [client.get(page).status_code for page in pages(book)] == [200, 200, 200]
        assert book.name in client.get("/runbooks/").content.decode()
    client.force_login(stranger)
    assert [client.get(page).status_code for page in pages(book)] == [404, 404, 404]
    assert book.name not in client.get("/runbooks/").content.decode()


def test_only_owners_and_reviewers_write(
    client: Client, book: Runbook, team: Team, owner: User, reviewer: User, viewer: User, stranger: User
) -> None:
    edit, new = f"/runbooks/{book.pk}/edit/", "/runbooks/new/"
    for user in (viewer, stranger):
        client.force_login(user)
        assert client.get(edit).status_code == 404
        assert client.post(edit, {"body": "mine", "version": "1"}).status_code == 404
        assert client.post(new, {"team": team.slug, "name": "x", "body": "y"}).status_code == 404
    client.force_login(viewer)
    assert "/edit/" not in client.get(f"/runbooks/{book.pk}/").content.decode()
    assert client.get(new).status_code == 404
    assert Runbook.objects.count() == RunbookVersion.objects.count() == 1
    for version, user in enumerate((owner, reviewer), 1):
        client.force_login(user)
        assert client.get(edit).status_code == 200
        assert client.post(edit, {"body": f"# {user}", "version": str(version)}).status_code == 302
        assert client.post(new, {"team": team.slug, "name": str(user), "body": "y"}).status_code == 302
    assert book.versions.count() == 3


def test_sections_have_anchors_and_topics(client: Client, book: Runbook, viewer: User) -> None:
    client.force_login(viewer)
    page = client.get(f"/runbooks/{book.pk}/").content.decode()
    assert '<section id="§8">' in page
    assert 'href="#%C2%A78"' in page
    assert '<span class="tag">forwarder</span>' in page
    assert "topics:" not in page
    assert "lsof -iTCP:{port}" in page


def test_the_preview_writes_nothing(client: Client, book: Runbook, reviewer: User) -> None:
    client.force_login(reviewer)
    answer = client.post(
        f"/runbooks/{book.pk}/edit/", {"body": "## 3) New words\n\ntopics: nonsense", "version": "1", "do": "preview"}
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "#§3" in page
    assert "nonsense: no such topic" in page
    assert book.versions.count() == 1


def test_the_later_of_two_is_told(client: Client, book: Runbook, owner: User, reviewer: User) -> None:
    runbooks.save(book, "# Theirs", 1, owner)
    client.force_login(reviewer)
    answer = client.post(f"/runbooks/{book.pk}/edit/", {"body": "# Mine", "version": "1"})
    assert answer.status_code == 409
    assert "# Theirs" in answer.content.decode()
    assert "# Mine" in answer.content.decode()
    assert runbooks.newest_version(Runbook.objects.get()).body == "# Theirs"


def test_a_file_is_taken_in_place_of_the_text(client: Client, team: Team, reviewer: User) -> None:
    client.force_login(reviewer)
    file = SimpleUploadedFile("手順.md", "\ufeff# 手順\r\n\r\nやる。".encode())
    assert client.post("/runbooks/new/", {"team": team.slug, "file": file}).status_code == 302
    made = Runbook.objects.get()
    assert (made.name, runbooks.newest_version(made).body) == ("手順.md", "# 手順\n\nやる。")
    binary = SimpleUploadedFile("x.md", b"\xff\xfe\x00")
    assert client.post("/runbooks/new/", {"team": team.slug, "file": binary}).status_code == 400
    again = SimpleUploadedFile("手順.md", b"# again")
    assert client.post("/runbooks/new/", {"team": team.slug, "file": again}).status_code == 400
    assert Runbook.objects.count() == 1


@pytest.mark.parametrize("body", ["", "  \n ", "x" * (RUNBOOK_MAX_CHARS + 1)])
def test_what_cannot_be_saved_is_said(client: Client, book: Runbook, reviewer: User, body: str) -> None:
    client.force_login(reviewer)
    answer = client.post(f"/runbooks/{book.pk}/edit/", {"body": body, "version": "1"})
    assert answer.status_code == 400
    assert "Not saved" in answer.content.decode()
    assert book.versions.count() == 1


def test_harmful_markdown_is_only_text(client: Client, team: Team, reviewer: User) -> None:
    made = runbooks.create(team, '<b onclick="x">.md', EVIL, reviewer)
    client.force_login(reviewer)
    for path in (*pages(made), "/runbooks/", f"/runbooks/{made.pk}/edit/"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
        assert "<b onclick" not in page, path
        assert 'href="javascript' not in page, path


def test_an_earlier_version_can_be_taken_up_again(client: Client, book: Runbook, reviewer: User) -> None:
    runbooks.save(book, "# Shorter", 1, reviewer)
    client.force_login(reviewer)
    assert "Silent port" in client.get(f"/runbooks/{book.pk}/edit/?from=1").content.decode()
    assert client.get(f"/runbooks/{book.pk}/edit/?from=9").status_code == 404
    assert client.get(f"/runbooks/{book.pk}/versions/9/").status_code == 404


def test_what_to_write_next(client: Client, book: Runbook, viewer: User, reviewer: User) -> None:
    client.force_login(viewer)
    page = client.get("/runbooks/").content.decode()
    assert '<span class="mono">dns</span>' in page
    assert "No fault of the team" in page
    assert '<span class="mono">forwarder</span>' not in page
    assert "topic=dns" not in page
    client.force_login(reviewer)
    assert "topic=dns" in client.get("/runbooks/").content.decode()
    assert "topics: dns" in client.get("/runbooks/new/?topic=dns").content.decode()

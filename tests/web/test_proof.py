"""Proofs for people without an account: who makes them, what they hold and what not, links that end."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from runs.models import ProofLink, Run
from runs.services import runs as run_service
from tests.portal_fixtures import incoming, work_off

pytestmark = pytest.mark.django_db


def shared(client: Client, run: Run, **fields: str) -> str:
    """The path of a new link."""
    page = client.post(reverse("proof_share", args=(run.key,)), {"days": "7", **fields}).content.decode()
    found = re.search(r"http://testserver(/proof/[\w-]+/)", page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("who", "reads", "shares"), [("owner", 200, 200), ("reviewer", 200, 200), ("viewer", 200, 404), ("stranger", 404, 404)]
)
def test_who_saves_and_who_shares(client: Client, request: Any, concluded_run: Run, who: str, reads: int, shares: int) -> None:
    client.force_login(request.getfixturevalue(who))
    for name in ("proof", "proof_file"):
        assert client.get(reverse(name, args=(concluded_run.key,))).status_code == reads
    assert client.post(reverse("proof_share", args=(concluded_run.key,)), {"days": "7"}).status_code == shares
    assert ProofLink.objects.count() == (shares == 200)


@pytest.mark.parametrize(("lang", "words"), [("en", "What would refute it"), ("ja", "覆る")])
def test_the_file_needs_nothing_else_and_holds_what_is_cited(
    client: Client, viewer: Any, concluded_run: Run, lang: str, words: str
) -> None:
    client.force_login(viewer)
    answer = client.get(reverse("proof_file", args=(concluded_run.key,)), {"lang": lang, "finding": "F1"})
    page = answer.content.decode()
    assert answer["Content-Disposition"] == f'attachment; filename="proof-{concluded_run.label}-{lang}.html"'
    assert words in page
    assert "[SYN]" in page
    assert (concluded_run.files.get(path="lo0_9080.pcap").blob_id or "no digest") in page
    assert not re.search(r"<script|<img|<link|<iframe|\bsrc=|\bhref=|url\(|https?://(?!localhost|127)", page)
    assert str(client.session.session_key) not in page
    assert viewer.get_username() not in page


def test_the_style_is_the_one_that_the_policy_names(client: Client, viewer: Any, concluded_run: Run) -> None:
    client.force_login(viewer)
    answer = client.get(reverse("proof_file", args=(concluded_run.key,)), {"show": "1"})
    assert "Content-Disposition" not in answer
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in answer["Content-Security-Policy"]


def test_a_link_opens_for_anybody_until_it_ends(client: Client, reviewer: Any, concluded_run: Run) -> None:
    client.force_login(reviewer)
    path = shared(client, concluded_run, finding="F1")
    assert path.split("/")[2] not in client.get(reverse("proof", args=(concluded_run.key,))).content.decode()
    visitor = Client()
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert not answer.cookies
    link = ProofLink.objects.get()
    assert (link.views, link.findings) == (1, ["F1"])
    assert path.split("/")[2] not in link.digest

    ProofLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    gone = visitor.get(path)
    never = visitor.get("/proof/neverwas/")
    assert gone.status_code == never.status_code == 404
    assert gone.content == never.content
    assert b"href" not in gone.content
    assert gone["Cache-Control"] == "no-store, private"


def test_a_revoked_link_and_one_of_a_deleted_run_open_nothing(
    client: Client, reviewer: Any, viewer: Any, concluded_run: Run
) -> None:
    client.force_login(reviewer)
    first, second = shared(client, concluded_run), shared(client, concluded_run)
    link = ProofLink.objects.order_by("pk")[0]
    address = reverse("proof_revoke", args=(concluded_run.key, link.pk))
    client.force_login(viewer)
    assert client.post(address).status_code == 404
    client.force_login(reviewer)
    client.post(address)
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)
    told = client.get(reverse("run_activity", args=(concluded_run.key,))).content.decode()
    assert "proof shared by a link: F1" in told
    assert "link to a proof revoked: F1" in told
    concluded_run.delete()
    assert Client().get(second).status_code == 404


def test_what_was_shared_does_not_change(client: Client, reviewer: Any, concluded_run: Run) -> None:
    client.force_login(reviewer)
    path = shared(client, concluded_run)
    before = Client().get(path).content
    client.post(reverse("run_label", args=(concluded_run.key,)), {"label": "renamed"})
    assert Client().get(path).content == before


def test_there_is_none_before_the_report(client: Client, reviewer: Any, queued_run: Run) -> None:
    client.force_login(reviewer)
    assert client.get(reverse("proof", args=(queued_run.key,))).status_code == 404


def test_secrets_and_hostile_names_of_the_evidence_stay_inside(client: Client, owner: Any, team: Any) -> None:
    """In the text, in a file's name, as HTML, and turned round by a control character."""
    secret = "AKIAIOSFODNN7EXAMPLE"
    lines = "\n".join(
        f"2026-11-20T17:50:0{n}+09:00 app[1]: error: <script>x()</script> aws_secret_access_key={secret}K" for n in range(5)
    )
    run = run_service.create_run(team, "20261127Thostile", owner)
    run_service.add_files(run, [incoming("a\u202egol<b>.log", lines.encode())])
    work_off(run)
    client.force_login(owner)
    page = client.get(reverse("proof_file", args=(run.key,))).content.decode()
    shared_page = Client().get(shared(client, run)).content.decode()
    for shown in (page, shared_page):
        assert secret not in shown
        assert "<script" not in shown
        assert "\u202e" not in shown
        assert "gol<b>" not in shown

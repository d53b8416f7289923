"""What a person is told by e-mail, as they set it; the webhooks of a team, for its owners alone."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from runs.models import Event, HistoryEntry, NoticeSettings, Reason, Team, Webhook
from runs.services import webhooks

WANTED = {"by_mail": "on", "reasons": ["assigned", "due"], "digest": "daily", "language": "ja"}


@pytest.fixture
def signed_in(client: Client, viewer: User) -> Client:
    client.force_login(viewer)
    return client


def test_what_somebody_wants_is_kept(signed_in: Client, viewer: User) -> None:
    html = signed_in.get("/notifications/").content.decode()
    assert re.search(r'value="assigned"[^>]*checked', html)
    assert re.search(r'value="team_run"[^>]*checked', html) is None
    signed_in.post("/notifications/", WANTED)
    kept = NoticeSettings.objects.get(user=viewer)
    assert (kept.digest, kept.language) == ("daily", "ja")
    assert kept.wants(Reason.ASSIGNED)
    assert not kept.wants(Reason.MENTIONED)
    assert kept.wants(Reason.DIGEST)
    signed_in.post("/notifications/", {**WANTED, "by_mail": ""})
    assert not NoticeSettings.objects.get(user=viewer).wants(Reason.ASSIGNED)
    assert signed_in.post("/notifications/", {**WANTED, "digest": "hourly"}).status_code == 400


def test_an_address_is_confirmed_by_its_reader(signed_in: Client, viewer: User, reviewer: User) -> None:
    html = signed_in.post("/notifications/address/", {"email": "me@example.org"}, follow=True).content.decode()
    assert "Open the link in the e-mail" in html
    viewer.refresh_from_db()
    assert viewer.email == ""
    link = re.search(r"http://\S+(/notifications/address/\S+)", str(mail.outbox[0].body))
    assert link is not None
    other = Client()
    other.force_login(reviewer)
    assert "holds no more" in other.get(link[1], follow=True).content.decode()
    assert "holds no more" in signed_in.get(link[1][:-3] + "xx/", follow=True).content.decode()
    assert "E-mails go to me@example.org now" in signed_in.get(link[1], follow=True).content.decode()
    viewer.refresh_from_db()
    assert viewer.email == "me@example.org"
    reviewer.refresh_from_db()
    assert reviewer.email == ""
    User.objects.filter(pk=viewer.pk).update(email="newer@example.org")
    assert "holds no more" in signed_in.get(link[1], follow=True).content.decode()


def test_letters_to_strangers_are_few(signed_in: Client) -> None:
    for name in ("a", "b", "c"):
        html = signed_in.post("/notifications/address/", {"email": f"{name}@example.org"}, follow=True).content.decode()
    assert "try again in a minute" in html
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("bad", ["nobody", "a@b\r\nBcc: c@example.org", "<script>@example.org"])
def test_what_is_no_address_is_refused(signed_in: Client, viewer: User, bad: str) -> None:
    assert "no e-mail address" in signed_in.post("/notifications/address/", {"email": bad}, follow=True).content.decode()
    assert mail.outbox == []


def test_without_a_mail_server_the_address_is_kept_as_it_is(signed_in: Client, viewer: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "KONSEKI_MAIL_URL" in signed_in.get("/notifications/").content.decode()
    signed_in.post("/notifications/address/", {"email": "me@example.org"})
    viewer.refresh_from_db()
    assert viewer.email == "me@example.org"


def test_a_test_letter(signed_in: Client, viewer: User, settings: Any) -> None:
    assert "no e-mail address" in signed_in.post("/notifications/test/", follow=True).content.decode()
    User.objects.filter(pk=viewer.pk).update(email="me@example.org")
    assert "sent to me@example.org" in signed_in.post("/notifications/test/", follow=True).content.decode()
    assert mail.outbox[0].to == ["me@example.org"]
    NoticeSettings.objects.update(asked_at=None)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1
    assert "did not take the e-mail" in signed_in.post("/notifications/test/", follow=True).content.decode()


@pytest.fixture
def place(settings: Any) -> str:
    settings.WEBHOOK_ORIGINS = frozenset({"http://127.0.0.1:1"})
    return "http://127.0.0.1:1"


def hook_form(url: str) -> dict[str, Any]:
    return {"name": "room", "url": url, "topics": ["review"], "language": "en", "is_active": "on"}


def test_webhooks_are_the_owners(client: Client, team: Team, owner: User, reviewer: User, stranger: User, place: str) -> None:
    made = webhooks.add(team, Webhook(name="room", url=f"{place}/x", topics=["review"]), owner)
    pages = ("/teams/network/webhooks/", f"/teams/network/webhooks/{made.pk}/", f"/teams/network/webhooks/{made.pk}/do/")
    for user in (reviewer, stranger):
        client.force_login(user)
        assert [client.post(page, hook_form(place)).status_code for page in pages] == [404, 404, 404]
        assert "Webhooks of Network" not in client.get("/notifications/").content.decode()
    client.force_login(stranger)
    assert client.post(f"/teams/others/webhooks/{made.pk}/do/", {"do": "remove"}).status_code == 404
    assert Webhook.objects.count() == 1


def test_a_webhook_is_made_tried_changed_and_removed(client: Client, team: Team, owner: User, place: str) -> None:
    client.force_login(owner)
    assert "Webhooks of Network" in client.get("/notifications/").content.decode()
    html = client.post("/teams/network/webhooks/", hook_form(f"{place}/services/T0/secret"), follow=True).content.decode()
    made = Webhook.objects.get()
    assert webhooks.secret_of(made) in html
    page = f"/teams/network/webhooks/{made.pk}/"
    assert "It was not taken" in client.post(page + "do/", {"do": "test"}, follow=True).content.decode()
    assert "refused" in client.get(page).content.decode()
    client.post(page, {**hook_form(f"{place}/other"), "topics": ["talk", "signoff"]})
    made.refresh_from_db()
    assert (made.url, made.topics) == (f"{place}/other", ["talk", "signoff"])
    assert "secret" not in client.get("/teams/network/webhooks/").content.decode()
    client.post(page + "do/", {"do": "secret"})
    client.post(page + "do/", {"do": "remove"})
    assert not Webhook.objects.exists()
    events = list(HistoryEntry.objects.order_by("pk").values_list("event", flat=True))
    assert events == [Event.WEBHOOK_ADDED, Event.WEBHOOK_CHANGED, Event.WEBHOOK_CHANGED, Event.WEBHOOK_REMOVED]
    feed = client.get("/activity/").content.decode()
    assert f"webhook removed: room ({place})" in feed
    assert "T0" not in feed


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://169.254.169.254/latest/", "No administrator has allowed http://169.254.169.254"),
        ("ftp://x/", "no address of the form"),
    ],
)
def test_a_place_that_nobody_allowed_is_refused(client: Client, team: Team, owner: User, place: str, url: str, words: str) -> None:
    client.force_login(owner)
    answer = client.post("/teams/network/webhooks/", hook_form(url))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    made = webhooks.add(team, Webhook(name="room", url=f"{place}/x", topics=["review"]), owner)
    assert client.post(f"/teams/network/webhooks/{made.pk}/", hook_form(url)).status_code == 400
    made.refresh_from_db()
    assert made.url == f"{place}/x"

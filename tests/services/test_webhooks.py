"""Webhooks: what is posted, signed by whom, in which order; and that nothing is reached that nobody allowed."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from runs import webhook_posts
from runs.models import Event, HistoryEntry, Run, RunFinding, Status, Team, Topic, Webhook, WebhookEvent
from runs.models.webhook import topic_of
from runs.services import comments, outbound, review, webhook_queue, webhooks
from runs.services.outbound import NotAllowed
from runs.services.review import Decision
from tests.listener import Listener, listening


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    with listening() as heard:
        settings.WEBHOOK_ORIGINS = frozenset({heard.address})
        yield heard


@pytest.fixture
def run(concluded_run: Run) -> Run:
    return concluded_run


@pytest.fixture
def finding(run: Run) -> RunFinding:
    return run.findings.filter(outcome="fail").order_by("place")[0]


@pytest.fixture
def hook(listener: Listener, team: Team, owner: User, run: Run) -> Webhook:
    wanted = Webhook(name="room", url=f"{listener.address}/a/secret?x=1", topics=[topic.value for topic in Topic], language="en")
    return webhooks.add(team, wanted, owner)


def later(hook: Webhook) -> None:
    """Time passes: the next try is due."""
    Webhook.objects.filter(pk=hook.pk).update(next_try_at=timezone.now())


def test_events_are_posted_in_order_and_signed(
    hook: Webhook, listener: Listener, run: Run, finding: RunFinding, owner: User
) -> None:
    review.decide(finding, Decision(Status.CONFIRMED, assignee=owner), 0, owner)
    comments.say(run, "Bearer abcdef0123456789abcdef is the token", owner, finding)
    assert webhook_posts.post_due() == 1
    headers, body = listener.posts[0]
    stamp, mac = headers["X-Konseki-Signature"].removeprefix("t=").split(",v1=")
    assert mac == hmac.new(webhooks.secret_of(hook).encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    said = json.loads(body)
    assert [event["event"] for event in said["events"]] == ["finding.status", "finding.assigned", "comment.added"]
    about = said["events"][0]
    assert (about["run"]["label"], about["finding"]["number"], about["actor"]) == (run.label, finding.number, "owner")
    assert (about["before"]["status"], about["after"]["status"]) == ("open", "confirmed")
    assert said["text"].splitlines()[0].startswith(f"{run.label} · owner: {finding.number}: open → confirmed http://")
    assert "abcdef0123456789" not in body.decode()
    assert webhook_posts.post_due() == 0
    assert len(listener.posts) == 1


def test_only_what_it_asked_for(hook: Webhook, listener: Listener, run: Run, owner: User) -> None:
    Webhook.objects.filter(pk=hook.pk).update(topics=["signoff"])
    comments.say(run, "hello", owner)
    assert webhook_posts.post_due() == 0


def test_other_teams_events_stay_theirs(hook: Webhook, stranger: User) -> None:
    other = Run.objects.create(team=Team.objects.get(slug="others"), label="theirs")
    comments.say(other, "hello", stranger)
    assert not WebhookEvent.objects.exists()


def test_a_failure_keeps_all_and_the_order(hook: Webhook, listener: Listener, run: Run, owner: User) -> None:
    listener.answers = [500, 302]
    comments.say(run, "one", owner)
    assert webhook_posts.post_due() == 0
    hook.refresh_from_db()
    assert (hook.failures, hook.waiting.count()) == (1, 1)
    assert hook.next_try_at > timezone.now() + timedelta(seconds=30)
    comments.say(run, "two", owner)
    later(hook)
    assert webhook_posts.post_due() == 0  # a redirect is not followed, and no success
    later(hook)
    assert webhook_posts.post_due() == 1
    assert [event["after"]["text"] for event in listener.said()[-1]["events"]] == ["one", "two"]
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since, hook.waiting.count()) == (0, None, 0)
    assert [attempt.status for attempt in hook.attempts.all()] == [200, 302, 500]
    assert "thank you" in hook.attempts.all()[2].error


def test_gone_switches_it_off_and_so_do_days_of_failures(hook: Webhook, listener: Listener, run: Run, owner: User) -> None:
    listener.answers = [410]
    comments.say(run, "one", owner)
    webhook_posts.post_due()
    hook.refresh_from_db()
    assert not hook.is_active
    comments.say(run, "two", owner)
    assert hook.waiting.count() == 1
    long_ago = timezone.now() - webhook_queue.GIVEN_UP_AFTER - timedelta(hours=1)
    Webhook.objects.filter(pk=hook.pk).update(is_active=True, failing_since=long_ago, next_try_at=timezone.now())
    listener.answers = [500]
    webhook_posts.post_due()
    hook.refresh_from_db()
    assert not hook.is_active
    webhooks.change(hook, Webhook(name="room", url=hook.url, topics=hook.topics, language="ja", is_active=True), owner)
    assert webhook_posts.post_due() == 1
    assert "コメント" in listener.said()[-1]["text"] or "run" in listener.said()[-1]["text"]


def test_a_backlog_is_bounded_and_counted(hook: Webhook, listener: Listener, run: Run, owner: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(webhook_queue, "MOST_WAITING", 3)
    monkeypatch.setattr(webhook_queue, "MOST_AT_ONCE", 2)
    for n in range(5):
        comments.say(run, f"no {n}", owner)
    assert webhook_posts.post_due() == 2
    assert [len(said["events"]) for said in listener.said()] == [2, 1]
    hook.refresh_from_db()
    assert hook.lost == 2


def test_a_deleted_comment_is_not_quoted(hook: Webhook, listener: Listener, run: Run, owner: User) -> None:
    said = comments.say(run, "a slip of the tongue", owner)
    comments.delete(said, owner)
    webhook_posts.post_due()
    assert "slip" not in listener.posts[0][1].decode()


def test_two_senders_post_it_once(hook: Webhook, run: Run, owner: User) -> None:
    comments.say(run, "one", owner)
    now = timezone.now()
    assert webhook_queue.take(now) is not None
    assert webhook_queue.take(now) is None


def test_another_secret(hook: Webhook, owner: User) -> None:
    before = webhooks.secret_of(hook)
    webhooks.new_secret(hook, owner)
    hook.refresh_from_db()
    assert webhooks.secret_of(hook) != before


def test_the_history_tells_the_place_not_the_address(hook: Webhook, listener: Listener) -> None:
    entry = HistoryEntry.objects.get(event=Event.WEBHOOK_ADDED)
    assert entry.after == {"name": "room", "address": listener.address}


def test_every_event_has_a_topic_but_those_of_webhooks() -> None:
    without = {event.value for event in Event if topic_of(event.value) is None}
    assert without == {"webhook.added", "webhook.changed", "webhook.removed"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}@evil.example/",
        "http://evil.example\\@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}/\r\nX-More: 1",
        "http://127.0.0.1:{port}/#there",
        "gopher://127.0.0.1:{port}/",
        "file:///etc/passwd",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http:///path",
        "//127.0.0.1:{port}/",
        "http://１27.0.0.1:{port}/",
        "",
    ],
)
def test_what_is_no_plain_address_is_refused(listener: Listener, url: str) -> None:
    port = listener.address.rpartition(":")[2]
    with pytest.raises(NotAllowed) as refusal:
        outbound.allowed(url.format(port=port))
    assert refusal.value.why in ("address", "origin")


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.0.0.1/", "http://2130706433:{port}/"]
)
def test_what_is_not_on_the_list_is_refused(listener: Listener, url: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        outbound.post(url.format(port=listener.address.rpartition(":")[2]), b"", {})
    assert refusal.value.why == "origin"
    assert listener.posts == []


def test_a_name_that_leads_inside_is_refused_unless_its_network_is_allowed(listener: Listener, settings: Any) -> None:
    url = listener.address.replace("127.0.0.1", "localhost")
    settings.WEBHOOK_ORIGINS = frozenset({url})
    with pytest.raises(NotAllowed) as refusal:
        outbound.post(url, b"", {})
    assert refusal.value.why == "network"
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert outbound.post(url, b"{}", {}).status == 200
    assert listener.posts[0][0]["Host"] == url.removeprefix("http://")


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:0a00:0001::1", False),
    ],
)
def test_which_addresses_are_public(address: str, may: bool) -> None:
    assert outbound._may_reach(ip_address(address)) is may


def test_nobody_answers(settings: Any) -> None:
    settings.WEBHOOK_ORIGINS = frozenset({"http://127.0.0.1:1"})
    with pytest.raises(outbound.Unreachable):
        outbound.post("http://127.0.0.1:1/", b"", {})


def test_the_list_may_change_afterwards(hook: Webhook, run: Run, owner: User, listener: Listener, settings: Any) -> None:
    settings.WEBHOOK_ORIGINS = frozenset()
    comments.say(run, "one", owner)
    assert webhook_posts.post_due() == 0
    assert listener.posts == []
    assert "not allowed (origin)" in hook.attempts.get().error

"""What waits for each webhook, and how posts went."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from runs.models import HistoryEntry, Webhook, WebhookAttempt, WebhookEvent
from runs.models.webhook import WEBHOOK_ERROR_MAX_CHARS, topic_of

MOST_AT_ONCE = 50  # events in one post
MOST_WAITING = 1000  # events of one webhook; older ones are given up, and counted
KEPT_ATTEMPTS = 50
LEASE = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)
GONE = 410  # the other end's word for 'never again'


def plan(entry: HistoryEntry) -> None:
    """Put down which webhooks are told of the entry, within the caller's transaction."""
    topic = topic_of(entry.event)
    if topic is None:
        return
    active = Webhook.objects.filter(team_id=entry.team_id, is_active=True)
    wanted = [webhook for webhook in active if topic.value in webhook.topics]
    WebhookEvent.objects.bulk_create(WebhookEvent(webhook=webhook, entry=entry) for webhook in wanted)


def any_due(now: datetime) -> bool:
    """Whether there is something to post."""
    return Webhook.objects.with_work(now).exists()


def take(now: datetime) -> tuple[Webhook, list[WebhookEvent]] | None:
    """A webhook with work, held for LEASE, and what it is to be told next, oldest first. None where nothing is due."""
    with transaction.atomic():
        due = Webhook.objects.with_work(now).order_by("next_try_at", "pk")
        webhook = due.select_for_update(of=("self",), skip_locked=True).first()
        if webhook is None:
            return None
        Webhook.objects.filter(pk=webhook.pk).update(next_try_at=now + LEASE)
        _give_up_old(webhook)
        about = ("entry__run", "entry__finding", "entry__file", "entry__team")
        return webhook, list(webhook.waiting.select_related(*about)[:MOST_AT_ONCE])


def _give_up_old(webhook: Webhook) -> None:
    over = list(webhook.waiting.order_by("-pk").values_list("pk", flat=True)[MOST_WAITING:])
    if over:
        WebhookEvent.objects.filter(pk__in=over).delete()
        Webhook.objects.filter(pk=webhook.pk).update(lost=F("lost") + len(over))


def posted(webhook: Webhook, events: Collection[WebhookEvent], attempt: WebhookAttempt) -> None:
    """Keep how the post went: told events are done with; after a failure all wait, longer each time, and after days it is switched off."""
    now = timezone.now()
    with transaction.atomic():
        keep_attempt(webhook, attempt)
        if attempt.succeeded:
            WebhookEvent.objects.filter(pk__in=[event.pk for event in events]).delete()
            changed = {"failures": 0, "failing_since": None, "next_try_at": now}
        else:
            since = webhook.failing_since or now
            pause = min(FIRST_PAUSE * 2 ** min(webhook.failures, 12), LONGEST_PAUSE)
            changed = {"failures": webhook.failures + 1, "failing_since": since, "next_try_at": now + pause}
            if attempt.status == GONE or now - since > GIVEN_UP_AFTER:
                changed["is_active"] = False
        Webhook.objects.filter(pk=webhook.pk).update(**changed)


def keep_attempt(webhook: Webhook, attempt: WebhookAttempt) -> None:
    """Note one post; of each webhook the last KEPT_ATTEMPTS are kept."""
    attempt.webhook, attempt.error = webhook, attempt.error[:WEBHOOK_ERROR_MAX_CHARS]
    attempt.save()
    old = list(webhook.attempts.values_list("pk", flat=True)[KEPT_ATTEMPTS:])
    WebhookAttempt.objects.filter(pk__in=old).delete()

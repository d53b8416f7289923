"""Webhooks of a team: made, changed and removed by its owners."""

import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from runs.models import Event, Team, Webhook
from runs.services import outbound
from runs.services.history import record_of_team

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_WEBHOOKS = 20  # of one team


class TooMany(ValueError):
    """The team has MOST_WEBHOOKS already."""


def secret_of(webhook: Webhook) -> str:
    """What posts are signed with. Derived, never kept: a copy of the database signs nothing."""
    return salted_hmac("konseki.webhook", f"{webhook.team_id}:{webhook.nonce}", algorithm="sha256").hexdigest()


def place_of(webhook: Webhook) -> str:
    """Where it posts to, without the path, which is often a secret itself."""
    try:
        return outbound.origin_of(webhook.url)
    except outbound.NotAllowed:
        return "?"


def add(team: Team, wanted: Webhook, by: "User") -> Webhook:
    """Make a webhook of the wanted name, address, topics and language. Raises TooMany, outbound.NotAllowed."""
    outbound.allowed(wanted.url)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        if team.webhooks.count() >= MOST_WEBHOOKS:
            raise TooMany
        wanted.team, wanted.created_by, wanted.nonce = team, by, secrets.token_hex(16)
        wanted.save()
        _record(wanted, Event.WEBHOOK_ADDED, by)
    return wanted


def change(webhook: Webhook, wanted: Webhook, by: "User") -> None:
    """Set name, address, topics, language and whether it is active. What waits stays, and is tried at once. Raises outbound.NotAllowed."""
    outbound.allowed(wanted.url)
    with transaction.atomic():
        about = ("name", "url", "topics", "language", "is_active")
        for field in about:
            setattr(webhook, field, getattr(wanted, field))
        webhook.failures, webhook.failing_since, webhook.next_try_at = 0, None, timezone.now()
        webhook.save()
        _record(webhook, Event.WEBHOOK_CHANGED, by)


def new_secret(webhook: Webhook, by: "User") -> None:
    """Sign with another secret from now on."""
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(nonce=secrets.token_hex(16))
        _record(webhook, Event.WEBHOOK_CHANGED, by)


def remove(webhook: Webhook, by: "User") -> None:
    """Post nothing there any more; what waits is given up."""
    with transaction.atomic():
        _record(webhook, Event.WEBHOOK_REMOVED, by)
        webhook.delete()


def _record(webhook: Webhook, event: Event, by: "User") -> None:
    about = {"name": webhook.name, "address": place_of(webhook)}
    before, after = (about, None) if event == Event.WEBHOOK_REMOVED else (None, about)
    record_of_team(webhook.team, event, by, before=before, after=after)

"""Posts to webhooks: events as JSON, signed, in order, some at a time."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from runs import happenings
from runs.addresses import without_request
from runs.models import Event, HistoryEntry, Webhook, WebhookAttempt
from runs.services import outbound, webhook_queue
from runs.services.comments import taken_back
from runs.services.outbound import NotAllowed, Unreachable
from runs.services.watch import OutOfTime, watched
from runs.services.webhooks import secret_of
from runs.wording import current_language, portal_zone, sentence, shown_text

POST_SECONDS, BEAT_SECONDS = 30, 30
MOST_STRING_CHARS = 2000

logger = logging.getLogger(__name__)


def post_due() -> int:
    """Post what is due, webhook by webhook; returns how many posts went well."""
    went_well = 0
    while taken := webhook_queue.take(timezone.now()):
        webhook, events = taken
        attempt = _post(webhook, payload(webhook, [event.entry for event in events]), len(events))
        webhook_queue.posted(webhook, events, attempt)
        went_well += attempt.succeeded
    return went_well


def post_test(webhook: Webhook) -> WebhookAttempt:
    """Post a greeting now, to show that the address, the signature and the other end are right."""
    with override(webhook.language):
        text = _("This is a test of the webhook '%(name)s' of Konseki.") % {"name": webhook.name}
    body = {"text": text, "team": webhook.team.slug, "events": []}
    attempt = _post(webhook, body, 0)
    webhook_queue.keep_attempt(webhook, attempt)
    return attempt


def payload(webhook: Webhook, entries: Sequence[HistoryEntry]) -> dict[str, Any]:
    """What a post says: `text`, a line for each event, which chat services show; and `events` for programs."""
    deleted = taken_back(entries)
    with override(webhook.language):
        events = [_event(entry, deleted) for entry in entries]
        text = "\n".join(_line(entry, event) for entry, event in zip(entries, events, strict=True))
    return {"text": text, "team": webhook.team.slug, "events": events}


def signature(webhook: Webhook, body: bytes, at: int) -> str:
    """'t=1764300000,v1=…': HMAC-SHA256 of '<t>.<body>' with the webhook's secret, in hexadecimal digits."""
    mac = hmac.new(secret_of(webhook).encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def _post(webhook: Webhook, said: dict[str, Any], events: int) -> WebhookAttempt:
    body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Konseki",
        "X-Konseki-Delivery": hashlib.sha256(body).hexdigest()[:32],  # the same where the same is posted again
        "X-Konseki-Signature": signature(webhook, body, int(time.time())),
    }
    attempt = WebhookAttempt(events=events)
    try:
        with watched(POST_SECONDS, BEAT_SECONDS, lambda: None):
            answer = outbound.post(webhook.url, body, headers)
    except NotAllowed as error:
        attempt.error = f"not allowed ({error.why}): {error.what}"
    except Unreachable as error:
        attempt.error = str(error)
    except OutOfTime:
        attempt.error = f"no answer within {POST_SECONDS} s"
    else:
        attempt.status, attempt.milliseconds = answer.status, answer.milliseconds
        attempt.error = "" if attempt.succeeded else shown_text(answer.beginning)[:200]
    return attempt


def _event(entry: HistoryEntry, deleted: set[int]) -> dict[str, Any]:
    """One event for programs. What people and evidence wrote is masked, and told no more once it was deleted."""
    is_deleted = any(isinstance(side, dict) and side.get("comment") in deleted for side in (entry.before, entry.after))
    run, finding = entry.run, entry.finding
    return {
        "id": entry.pk,
        "event": entry.event,
        "at": entry.at.isoformat(),
        "actor": shown_text(entry.actor_name) or None,
        "words": happenings.words_of(entry, portal_zone(), deleted),
        "run": run and {"key": run.key, "label": shown_text(run.label), "url": without_request(reverse("run", args=[run.key]))},
        "finding": finding
        and run
        and {
            "fingerprint": finding.fingerprint,
            "number": finding.number,
            "rule": finding.rule,
            "severity": finding.severity,
            "title": sentence(finding.title, current_language(), portal_zone()) if finding.title else "",
            "url": without_request(reverse("finding", args=[run.key, finding.fingerprint])),
        },
        "file": entry.file and shown_text(entry.file.path),
        "before": None if is_deleted else _masked(entry.before),
        "after": None if is_deleted else _masked(entry.after),
    }


def _line(entry: HistoryEntry, event: dict[str, Any]) -> str:
    who = f"{event['actor']}: " if event["actor"] else ""
    about = event["finding"] or event["run"]
    label = f"{event['run']['label']} · " if event["run"] else ""
    verdict = ""
    if entry.event == Event.RUN_ANALYSED and entry.run and entry.run.verdict:
        verdict = " · " + sentence(entry.run.verdict, current_language(), portal_zone())
    return f"{label}{who}{event['words']}{verdict}" + (f" {about['url']}" if about else "")


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return shown_text(value)[:MOST_STRING_CHARS]
    if isinstance(value, dict):
        return {key: _masked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    return value

"""Links to proofs: shared, opened by their secret, revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from runs.models import Event, ProofLink, Run
from runs.services.history import record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SECRET_BYTES = 24
LIFETIMES_DAYS = (1, 7, 30)
MOST_LINKS = 20  # open ones of one run


class TooManyLinks(ValueError):
    """The run has MOST_LINKS open links already."""


@transaction.atomic
def share(run: Run, findings: Sequence[str], language: str, body: str, days: int, by: "User") -> tuple[ProofLink, str]:
    """A link to the page `body`, and its secret, which nobody can be told again. Raises TooManyLinks; ValueError for another lifetime."""
    if days not in LIFETIMES_DAYS:
        raise ValueError(days)
    if ProofLink.objects.open().filter(run=run).count() >= MOST_LINKS:
        raise TooManyLinks
    secret = secrets.token_urlsafe(SECRET_BYTES)
    link = ProofLink.objects.create(
        run=run,
        digest=_digest(secret),
        findings=list(findings),
        language=language,
        body=body,
        created_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    record(run, Event.PROOF_SHARED, by, after={"findings": list(findings), "days": days})
    return link, secret


@transaction.atomic
def revoke(run: Run, link_id: int, by: "User") -> bool:
    """Let a link open nothing any more. Returns whether there was such an open one."""
    link = ProofLink.objects.open().select_for_update().filter(run=run, pk=link_id).first()
    if link is None:
        return False
    ProofLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())
    record(run, Event.PROOF_ENDED, by, before={"findings": link.findings})
    return True


def opened(secret: str) -> ProofLink | None:
    """The open link of that secret; that it was looked at is counted."""
    link = ProofLink.objects.open().filter(digest=_digest(secret)).first()
    if link is not None:
        ProofLink.objects.filter(pk=link.pk).update(views=F("views") + 1, last_viewed_at=timezone.now())
    return link


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

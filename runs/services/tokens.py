"""Tokens of the API: made, found by their secret, revoked."""

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from runs.models import TOKEN_NAME_MAX_CHARS, ApiToken, TokenScope

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PREFIX = "konseki_"  # so that people and secret scanners know one when they see it
SECRET_BYTES = 32
HINT_CHARS = 12
LIFETIMES_DAYS = (7, 30, 90, 365)
MOST_TOKENS = 50  # active ones of one person
USED_WITHIN = timedelta(minutes=1)


class TooManyTokens(ValueError):
    """The person has MOST_TOKENS active tokens already."""


def new_token(user: "User", name: str, scope: TokenScope, days: int) -> tuple[ApiToken, str]:
    """A token and its secret, which nobody can be told again. Raises TooManyTokens, ValueError for a lifetime that is none."""
    if days not in LIFETIMES_DAYS:
        raise ValueError(days)
    if ApiToken.objects.active().filter(user=user).count() >= MOST_TOKENS:
        raise TooManyTokens
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip()[:TOKEN_NAME_MAX_CHARS] or "API",
        digest=_digest(secret),
        hint=secret[:HINT_CHARS],
        scope=scope,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, secret


def token_of(secret: str) -> ApiToken | None:
    """The active token with this secret; that it was used is noted, to the minute."""
    if not secret.startswith(PREFIX):
        return None
    token = ApiToken.objects.active().select_related("user").filter(digest=_digest(secret)).first()
    now = timezone.now()
    if token is not None and (token.last_used_at is None or now - token.last_used_at > USED_WITHIN):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke(user: "User", token_id: int) -> bool:
    """Let one of the person's tokens open nothing any more. Returns whether there was such an active one."""
    tokens = ApiToken.objects.filter(user=user, pk=token_id, revoked_at=None)
    return bool(tokens.update(revoked_at=timezone.now()))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

"""Who calls: a personal token in `Authorization: Bearer`. Who guesses is slowed down."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from runs.models import ApiToken, TokenScope
from runs.services.tokens import token_of

MOST_FAILURES, WITHIN_SECONDS = 30, 600


class Bearer(HttpBearer):
    """Answers 401 without a token that is active, 429 where an address has shown too many wrong ones."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = token_of(token)
        if found is not None:  # who has one is let in, whoever else guesses behind the same address
            return found
        key = f"api-failures:{request.META.get('REMOTE_ADDR', '')}"
        cache.add(key, 0, WITHIN_SECONDS)
        try:
            failures = cache.incr(key)
        except ValueError:  # it expired in between
            failures = 1
        if failures > MOST_FAILURES:
            raise HttpError(429, "Too many wrong tokens from this address; try again later.")
        return None


def caller(request: Any) -> Any:
    """The person whose token was shown."""
    return request.auth.user


def must_write(request: Any) -> None:
    """Raises 403 where the token may only read."""
    if request.auth.scope != TokenScope.WRITE:
        raise HttpError(403, "This token may only read runs.")

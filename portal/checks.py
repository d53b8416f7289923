"""System checks of the settings: every bad environment variable is one clear line of `manage.py check`."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from portal import environment

TAG = "portal"


@register(TAG)
def settings_are_sound(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Errors for values that cannot be meant, warnings for combinations that will surprise."""
    found: list[CheckMessage] = [Error(f"{name}: {reason}", id="portal.E001") for name, reason in environment.BAD.items()]
    if settings.PUBLIC_URL and not (
        urlsplit(settings.PUBLIC_URL).scheme in ("http", "https") and urlsplit(settings.PUBLIC_URL).hostname
    ):
        found.append(
            Error(f"KONSEKI_URL: {settings.PUBLIC_URL!r} is not an address such as https://konseki.example.org", id="portal.E002")
        )
    if not settings.SECRET_KEY_IS_KEPT:
        found.append(Error(f"{settings.DATA_DIR} cannot be written: set KONSEKI_DATA_DIR or KONSEKI_SECRET_KEY", id="portal.E003"))
    if settings.REDIS_URL and urlsplit(settings.REDIS_URL).scheme not in ("redis", "rediss", "unix"):
        found.append(Error("REDIS_URL: not a URL of the form redis://:password@host:6379/0", id="portal.E004"))
    if settings.DIGEST_HOUR > 23:
        found.append(Error("KONSEKI_DIGEST_HOUR: a day has the hours 0 to 23", id="portal.E005"))
    if "\n" in settings.DEFAULT_FROM_EMAIL or "@" not in settings.DEFAULT_FROM_EMAIL:
        found.append(Error("KONSEKI_MAIL_FROM: not an address such as Konseki <konseki@example.org>", id="portal.E006"))
    if settings.MAX_FILE_BYTES > settings.MAX_UPLOAD_BYTES:
        found.append(Warning("KONSEKI_MAX_FILE_BYTES is larger than KONSEKI_MAX_UPLOAD_BYTES, which wins", id="portal.W001"))
    if settings.DEBUG and settings.PUBLIC_URL:
        found.append(Warning("KONSEKI_DEBUG is on while KONSEKI_URL names a public address", id="portal.W002"))
    return found

"""Secrets masked with the portal's key, for whatever is shown or kept to be searched."""

from functools import cache

from django.conf import settings
from django.utils.crypto import salted_hmac

from runs.analysis.domain.secrets import Masker
from runs.analysis.domain.visible import visible


@cache
def masker() -> Masker:
    """The mask of this portal: tokens that nobody can check guesses against without its key."""
    return Masker(salted_hmac("konseki.secrets", "", secret=settings.SECRET_KEY, algorithm="sha256").digest())


def shown_text(text: str) -> str:
    """What a person or a program wrote, fit to be looked at: secrets masked, control and bidirectional characters by name."""
    return "\n".join(visible(line) for line in masker().mask_lines(text.split("\n")))

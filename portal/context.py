"""Context processors: what every template can use."""

from typing import Any

from django.http import HttpRequest


def csp_nonce(request: HttpRequest) -> dict[str, Any]:
    """django-csp's nonce under the name that django-htmx's template tags look for."""
    return {"csp_nonce": str(getattr(request, "csp_nonce", ""))}

"""Which answer a request wants: the whole page, or the fragment that htmx puts in place."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

STOP_POLLING = 286
"""The status with which htmx swaps the answer in and asks no more (htmx documentation, 'Load Polling')."""


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment; the Back button's cache miss comes as htmx too, and wants the page."""
    htmx = cast(Any, request).htmx
    return bool(htmx) and not htmx.history_restore_request


def page_or_fragment(request: HttpRequest, page: str, fragment: str, context: dict[str, Any]) -> HttpResponse:
    """Render the template `page`, or `fragment` for htmx; caches keep the two apart."""
    response = render(request, fragment if wants_fragment(request) else page, context)
    response["Vary"] = ", ".join(filter(None, (response.get("Vary"), "HX-Request")))
    return response

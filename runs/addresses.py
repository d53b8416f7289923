"""Addresses with host, for commands that people paste elsewhere."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def absolute(request: HttpRequest, path: str) -> str:
    """The path as a whole address: under the public address where one is set."""
    return settings.PUBLIC_URL.rstrip("/") + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def without_request(path: str) -> str:
    """The same for letters and webhooks, which no request asked for: under the public address, or else this machine's."""
    return (settings.PUBLIC_URL.rstrip("/") or f"http://127.0.0.1:{settings.PORT}") + path


def curl_line(request: HttpRequest) -> str:
    """The command that uploads an archive by the API."""
    return f'curl -H "Authorization: Bearer $KONSEKI_TOKEN" -F file=@20261120Tnetdiag3.tar.gz {absolute(request, reverse("api-1:upload"))}'

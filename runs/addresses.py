"""Addresses with host, for commands that people paste elsewhere."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def absolute(request: HttpRequest, path: str) -> str:
    """The path as a whole address: under the public address where one is set."""
    return settings.PUBLIC_URL.rstrip("/") + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def curl_line(request: HttpRequest) -> str:
    """The command that uploads an archive by the API."""
    return f'curl -H "Authorization: Bearer $KONSEKI_TOKEN" -F file=@20261120Tnetdiag3.tar.gz {absolute(request, reverse("api-1:upload"))}'

"""Requests are read as UTF-8: the pages are, so browsers send nothing else, and a claimed codec would decode at a sender's will."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


def read_as_utf8(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: pass over the `charset` of a request's Content-Type; some of Python's codecs (rot13, idna) raise on any text."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        request.encoding = "utf-8"
        return get_response(request)

    return answer

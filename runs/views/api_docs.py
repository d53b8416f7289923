"""The API described for people: every call of its OpenAPI document, with an example."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.addresses import absolute, curl_line
from runs.api.v1 import api


class Call(NamedTuple):
    """One call."""

    method: str
    path: str
    title: str
    text: str
    parameters: list[tuple[str, str]]  # name, what it is
    answers: list[str]  # status codes
    example: str


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """The page; the document itself is linked on it."""
    schema = api.get_openapi_schema()
    calls = [
        _call(request, method, path, one) for path, operations in schema["paths"].items() for method, one in operations.items()
    ]
    context = {"calls": calls, "openapi": reverse("api-1:openapi-json"), "version": schema["info"]["version"]}
    return render(request, "runs/api_docs.html", context)


def _call(request: HttpRequest, method: str, path: str, one: dict[str, Any]) -> Call:
    parameters = [(p["name"], p["schema"].get("description", p["in"])) for p in one.get("parameters", ())]
    form = one.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {}).get("properties", {})
    parameters += [(name, field.get("description", "")) for name, field in form.items()]
    example = (
        curl_line(request)
        if form
        else f'curl -H "Authorization: Bearer $KONSEKI_TOKEN" {absolute(request, path.replace("{key}", "KEY"))}'
    )
    return Call(
        method.upper(),
        path,
        one.get("summary", ""),
        one.get("description", ""),
        parameters,
        sorted(map(str, one["responses"])),
        example,
    )

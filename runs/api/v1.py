"""Version 1 of the API, put together: errors as `{"error": …}`, open to requests without a session. The next version is a file beside it."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from runs.api.auth import Bearer
from runs.api.runs import router

api = NinjaAPI(
    title="Konseki",
    version="1",
    description="Upload evidence bundles and read their reports.",
    auth=Bearer(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api-1",
)
api.add_router("/runs", router)


def _problem(request: HttpRequest, status: int, words: str, reasons: list[str] | None = None) -> HttpResponse:
    return api.create_response(request, {"error": words, "reasons": reasons or []}, status=status)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: Any) -> HttpResponse:
    answer = _problem(request, 401, "A valid token is needed: Authorization: Bearer konseki_…")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(HttpError)
def _told(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _problem(request, error.status_code, str(error))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(request, 404, "There is no such run among those of your teams.")


@api.exception_handler(ValidationError)
def _wrong(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return _problem(request, 422, "The request is wrong.", [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors])


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: Any) -> HttpResponse:
    return _problem(request, 413, "The request is too large.")


def urls() -> Any:
    """For `include` in the site's urls; its calls need a token and no sign-in, its description a sign-in."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name not in ("openapi-json", "api-root"):
            login_not_required(pattern.callback)
    return patterns, app, namespace

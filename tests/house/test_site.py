"""The site as a whole: every template compiles, every page asks for a sign-in but a few."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path.relative_to(PROJECT / "templates").as_posix() for path in (PROJECT / "templates").rglob("*.*"))
OPEN_PAGES = {"login", "health", "theme", "set_language", "proof_open"}
API = "api-1"  # its calls ask for a token instead: tests/api


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name: str) -> None:
    get_template(name)


def pages(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLResolver):
            if each.namespace not in ("admin", API):
                yield from pages(each.url_patterns)
        else:
            yield each


def test_every_page_asks_for_a_sign_in_but_a_few() -> None:
    found = {each.name for each in pages(get_resolver().url_patterns) if not getattr(each.callback, "login_required", True)}
    assert found == OPEN_PAGES


def test_every_call_of_the_api_asks_for_a_token(db: None, client: Client) -> None:
    calls = next(each for each in get_resolver().url_patterns if isinstance(each, URLResolver) and each.namespace == API)
    assert calls.url_patterns
    for call in calls.url_patterns:
        path = "/api/v1/" + str(call.pattern).replace("<key>", "some-run")
        assert client.get(path).status_code in (401, 302), path  # 302: the description, for people who are signed in


def test_a_stranger_is_sent_to_the_sign_in(db: None, client: Client) -> None:
    for path in ("/", "/upload/", "/admin/auth/user/"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert "/login/" in answer["Location"], path


def test_every_answer_is_guarded(db: None, client: Client) -> None:
    answer = client.get("/login/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"

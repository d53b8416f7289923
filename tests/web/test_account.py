"""Sign-in, sign-out, language and theme."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.models import Team

PASSWORD = "correct horse battery"


@pytest.fixture
def person(team: Team, member: User) -> User:
    member.set_password(PASSWORD)
    member.save()
    return member


def test_every_page_but_the_login_asks_for_a_sign_in(client: Client, db: None) -> None:
    for path in ("/", "/runs/anything/", "/runs/anything/progress/", "/runs/anything/delete/"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/login/"), path
    assert client.get("/login/").status_code == 200


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client: Client, person: User) -> None:
    answer = client.post("/login/", {"username": person.username, "password": PASSWORD, "next": "/?q=x"})
    assert (answer.status_code, answer["Location"]) == (302, "/?q=x")


def test_it_never_leads_to_another_site(client: Client, person: User) -> None:
    answer = client.post("/login/", {"username": person.username, "password": PASSWORD, "next": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_name(client: Client, person: User) -> None:
    answer = client.post("/login/", {"username": person.username, "password": "wrong"})
    page = answer.content.decode()
    assert "User name or password is wrong." in page
    assert f'value="{person.username}"' in page
    assert 'aria-invalid="true"' in page


def test_signing_out_needs_a_post(client: Client, person: User) -> None:
    client.force_login(person)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


def test_the_server_renders_the_theme_of_the_cookie(client: Client, db: None) -> None:
    assert 'data-bs-theme="auto"' in client.get("/login/").content.decode()
    assert client.post("/theme/", {"theme": "dark", "next": "/login/"})["Location"] == "/login/"
    assert 'data-bs-theme="dark"' in client.get("/login/").content.decode()
    client.post("/theme/", {"theme": '"><script>'})
    assert 'data-bs-theme="dark"' in client.get("/login/").content.decode()
    client.cookies["theme"] = "hotdog"
    assert 'data-bs-theme="auto"' in client.get("/login/").content.decode()


def test_the_language_switch_changes_words_and_the_lang_attribute(client: Client, db: None) -> None:
    page = client.get("/login/").content.decode()
    assert '<html lang="en"' in page
    client.post("/language/", {"language": "ja", "next": "/login/"})
    page = client.get("/login/").content.decode()
    assert '<html lang="ja"' in page
    assert "サインイン" in page
    assert "Sign in" not in page


def test_pages_carry_no_inline_script_or_style(client: Client, db: None) -> None:
    answer = client.get("/login/")
    page = answer.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]


def test_a_missing_page_says_so_in_the_portal_s_look(client: Client, person: User) -> None:
    client.force_login(person)
    answer = client.get("/runs/nothing/")
    assert answer.status_code == 404
    assert "not yours to see" in answer.content.decode()


def test_health_needs_no_sign_in_and_tells_little(client: Client, db: None) -> None:
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok"})


def test_too_many_wrong_passwords_lead_to_a_pause(client: Client, person: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    answers = [client.post("/login/", {"username": person.username, "password": "wrong"}) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert "Too many wrong passwords" in answers[-1].content.decode()
    answer = client.post("/login/", {"username": person.username, "password": PASSWORD})
    assert answer.status_code == 429

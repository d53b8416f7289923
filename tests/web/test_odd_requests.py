"""Addresses and form fields that nobody types: an answer of four hundred something or a plain page, never an error of ours."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from runs.models import Run, Team

HUGE = 10**30


@pytest.fixture
def run(team: Team) -> Run:
    return Run.objects.create(team=team, label="r", state="concluded")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.mark.parametrize("key", ["a%00b", "%ed%a0%80", "%ff", "a" * 3000, "%F0%9F%98%80", ".."])
@pytest.mark.parametrize("page", ["", "progress/", "timeline/", "README.md", "files/1/", "add/"])
def test_a_key_that_cannot_be_one_is_not_found(signed_in: Client, key: str, page: str) -> None:
    assert signed_in.get(f"/runs/{key}/{page}").status_code in (404, 405)


@pytest.mark.parametrize("number", ["0", str(2**63), str(HUGE)])
@pytest.mark.parametrize("page", ["", "frames/", "capture/", "download/", "remove/", "frames/1/"])
def test_a_number_that_no_database_holds_is_not_found(signed_in: Client, run: Run, number: str, page: str) -> None:
    assert signed_in.get(f"/runs/{run.key}/files/{number}/{page}").status_code == 404


@pytest.mark.parametrize(
    "query", ["q=a%00b", "q=%ed%a0%80", "team=%00", "outcome=a%00", "before=1-%00", f"before={HUGE}-1", "q=%25_%5C"]
)
def test_an_odd_search_finds_nothing_or_something(signed_in: Client, run: Run, query: str) -> None:
    assert signed_in.get(f"/?{query}").status_code == 200


def test_fields_with_nul_are_refused_or_cleaned(signed_in: Client, run: Run) -> None:
    assert signed_in.post(f"/runs/{run.key}/label/", {"label": "a\x00b"}).status_code in (302, 200)
    run.refresh_from_db()
    assert "\x00" not in run.label
    assert signed_in.post("/upload/", {"team": "a\x00b", "label": "\x00"}).status_code in (200, 400, 422)


def test_a_sign_in_with_nul_fails_quietly(client: Client, db: None) -> None:
    assert client.post("/login/", {"username": "a\x00b", "password": "c\x00d"}).status_code == 200

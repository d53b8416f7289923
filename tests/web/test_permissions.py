"""Every address of the site, as everybody: owner, reviewer, viewer, a member of another team, nobody; reading and sending."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from runs.models import Run, RunFinding, SearchEntry, Team
from runs.services import comments, marks, tokens
from runs.services.timeline_places import parse_places
from tests.portal_fixtures import make_run, work_off
from tests.web.permissions import PAGES, Least, Page, World, world

SEEN_BY_READING = {"mention", "prooflink", "apitoken"}  # their rows count who looked when
GIVEN = (200, 302, 303)


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            if each.namespace not in ("admin", "api-1"):  # these have tests of their own below
                yield from names(each.url_patterns)
        else:
            yield str(each.name)


def rows() -> dict[str, list[Any]]:
    """All that the portal keeps, of every table, as the database gives it."""
    made: dict[str, list[Any]] = {}
    tables: list[type[Model]] = [*apps.get_app_config("runs").get_models(), User]
    with connection.cursor() as cursor:
        for model in tables:
            what = "id" if model is SearchEntry else "username, email, password" if model is User else "*"
            cursor.execute(f"SELECT {what} FROM {model._meta.db_table} ORDER BY 1")
            made[str(model._meta.model_name)] = cursor.fetchall()
    return made


def without(kept: dict[str, list[Any]], names: set[str]) -> dict[str, list[Any]]:
    return {name: table for name, table in kept.items() if name not in names}


def test_every_address_is_in_the_table() -> None:
    found = set(names(get_resolver().url_patterns))
    assert found == set(PAGES), "say in tests/web/permissions.py who may open what"


@pytest.fixture
def made(team: Team, owner: User, settings: Any) -> World:
    settings.WEBHOOK_ORIGINS = frozenset({"http://127.0.0.1:1"})
    return world(team, owner)


@pytest.fixture
def people(owner: User, reviewer: User, viewer: User, stranger: User) -> dict[Least, User | None]:
    return {Least.OWNER: owner, Least.REVIEWER: reviewer, Least.VIEWER: viewer, Least.SIGNED_IN: stranger, Least.ANYBODY: None}


def tried(user: User | None, method: str, path: str, form: dict[str, Any] | None = None) -> tuple[Any, Any, Any]:
    """The answer, and what was kept before and after; all of it undone."""
    client = Client()
    with transaction.atomic():
        if user is not None:
            client.force_login(user)
        before = rows()
        answer = client.post(path, form) if method == "post" else getattr(client, method)(path)
        if answer.streaming:
            b"".join(answer)
        after = rows()
        transaction.set_rollback(True)
    return answer, before, after


def refused(answer: Any, who: Least) -> bool:
    if who == Least.ANYBODY:
        return answer.status_code == 302 and "/login/" in answer["Location"]
    return bool(answer.status_code == 404)


@pytest.mark.parametrize(("method", "who_asks"), [("get", tuple(Least)), ("head", (Least.ANYBODY, Least.SIGNED_IN, Least.OWNER))])
def test_who_may_read(made: World, people: dict[Least, User | None], method: str, who_asks: tuple[Least, ...]) -> None:
    wrong = []
    for name, page in PAGES.items():
        path = reverse(name, args=page.args(made))
        for who, user in people.items():
            if who not in who_asks:
                continue
            answer, before, after = tried(user, method, path)
            right = _read_is_right(page, who, answer)
            if not right or without(before, SEEN_BY_READING) != without(after, SEEN_BY_READING):
                wrong.append((name, who.name, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


def _read_is_right(page: Page, who: Least, answer: Any) -> bool:
    if page.read == Least.NOBODY:
        return answer.status_code == 405 or refused(answer, who)
    if page.elsewhere and who == Least.VIEWER:
        return answer.status_code in (200, 404)
    if who < page.read:
        return refused(answer, who)
    return answer.status_code in GIVEN and not refused(answer, Least.ANYBODY)


def test_who_may_send(made: World, people: dict[Least, User | None]) -> None:
    wrong = []
    for name, page in PAGES.items():
        path = reverse(name, args=page.args(made))
        for who, user in people.items():
            answer, before, after = tried(user, "post", path, page.form(made))
            if not _send_is_right(page, who, answer, before == after):
                wrong.append((name, who.name, answer.status_code, "unchanged" if before == after else "changed"))
    assert not wrong, "\n".join(map(str, wrong))


def _send_is_right(page: Page, who: Least, answer: Any, unchanged: bool) -> bool:
    if page.send == Least.NOBODY:
        return unchanged and (answer.status_code == 405 or refused(answer, who))
    if page.elsewhere and who == Least.VIEWER:
        return unchanged and answer.status_code in (403, 404)
    if who < page.send:
        return unchanged and refused(answer, who)
    if page.quiet and who == page.send:  # one's own, or a page that says what one may not
        return unchanged and answer.status_code < 500
    return answer.status_code in GIVEN and (page.quiet or not unchanged)


def test_what_is_another_runs_is_not_this_ones(made: World, team: Team, owner: User) -> None:
    """A run's address with the file, finding, comment, mark, task, link of another run of the same team."""
    other = work_off(make_run(team))
    theirs: RunFinding = other.findings.order_by("place")[0]
    places = parse_places("lo0_9080.pcap#4")
    assert places
    said, mark = comments.say(other, "there", owner, theirs), marks.add_mark(other, places[0], "", owner)
    file, task = other.files.get(path="lo0_9080.pcap"), other.tasks.first()
    assert task is not None
    key, wrong = made.run.key, []
    for name, args in (
        ("file", [key, file.pk]),
        ("frames", [key, file.pk]),
        ("file_download", [key, file.pk]),
        ("conversation", [key, file.pk, 0]),
    ):
        wrong += [name] if tried(owner, "get", reverse(name, args=args))[0].status_code != 404 else []
    for name, args in (
        ("file_note", [key, file.pk]),
        ("file_remove", [key, file.pk]),
        ("file_kind", [key, file.pk]),
        ("file_clock", [key, file.pk]),
        ("promote", [key, file.pk]),
        ("comment_edit", [key, said.pk]),
        ("comment_delete", [key, said.pk]),
        ("task_change", [key, task.pk]),
        ("timeline_unmark", [key, mark.pk]),
        ("proof_revoke", [other.key, made.proof]),
        ("finding_unlink", [other.key, theirs.fingerprint, made.link.pk]),
        ("section_unlink", [other.key, theirs.fingerprint, made.section_link]),
    ):
        answer, before, after = tried(owner, "post", reverse(name, args=args), PAGES[name].form(made))
        if before != after or answer.status_code not in (404, 302):
            wrong.append(name)
    assert not wrong, "\n".join(map(str, wrong))


def test_the_administration_is_the_staffs(people: dict[Least, User | None]) -> None:
    for user in people.values():
        for path in ("/admin/", "/admin/runs/run/", "/admin/auth/user/add/"):
            answer, _before, _after = tried(user, "get", path)
            assert answer.status_code == 302, path
            assert "/login/" in answer["Location"]


def bearer(user: User, scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.new_token(user, 'api', scope, 7)[1]}"}  # type: ignore[arg-type]


def test_the_api_knows_its_people(made: World, people: dict[Least, User | None]) -> None:
    reading = [f"/api/v1/runs/{made.run.key}", f"/api/v1/runs/{made.run.key}/report"]
    for who, user in people.items():
        if user is None:
            answers = [Client().get(path) for path in reading] + [tried(people[Least.OWNER], "get", path)[0] for path in reading]
            assert {answer.status_code for answer in answers} == {401}  # a session is no token
            assert Client().post("/api/v1/runs").status_code == 401
            continue
        for scope in ("read", "write"):
            headers = bearer(user, scope)
            expected = 200 if who >= Least.VIEWER else 404
            assert {Client().get(path, headers=headers).status_code for path in reading} == {expected}, (who, scope)
            listed = Client().get("/api/v1/runs", headers=headers).json()["runs"]
            assert (made.run.key in {one["key"] for one in listed}) == (who >= Least.VIEWER)
            form = {**PAGES["upload"].form(made), "label": f"{who.name}-{scope}"}
            answer = Client().post("/api/v1/runs", form, headers=headers)
            may = scope == "write" and who >= Least.REVIEWER
            assert (answer.status_code == 201) == may, (who, scope, answer.content)
            assert Run.objects.filter(label=f"{who.name}-{scope}").exists() == may

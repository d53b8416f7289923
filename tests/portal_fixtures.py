"""Fixtures of all tests that touch the database: a storage of their own, people in their roles, and runs on recorded evidence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from runs.models import Membership, Role, Run, Team
from runs.services import analyse, conclude, runs, storage
from runs.services.runs import Incoming

BUNDLES = Path(__file__).parent / "bundles"
BAD, HEALTHY = "20261120Tnetdiag3", "20261120Tnetdiag4"


@pytest.fixture(autouse=True)
def own_storage(tmp_path: Path, settings: Any) -> Path:
    """Evidence, temporary files and cache of each test in a folder of its own."""
    options = {"location": tmp_path / "storage"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options},
    }
    settings.INCOMING_DIR = tmp_path / "incoming"
    settings.LOCAL_CACHE_DIR = tmp_path / "cache"
    return tmp_path / "storage"


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Network", slug="network")


@pytest.fixture
def member_of(team: Team) -> Callable[[str, str], User]:
    """A function that makes a user with a role in the team."""

    def make(name: str, role: str) -> User:
        user = User.objects.create_user(name)
        Membership.objects.create(team=team, user=user, role=role)
        return user

    return make


@pytest.fixture
def owner(member_of: Callable[[str, str], User]) -> User:
    return member_of("owner", Role.OWNER)


@pytest.fixture
def reviewer(member_of: Callable[[str, str], User]) -> User:
    return member_of("reviewer", Role.REVIEWER)


@pytest.fixture
def viewer(member_of: Callable[[str, str], User]) -> User:
    return member_of("viewer", Role.VIEWER)


@pytest.fixture
def member(reviewer: User) -> User:
    """Any member who may do the everyday work."""
    return reviewer


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody who is signed in, and owner of another team."""
    user = User.objects.create_user("stranger")
    Membership.objects.create(team=Team.objects.create(name="Others", slug="others"), user=user, role=Role.OWNER)
    return user


def incoming(path: str, data: bytes) -> Incoming:
    """Bytes, kept in the storage, on their way into a run under this path."""
    return Incoming(path=path, size_bytes=len(data), blob=storage.keep_bytes(data))


def files_of(folder: Path) -> list[Incoming]:
    """The files of a folder on their way into a run."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [incoming(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]


def make_run(team: Team, name: str = BAD) -> Run:
    """A run that holds a recorded bundle and waits for its workers."""
    run = runs.create_run(team, name)
    runs.add_files(run, files_of(BUNDLES / name))
    return run


def work_off(run: Run) -> Run:
    """Do what the workers do, in this process: parse what waits, then conclude."""
    for file_id in run.files.unfinished().values_list("pk", flat=True):
        analyse.parse_file(file_id)
    run.refresh_from_db()
    conclude.conclude_run(run.pk, run.input_revision)
    run.refresh_from_db()
    return run


@pytest.fixture
def queued_run(team: Team) -> Run:
    """The recorded bundle, uploaded and not analysed yet."""
    return make_run(team)


@pytest.fixture
def concluded_run(team: Team) -> Run:
    """The recorded bundle, analysed."""
    return work_off(make_run(team))


@pytest.fixture
def healthy_run(team: Team) -> Run:
    """Its healthy twin, analysed."""
    return work_off(make_run(team, HEALTHY))

"""A real worker that is killed hard in the middle of a run loses nothing."""

import time
from pathlib import Path

import pytest

from tests.portal_fixtures import BUNDLES, HEALTHY
from tests.tasks.real_workers import Portal

pytestmark = pytest.mark.stack
SLOW_BYTES = 16_000_000  # a log of this size takes a second to read


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The healthy bundle with two logs that take a while."""
    made = tmp_path / "bundle"
    made.mkdir()
    for path in (BUNDLES / HEALTHY).iterdir():
        (made / path.name).write_bytes(path.read_bytes())
    log = (BUNDLES / HEALTHY / "docker_backend.log").read_bytes()
    for number in (1, 2):
        (made / f"slow{number}.log").write_bytes(log * (SLOW_BYTES // len(log) + number))
    return made


@pytest.mark.parametrize("victim", ["worker", "pool"])
def test_run_completes_after_a_hard_kill(portal: Portal, folder: Path, victim: str):
    pid = portal.start_worker()
    run = str(portal.ask("upload", str(folder))["run"])
    assert portal.ask("kill", run, victim, str(pid))["parsing"]
    if victim == "worker":  # a pool is filled again by its worker at once
        after = portal.ask("look", run)
        assert after["state"] == "analysing"
        assert after["reports"] == []
        portal.start_worker()
    seen = portal.finish(run)

    assert {path for path, _ in seen["files"].items()} == {path.name for path in folder.iterdir()}
    assert {state for state, _ in seen["files"].values()} <= {"parsed", "partial", "unrecognised"}
    assert max(tries for _, tries in seen["files"].values()) == 2
    assert len(seen["reports"]) == 1
    assert seen["concluded_revision"] == 1

    undisturbed = str(portal.ask("upload", str(folder))["run"])
    other = portal.finish(undisturbed)
    assert other["reports"] == seen["reports"]
    assert other["artefacts"] == seen["artefacts"]
    assert list((portal.data / "incoming").iterdir()) == []


def test_upload_without_a_broker_waits_for_it(portal: Portal):
    url, portal.environment["REDIS_URL"] = portal.environment["REDIS_URL"], "redis://127.0.0.1:1/0"
    begun = time.monotonic()
    run = str(portal.ask("upload", str(BUNDLES / HEALTHY))["run"])
    assert time.monotonic() - begun < 30
    assert portal.ask("look", run)["state"] == "queued"
    portal.environment["REDIS_URL"] = url
    portal.start_worker()
    seen = portal.finish(run)
    assert {tries for _, tries in seen["files"].values()} == {1}

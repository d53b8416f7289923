"""A worker that is killed hard in the middle of a run loses nothing: real broker, real workers, real files."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.stack.broker import start_broker
from tests.portal_fixtures import BUNDLES, HEALTHY

pytestmark = pytest.mark.stack
ROOT = Path(__file__).resolve().parents[2]
SLOW_BYTES = 16_000_000  # a log of this size takes a second to read


class Portal:
    """A data directory, a broker, and workers that can be killed."""

    def __init__(self, data: Path, url: str) -> None:
        self.environment = {
            **os.environ,
            "KONSEKI_DATA_DIR": str(data),
            "REDIS_URL": url,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PYTHONPATH": str(ROOT),
        }
        self.data, self.processes = data, list[subprocess.Popen[bytes]]()

    def run(self, *command: str) -> str:
        """The output of a Python command in the portal's environment."""
        return subprocess.run(
            [sys.executable, *command], env=self.environment, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout

    def ask(self, *step: str) -> dict[str, Any]:
        """The answer of a step of `outside`."""
        answer: dict[str, Any] = json.loads(self.run("-m", "tests.tasks.outside", *step).splitlines()[-1])
        return answer

    def start(self, *role: str) -> int:
        """Start a Celery process; returns its id."""
        command = [sys.executable, "-m", "celery", "-A", "tests.tasks.quick_worker", *role, "-l", "INFO"]
        with (self.data / "celery.log").open("ab") as log:
            process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        self.processes.append(process)
        return process.pid

    def start_worker(self) -> int:
        return self.start("worker", "-c", "2")

    def finish(self, run: str) -> dict[str, Any]:
        """The run when its workers are done with it."""
        seen = self.ask("finish", run)
        log = (self.data / "celery.log").read_text(errors="replace")[-3000:]
        assert seen["state"] == "concluded", f"{seen['state']} {seen['files']}\n{log}"
        return seen


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    broker = start_broker(tmp_path, dict(os.environ), tmp_path / "broker.log", lambda line: None)
    made = Portal(tmp_path, broker.url)
    made.run("manage.py", "migrate", "-v0", "--skip-checks")
    made.start("beat", "-s", str(tmp_path / "beat"), "--pidfile=")
    yield made
    for process in made.processes:
        process.terminate()
    for process in made.processes:
        process.wait(20)
    broker.child.send(signal.SIGKILL, group=True)
    assert broker.child.process is not None
    broker.child.process.wait()


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

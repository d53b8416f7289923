"""A data directory with a real broker and real workers, which a test may kill."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.stack.broker import start_broker

ROOT = Path(__file__).resolve().parents[2]


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
        process.wait(60)
    broker.child.send(signal.SIGKILL, group=True)
    assert broker.child.process is not None
    broker.child.process.wait()

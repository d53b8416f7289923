"""The supervisor's life: lock, door, broker, migration, children, watch, stop."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from portal.secret import write_private
from portal.stack.broker import start_broker
from portal.stack.child import STORM_DEATHS, STORM_SECONDS, Child, stop
from portal.stack.door import open_door, page_answers
from portal.stack.leash import end_leftovers, remember

LOOK_SECONDS = 0.2
FIRST_PAGE_SECONDS = 60.0
STOP_SECONDS = 9.0
WEB_THREADS = 8


class StackError(Exception):
    """The stack cannot run; the message says why."""


@dataclass
class Stack:
    """One portal on this machine: `run` returns the exit status once it is stopped."""

    project: Path
    data: Path
    port: int
    redis_url: str
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    once: list[Child] = field(default_factory=list)
    broker: Child | None = None
    stopping: int = 0

    def run(self, prepare: Callable[[], None], errands: list[tuple[str, list[str]]]) -> int:
        """Start everything, watch it until a signal or a failure, stop everything.

        `prepare` migrates once the broker answers; `errands` are (what it does, command) to run once while the portal is up.
        """
        with self._lock():
            door = open_door(self.port)
            end_leftovers(self._pids, (str(self.data), sys.executable))
            before = {
                number: signal.signal(number, self._asked_to_stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            }
            try:
                environment = self._start_broker()
                self.say("Preparing the database …")
                prepare()
                self.say("Starting web server, worker and beat …")
                self._start_web(environment, door.fileno())
                if not self._first_page():
                    return 0
                self._start_workers(environment)  # after the first page, which they would make wait on a small machine
                self.say(f"\n  Konseki is ready: http://127.0.0.1:{self.port}/\n\n  Ctrl-C stops it. Logs: {self.data / 'log'}\n")
                self._start_errands(environment, errands)
                self._watch()
            finally:
                door.close()
                self._stop()
                for number, handler in before.items():
                    signal.signal(number, handler)
        return 0

    @property
    def _pids(self) -> Path:
        return self.data / "stack.pids"

    def _lock(self) -> IO[str]:
        """The data directory belongs to one stack at a time. Raises StackError."""
        lock = (self.data / "stack.lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise StackError(f"This portal is running already: {lock.read().strip()}") from error
        lock.truncate(0)
        lock.write(f"http://127.0.0.1:{self.port}/ (process {os.getpid()})\n")
        lock.flush()
        return lock

    def _start_broker(self) -> dict[str, str]:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "KONSEKI_DATA_DIR": str(self.data)}
        url = self.redis_url
        if not url:
            self.say("Starting the broker …")
            broker = start_broker(self.data, environment, self.data / "log" / "broker.log", self.say)
            self.broker, url = broker.child, broker.url
            write_private(self.data / "broker.url", url + "\n")
        return {**environment, "REDIS_URL": url}

    def _start_web(self, environment: dict[str, str], door: int) -> None:
        web = [
            sys.executable,
            "-m",
            "gunicorn",
            "portal.wsgi",
            "--config",
            "python:portal.web_server",
            "--bind",
            f"fd://{door}",
            "--worker-class",
            "gthread",
        ]
        web += ["--threads", str(WEB_THREADS), "--timeout", "120", "--graceful-timeout", "3", "--no-control-socket"]
        self._start("web", web, environment, kept_files=(door,))

    def _start_workers(self, environment: dict[str, str]) -> None:
        celery = [sys.executable, "-m", "celery", "--app", "portal.celery", "--quiet"]
        schedule = str(self.data / "beat-schedule")
        self._start("worker", [*celery, "worker", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"], environment)
        self._start("beat", [*celery, "beat", "--loglevel", "WARNING", "--schedule", schedule, "--pidfile="], environment)

    def _start(self, name: str, command: list[str], environment: dict[str, str], kept_files: tuple[int, ...] = ()) -> None:
        log = self.data / "log" / f"{name}.log"
        child = Child(name, command, environment, log, folder=self.project, kept_files=kept_files)
        child.start()
        self.children.append(child)
        remember(self._pids, [each.pid for each in self._all() if each.pid])

    def _start_errands(self, environment: dict[str, str], errands: list[tuple[str, list[str]]]) -> None:
        for what, command in errands:
            self.say(f"{what} …")
            child = Child(what, [sys.executable, *command], environment, self.data / "log" / "errand.log", folder=self.project)
            child.start()
            self.once.append(child)

    def _first_page(self) -> bool:
        """Wait for the first page; False when asked to stop meanwhile. Raises StackError."""
        until = time.monotonic() + FIRST_PAGE_SECONDS
        while time.monotonic() < until and not self.stopping:
            if page_answers(self.port, "/health/", seconds=1.0):
                return True
            self._look()
            time.sleep(0.05)
        if self.stopping:
            return False
        raise StackError("The web server does not answer:\n  " + "\n  ".join(self.children[0].last_lines()))

    def _watch(self) -> None:
        while not self.stopping:
            self._look()
            time.sleep(LOOK_SECONDS)

    def _all(self) -> list[Child]:
        return [*([self.broker] if self.broker else []), *self.children]

    def _look(self) -> None:
        """Start again what has died. Raises StackError when something dies again and again."""
        for child in self._all():
            if (status := child.died()) is None or self.stopping:
                continue
            if child.note_death():
                tail = "\n  ".join(child.last_lines())
                raise StackError(
                    f"The {child.name} ended {STORM_DEATHS} times within {STORM_SECONDS:.0f} s; giving up. Its log ends:\n  {tail}"
                )
            self.say(f"The {child.name} ended ({_ending(status)}); starting it again")
            child.send(signal.SIGKILL, group=True)
            child.start()
            remember(self._pids, [each.pid for each in self._all() if each.pid])
        for errand in [each for each in self.once if each.died() is not None]:
            self.once.remove(errand)
            if errand.died():
                self.say(f"{errand.name}: failed\n  " + "\n  ".join(errand.last_lines()))
            else:
                self.say(f"{errand.name}: done")

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping += 1
        if self.stopping == 1:
            self.say("\nStopping …")
        else:
            for child in self._all():
                child.send(signal.SIGKILL, group=True)

    def _stop(self) -> None:
        self.stopping = max(self.stopping, 1)
        stop([*self.children, *self.once], seconds=STOP_SECONDS, harder=signal.SIGQUIT)
        if self.broker:
            (self.data / "broker.url").unlink(missing_ok=True)
            stop([self.broker], seconds=STOP_SECONDS)
        self._pids.unlink(missing_ok=True)


def _ending(status: int) -> str:
    return f"status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"

"""One supervised process: started in a session of its own, its output in a log, restarted until it dies too often."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from portal.stack.leash import end_with_parent

STORM_DEATHS = 5
STORM_SECONDS = 60.0
LOG_BYTES = 5 * 1024 * 1024


class Child:
    """A command that is to run as long as the stack; `gentle` is the signal that ends it in order."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        folder: Path,
        kept_files: Sequence[int] = (),
        on_orphaned: int = signal.SIGKILL,
    ) -> None:
        self.name, self.command, self.environment, self.log, self.folder = name, list(command), dict(environment), log, folder
        self.kept_files, self.on_orphaned = tuple(kept_files), on_orphaned
        self.process: subprocess.Popen[bytes] | None = None
        self._deaths: deque[float] = deque(maxlen=STORM_DEATHS)

    def start(self) -> None:
        """Start the command; it ends when this process ends, however that happens."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.kept_files,
                start_new_session=True,
                preexec_fn=partial(end_with_parent, os.getpid(), self.on_orphaned),  # noqa: PLW1509  this process has one thread
            )

    @property
    def pid(self) -> int | None:
        """Its process id, None before the first start."""
        return self.process.pid if self.process else None

    def died(self) -> int | None:
        """The exit status of a process that has ended, None while it runs."""
        return self.process.poll() if self.process else None

    def note_death(self) -> bool:
        """Count a death; True when it has died too often in a short time to be started again."""
        self._deaths.append(time.monotonic())
        return len(self._deaths) == STORM_DEATHS and self._deaths[-1] - self._deaths[0] < STORM_SECONDS

    def send(self, signal_number: int, *, group: bool = False) -> None:
        """Send a signal to the process, or to it and all its descendants in its session."""
        if self.process is None:
            return
        try:
            if group:
                os.killpg(self.process.pid, signal_number)
            elif self.process.poll() is None:
                self.process.send_signal(signal_number)
        except ProcessLookupError:
            return

    def last_lines(self, count: int = 12) -> list[str]:
        """The end of its log."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - 16_384))
                return log.read().decode("utf-8", "replace").splitlines()[-count:]
        except OSError:
            return []


def stop(children: Sequence[Child], *, seconds: float, harder: int | None = None) -> None:
    """End processes in order: SIGTERM, `harder` after a third of the time, then SIGKILL to everything left in their sessions."""
    for child in children:
        child.send(signal.SIGTERM)
    begun, pressed = time.monotonic(), False
    while any(child.died() is None for child in children if child.process) and time.monotonic() - begun < seconds:
        if harder is not None and not pressed and time.monotonic() - begun > seconds / 3:
            pressed = True
            for child in children:
                child.send(harder)
        time.sleep(0.05)
    for child in children:
        child.send(signal.SIGKILL, group=True)
        if child.process:
            child.process.wait()

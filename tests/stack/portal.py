"""A whole portal started as a user starts it, in a data directory of its own, with what it printed and the processes it made."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds, seconds: float, what: str):
    """The first true answer of `holds` within the time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := holds():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


class Portal:
    """`manage.py stack` on a port, its output read as it comes."""

    def __init__(self, data: Path, port: int, *arguments: str, more: dict[str, str] | None = None) -> None:
        self.data, self.port, self.lines = data, port, list[str]()
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("KONSEKI_") and key != "REDIS_URL"}
        own = {
            "KONSEKI_DATA_DIR": str(data),
            "PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "KONSEKI_WORKERS": "1",
        }
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "stack", *arguments],
            cwd=PROJECT,
            env={**inherited, **own, **(more or {}), "DATABASE_URL": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def ready(self, seconds: float = 120) -> float:
        """Wait until it says so; seconds since the start."""
        wait_until(lambda: "is ready" in self.output or self.process.poll() is not None, seconds, "the portal is ready")
        assert "is ready" in self.output, self.output
        return time.monotonic() - self.started

    def status(self, seconds: float = 60) -> int:
        """The exit status, with all output read."""
        status = self.process.wait(seconds)
        self._reader.join(5)
        return status

    def password(self) -> str | None:
        found = re.search(r"Password:\s+(\S+)", self.output)
        return found[1] if found else None

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def processes(self) -> dict[int, str]:
        """Command lines of everything that runs with this data directory, the supervisor left out."""
        mine, found = f"KONSEKI_DATA_DIR={self.data}\0".encode(), {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                ours = str(self.data).encode() in command or mine in (folder / "environ").read_bytes() + b"\0"
                if command and ours and int(folder.name) != self.process.pid:
                    found[int(folder.name)] = command.replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def pid_of(self, part: str) -> int:
        """The oldest process whose command line contains `part`."""
        return min(pid for pid, command in self.processes().items() if part in command)

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> None:
        """Whatever happened, nothing stays."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)

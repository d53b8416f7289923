"""Processes that end with whoever started them: the kernel's parent-death signal on Linux, a list of process ids elsewhere."""

import ctypes
import os
import signal
import subprocess
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
LINUX = os.uname().sysname == "Linux"


def end_with_parent(parent: int, with_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel to send this process a signal when its parent ends; exit at once if it has ended already. Linux only."""
    if not LINUX:
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def remember(path: Path, pids: list[int]) -> None:
    """Note which processes belong to this stack, for systems without a parent-death signal."""
    path.write_text("".join(f"{pid}\n" for pid in pids), encoding="ascii")


def end_leftovers(path: Path, marks: tuple[str, ...]) -> list[int]:
    """End the noted processes whose command line still shows one of `marks` (a number may be a stranger's by now); returns them."""
    try:
        noted = [int(line) for line in path.read_text(encoding="ascii").split() if line.isdecimal()]
    except OSError:
        return []
    ended = []
    for pid in noted:
        if any(mark in command_line(pid) for mark in marks):
            try:
                os.killpg(pid, signal.SIGKILL)
            except OSError:
                continue
            ended.append(pid)
    path.unlink(missing_ok=True)
    return ended


def command_line(pid: int) -> str:
    """A process's command line; empty when there is no such process."""
    if LINUX:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout

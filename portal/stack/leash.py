"""Processes that end with whoever started them: the kernel's parent-death signal on Linux, a list of process ids elsewhere."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent(parent: int, with_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel to send this process a signal when its parent ends; exit at once if it has ended already. Linux only."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def remember(path: Path, pids: list[int]) -> None:
    """Note which processes belong to this stack, for systems without a parent-death signal."""
    path.write_text("".join(f"{pid}\n" for pid in pids), encoding="ascii")


def end_leftovers(path: Path, mark: str) -> list[int]:
    """End the noted processes whose command line still shows `mark` (a number may belong to a stranger by now); returns them."""
    try:
        noted = [int(line) for line in path.read_text(encoding="ascii").split() if line.isdecimal()]
    except OSError:
        return []
    ended = []
    for pid in noted:
        shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
        if mark in shown:
            try:
                os.killpg(pid, signal.SIGKILL)
            except OSError:
                continue
            ended.append(pid)
    path.unlink(missing_ok=True)
    return ended

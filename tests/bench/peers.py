"""The programs that the packet path is measured against, as processes of their own."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

_DPKT_LOOP = """
import sys, dpkt
with open(sys.argv[1], 'rb') as file:
    for _, data in dpkt.pcap.Reader(file):
        dpkt.ethernet.Ethernet(data)
"""
PEERS = {
    "tshark": ["tshark", "-q", "-z", "conv,tcp", "-z", "expert", "-r"],
    "tcptrace": ["tcptrace", "-n"],
    "capinfos": ["capinfos"],
    "tcpdump": ["tcpdump", "-nn", "-r"],
    "cat": ["cat"],
    "dpkt loop": [sys.executable, "-c", _DPKT_LOOP],
}
"""The capture's path is their last argument; the dpkt loop decodes every frame's headers in Python."""
COLD = [sys.executable, "manage.py", "analyse"]
_VERSION_OPTIONS = {"tcptrace": "-v"}


class Measured(NamedTuple):
    """One run."""

    wall: float  # seconds
    cpu: float  # seconds of the processor, user and system
    peak: int  # bytes, the whole process


def run(command: list[str], path: Path) -> Measured:
    """A program's run over a capture; its output goes nowhere. Python keeps its bytecode, as it does wherever nothing forbids it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen([*command, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def installed() -> dict[str, list[str]]:
    """The peers that are here."""
    return {name: command for name, command in PEERS.items() if shutil.which(command[0])}


def version(name: str) -> str:
    """What a peer calls itself."""
    if name == "dpkt loop":
        import dpkt

        return f"dpkt {dpkt.__version__}, Python {sys.version.split()[0]}"
    asked = subprocess.run(
        [PEERS[name][0], _VERSION_OPTIONS.get(name, "--version")], capture_output=True, text=True, check=False, errors="replace"
    )
    lines = [line for line in (asked.stdout + asked.stderr).splitlines() if any(c.isdigit() for c in line)]
    return lines[0].strip() if lines else name


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()

"""Measures the packet path against tshark, tcptrace, capinfos, tcpdump, cat and a dpkt loop, alternating in one run.

    python -m tests.bench.packets [--runs 3] [--large] [DIRECTORY for the captures]

Ours is measured in a warm process, from opening the file to the written tables; the others are processes of their own. Prints a
Markdown table: medians, packets a second, MB a second, and the time divided by ours.
"""

import argparse
import io
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import dpkt

from runs.analysis import columns
from runs.analysis.packets.capture import read_capture
from tests.bench.captures import make

CAPTURES = {"bulk-74": ("bulk", 213_449, 1), "many-1M": ("many", 1_000_000, 50_000), "http-100MB": ("http", 130_000, 200)}
LARGE = {"many-5M": ("many", 5_000_000, 223_000)}
RIVALS = {
    "cat": ["cat"],
    "capinfos": ["capinfos", "-M"],
    "tcptrace": ["tcptrace", "-n"],
    "tshark conv+expert": ["tshark", "-n", "-q", "-z", "conv,tcp", "-z", "expert", "-r"],
    "tcpdump -nn": ["tcpdump", "-nn", "-r"],
}


def ours(path: Path) -> None:
    """Read the capture and write its tables."""
    read = read_capture(path)
    with tempfile.TemporaryFile() as target:
        for table in read.tables.values():
            columns.write(table, io.BufferedWriter(io.FileIO(target.fileno(), "wb", closefd=False), 1 << 20))


def dpkt_loop(path: Path) -> None:
    """Headers of all packets by dpkt, in Python."""
    with path.open("rb") as file:
        for _, data in dpkt.pcap.Reader(file):
            dpkt.ethernet.Ethernet(data)


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, by the wall clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rival(command: list[str], path: Path) -> Callable[[], object]:
    """A program's run over the capture; its output goes nowhere."""
    return lambda: subprocess.run([*command, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def measure(path: Path, packets: int, runs: int) -> list[str]:
    """The rows of a capture's table."""
    works: dict[str, Callable[[], object]] = {"ours, warm": lambda: ours(path)}
    works |= {name: rival(command, path) for name, command in RIVALS.items() if shutil.which(command[0])}
    if packets <= 300_000:
        works["dpkt loop"] = lambda: dpkt_loop(path)
    ours(path)
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            times[name].append(seconds(work))
    own, size = statistics.median(times["ours, warm"]), path.stat().st_size
    rows = ["| program | s | packets/s | MB/s | time ÷ ours |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, measured in times.items():
        median = statistics.median(measured)
        rows.append(f"| {name} | {median:.3f} | {packets / median:,.0f} | {size / median / 1e6:.0f} | {median / own:.2f} |")
    return rows


def peak_bytes(path: Path) -> float:
    """Peak memory above the imports for one reading in a process of its own, a packet."""
    script = (
        "import sys; from pathlib import Path; from runs.analysis.packets.capture import read_capture; import numba;"
        "peak=lambda: int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]);"
        "from tests.bench.captures import make; make('many', 12000, 500, Path(sys.argv[2])); read_capture(Path(sys.argv[2]));"
        "before=peak(); n=read_capture(Path(sys.argv[1])).counts['frames']; print((peak()-before)*1024/n)"
    )
    with tempfile.NamedTemporaryFile(suffix=".pcap") as small:
        done = subprocess.run([sys.executable, "-c", script, str(path), small.name], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--large", action="store_true", help="also 5 million packets")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = options.directory or Path(scratch)
        for name, (shape, packets, flows) in (CAPTURES | (LARGE if options.large else {})).items():
            path = directory / f"{name}.pcap"
            if not path.exists():
                make(shape, packets, flows, path)
            print(f"\n## {name}: {packets:,} packets, {path.stat().st_size / 1e6:.0f} MB\n", flush=True)  # noqa: T201
            print("\n".join(measure(path, packets, options.runs)), flush=True)  # noqa: T201
            print(f"\nPeak memory above the imports: {peak_bytes(path):.0f} bytes a packet.", flush=True)  # noqa: T201


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()

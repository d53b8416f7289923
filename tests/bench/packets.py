"""Measures the packet path and the whole `analyse` against tshark, tcptrace, capinfos, tcpdump, cat and a dpkt loop.

    python -m tests.bench.packets [--runs 3] [--large] [--only NAME …] [DIRECTORY for the captures]

The programs take turns in one run, so that what else the machine does meets all of them alike. 'Konseki, warm' is the packet path in
a process that has read a capture before, from opening the file to the written tables; all others are processes of their own, from
start to end. Prints one Markdown table of medians; memory of the warm process is what it takes above its imports. The last two
columns are a program's time divided by ours, by the wall clock / in seconds of the processor: on a busy machine the latter tell more.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.peers import COLD, PEERS, Measured, installed, run, say, version

CAPTURES = {
    "bulk-74": ("bulk", 213_449, 1),
    "http-100MB": ("http", 130_000, 200),
    "many-10k": ("many", 10_000, 500),
    "many-100k": ("many", 100_000, 5_000),
    "many-1M": ("many", 1_000_000, 50_000),
}
LARGE = {"full-5M": ("full", 5_000_000, 223_000)}
ONCE_FROM_SECONDS = 8  # a program that takes longer runs once
SLOW = ("tcpdump", "dpkt loop")  # minutes on 5 million packets
WARM, WHOLE = "Konseki, warm", "Konseki, `analyse`, cold"


class Warm:
    """The warm process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.reader"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, path: Path) -> Measured:
        """Read a capture and write its tables."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Measured(answer["wall"], answer["cpu"], answer["peak"])

    def end(self) -> None:
        """Let it go."""
        self._process.communicate()


def measure(path: Path, packets: int, runs: int) -> dict[str, list[Measured]]:
    """All programs over one capture, by turns."""
    warm = Warm()
    peers = {name: command for name, command in installed().items() if packets <= 1_000_000 or name not in SLOW}
    found: dict[str, list[Measured]] = {name: [] for name in (WARM, WHOLE, *peers)}
    peak = warm.run(path).peak  # of the first reading: later ones use memory that the first one left to the process
    for turn in range(runs):
        found[WARM].append(warm.run(path)._replace(peak=peak))
        for name, command in {WHOLE: COLD, **peers}.items():
            if turn == 0 or found[name][0].wall < ONCE_FROM_SECONDS:
                found[name].append(run(command, path))
    warm.end()
    return found


def rows(name: str, path: Path, packets: int, found: dict[str, list[Measured]]) -> list[str]:
    """The lines of the table for one capture."""
    medians = {
        program: Measured(*(statistics.median(column) for column in zip(*all_runs, strict=True)))
        for program, all_runs in found.items()
    }
    size, warm, whole = path.stat().st_size, medians[WARM], medians[WHOLE]
    made = []
    for program, m in medians.items():
        against = "" if program == WARM else f"{m.wall / warm.wall:.1f} / {m.cpu / warm.cpu:.1f}"
        cold = "" if program in (WARM, WHOLE) else f"{m.wall / whole.wall:.2f} / {m.cpu / whole.cpu:.2f}"
        made.append(
            f"| {name} | {program} ({len(found[program])}) | {m.wall:.3f} | {m.cpu:.3f} | {packets / m.wall:,.0f} | {size / m.wall / 1e6:,.0f} "
            f"| {m.peak / 1e6:,.0f} | {m.peak / packets:,.0f} | {against} | {cold} |"
        )
    return made


def main() -> None:
    """Make what captures are missing and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--large", action="store_true", help="also 5 million packets, 1.9 GB")
    parser.add_argument("--only", nargs="*", help="names of captures")
    options = parser.parse_args()
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path("var/numba").resolve()))  # what the warm process compiles, `analyse` loads
    here = installed()
    for name in PEERS:
        say(f"- {name}: {version(name) if name in here else 'not installed, left out'}")
    say("\n| capture | program (runs) | s | CPU s | packets/s | MB/s | peak MB | bytes a packet | ÷ warm | ÷ `analyse` |")
    say("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as scratch:
        for name, (shape, packets, flows) in (CAPTURES | (LARGE if options.large else {})).items():
            if options.only and name not in options.only:
                continue
            path = (options.directory or Path(scratch)) / f"{name}.pcap"
            if not path.exists():
                maker = [sys.executable, "-m", "tests.bench.captures", shape, str(packets), str(flows), str(path)]
                subprocess.run(maker, check=True)
            for row in rows(name, path, packets, measure(path, packets, options.runs)):
                say(row)


if __name__ == "__main__":
    main()

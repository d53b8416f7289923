"""Measures judging stored runs again: `python -m tests.bench.judge [--runs 3] [DIRECTORY of bundles …]`; exits with 1 above a second.

Parsing is done before and not measured: facts and tables are kept by content. Measured is `conclude` (correlate, judge, report) in a
warm process, in seconds of the wall clock, for each recorded bundle and those of the directories, and for a capture whose 20,000
conversations all stall. Prints a Markdown table of medians.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from runs.analysis import registry
from runs.analysis.case import MemoryTables
from runs.analysis.judge import ask
from runs.analysis.pipeline import BundleFile, conclude
from tests.analysis.bundles import BUNDLES, OTHERS, Part, parsed_bytes
from tests.bench.peers import say
from tests.kit import Run
from tests.rules.wire import wire

MOST_SECONDS = 1.0
STALLED = 20_000


def stored(folder: Path) -> list[Part]:
    """A bundle, parsed."""
    return [parsed_bytes(str(p.relative_to(folder)), p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()]


def folders(directories: list[Path]) -> Iterator[Path]:
    """The bundles of all directories, each name once."""
    seen: set[str] = set()
    for directory in directories:
        for folder in sorted(p for p in directory.iterdir() if p.is_dir()):
            if folder.name not in seen:
                seen.add(folder.name)
                yield folder


def conclude_seconds(name: str, parts: list[Part], runs: int) -> float:
    """The median time of judging a stored run; the first, which imports the rules, is not counted."""
    files: list[BundleFile] = []
    tables = MemoryTables()
    for file, own in parts:
        files.append(file)
        tables.add(file.path, own)
    took = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        conclude(name, files, tables)
        took.append(time.perf_counter() - start)
    return statistics.median(took[1:])


def stalled_seconds(runs: int) -> float:
    """Judging `retransmission_stall` where every conversation stalls."""
    talks = []
    for n in range(STALLED):
        talk = wire(client=f"10.9.{n >> 8 & 255}.{n & 255}", at_s=n / 1000).opens().data(True, 500)
        for _ in range(4):
            talk.goes(400).again(True, 500)
        talks.append(talk.put(False, 16).closes())
    case, rule = Run().capture("a.pcap", *talks).case(), registry.rules()["retransmission_stall"]
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        ask(rule, case)
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def main() -> int:
    """Print the table; 1 where something takes longer than a second."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("directories", nargs="*", type=Path)
    options = parser.parse_args()
    rows = [(f.name, conclude_seconds(f.name, stored(f), options.runs)) for f in folders([BUNDLES, OTHERS, *options.directories])]
    rows.append((f"{STALLED:,} conversations that stall", stalled_seconds(options.runs)))
    say("| judged again | s |\n| --- | ---: |")
    for name, seconds in rows:
        say(f"| {name} | {seconds:.3f}{' (too slow)' if seconds > MOST_SECONDS else ''} |")
    return int(any(seconds > MOST_SECONDS for _, seconds in rows))


if __name__ == "__main__":
    sys.exit(main())

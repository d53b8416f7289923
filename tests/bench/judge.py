"""Measures judging a stored run again: `python -m tests.bench.judge [FOLDER of bundles …]` (the recorded ones), seconds; the goal is below 1.

Parsing is not in it: facts and tables are at hand, as they are when only a rule or a correction has changed.
"""

import hashlib
import statistics
import sys
from pathlib import Path

from runs.analysis.case import MemoryTables
from runs.analysis.pipeline import BundleFile, conclude, parse
from runs.analysis.source import Source
from tests.bench.frames import milliseconds
from tests.bench.peers import say

TESTS = Path(__file__).resolve().parents[1]
FOLDERS = (TESTS / "bundles", TESTS / "fixtures" / "bundles")
TURNS = 5


def main(folders: list[Path]) -> None:
    """One row a bundle."""
    say("| bundle | files | judging, median s | slowest s |\n| --- | ---: | ---: | ---: |")
    bundles = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_dir()]
    for bundle in bundles:
        files, tables = [], MemoryTables()
        for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
            name, data = path.relative_to(bundle).as_posix(), path.read_bytes()
            result, own = parse(Source(path, name))
            tables.add(name, own)
            files.append(BundleFile(path=name, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), result=result))
        conclude(bundle.name, files, tables)  # what is imported and compiled once is not measured
        times = sorted(milliseconds(lambda b=bundle, f=files, t=tables: conclude(b.name, f, t)) / 1000 for _ in range(TURNS))
        say(f"| {bundle.name} | {len(files)} | {statistics.median(times):.3f} | {times[-1]:.3f} |")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or [folder for folder in FOLDERS if folder.is_dir()])

"""`make bench`: captures against other programs, then pages of the packet list, texts, judging, the timeline. Nothing here is a test.

    python -m tests.bench [--large]

Without `--large` some four minutes on two cores; with it also the capture of 5 million packets (1.9 GB), lists of 5 million frames
and texts of a million lines, some twenty minutes.
"""

import argparse
import subprocess
import sys

from tests.bench.peers import say

SMALL = (
    ("packets",),
    ("frames", "1000000"),
    ("packet_pages", "1000000"),
    ("parsers", "--lines", "50000"),
    ("judge",),
    ("timeline", "100000"),
)
LARGE = (
    ("packets", "--large"),
    ("frames", "5000000"),
    ("packet_pages", "5000000"),
    ("parsers", "--lines", "1000000"),
    ("judge",),
    ("timeline", "1000000"),
)


def main() -> int:
    """Run each part in a process of its own; the exit status is the worst of theirs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true")
    worst = 0
    for part, *options in LARGE if parser.parse_args().large else SMALL:
        say(f"\n# {part}\n")
        worst = max(worst, subprocess.run([sys.executable, "-m", f"tests.bench.{part}", *options], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())

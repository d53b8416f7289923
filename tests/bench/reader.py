"""A warm worker of the benchmark: reads the captures whose paths come on stdin and writes their tables.

Answers each with a line of JSON: seconds by the wall clock and of the processor, packets, peak memory above the imports in bytes.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO, cast

from runs.analysis import columns
from runs.analysis.packets.capture import read_capture
from runs.analysis.packets.warm import warm


def read_and_write(path: Path) -> int:
    """The packet path: from opening the file to the written tables of packets, conversations and addresses; returns the packets."""
    read = read_capture(path)
    with tempfile.TemporaryFile() as target:
        for table in read.tables.values():
            columns.write(table, cast(BinaryIO, target))
    return len(read.packets)


def memory_bytes(field: str) -> int:
    """A line of /proc/self/status: VmRSS is the memory in use, VmHWM its peak."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(field + ":")[1].split()[0]) * 1024


def main() -> None:
    """Answer until stdin ends."""
    warm()
    for line in sys.stdin:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak counts from here
        before, start, used = memory_bytes("VmRSS"), time.perf_counter(), time.process_time()
        packets = read_and_write(Path(line.rstrip("\n")))
        wall, cpu = time.perf_counter() - start, time.process_time() - used
        answer = {"wall": wall, "cpu": cpu, "packets": packets, "peak": memory_bytes("VmHWM") - before}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

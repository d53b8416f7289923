"""Holds what we say about TCP frames against tshark, frame by frame, and prints every difference with its frames.

    python -m tests.bench.exactness PATH …

A path is a capture, or a folder whose captures are read. Compared: each remark, the number and the first frame of a duplicate ACK, the
stream, relative numbers, payload length, what a segment acknowledges and after how long, and the initial RTT. Needs tshark (measured
with 4.0.17); the exit status is 1 where a remark differs. docs/capture-exactness.md has the results.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from runs.analysis.packets.capture import CaptureRead, headless_pcapng, is_capture, read_capture
from runs.analysis.packets.schema import REMARKS, RESENT, RETRANSMISSION, TCP, column
from runs.analysis.packets.segment import segment_context
from runs.analysis.packets.stream import open_bytes
from tests.bench.peers import say

MOST_FRAMES_SHOWN = 12
WIRESHARKS = {
    "dup_ack": "duplicate_ack", "ack_lost_segment": "ack_lost_segment", "zero_window_probe_ack": "zero_window_probe_ack",
}  # fmt: skip
FIELDS = {
    **{remark.name: f"tcp.analysis.{WIRESHARKS.get(remark.name, remark.name)}" for remark in REMARKS},
    "stream": "tcp.stream",
    "sequence": "tcp.seq",
    "acknowledgment": "tcp.ack",
    "length": "tcp.len",
    "dup_ack_number": "tcp.analysis.duplicate_ack_num",
    "dup_ack_frame": "tcp.analysis.duplicate_ack_frame",
    "acknowledged_frame": "tcp.analysis.acks_frame",
    "ack_rtt": "tcp.analysis.ack_rtt",
    "initial_rtt": "tcp.analysis.initial_rtt",
}
REMARK_NAMES = tuple(remark.name for remark in REMARKS)


class Difference(NamedTuple):
    """One thing said otherwise about a frame."""

    name: str
    frame: int
    tshark: str
    ours: str


def tshark_says(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each TCP frame with tshark's words; quoted packets of ICMP errors are left out."""
    command = ["tshark", "-r", str(path), "-Y", "tcp && !icmp && !icmpv6", "-T", "fields", "-e", "frame.number"]
    for field in FIELDS.values():
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        number, *values = line.split("\t")
        yield int(number), dict(zip(FIELDS, values, strict=True))


def we_say(read: CaptureRead, row: int) -> dict[str, str]:
    """Our words for the same frame, in tshark's shapes."""
    packets = read.packets
    bits, found = int(column(packets, "remarks")[row]), segment_context(packets, read.conversations, row)
    said = {r.name: "1" if bits & (RESENT if r.bit == RETRANSMISSION else r.bit) else "" for r in REMARKS}
    if int(packets["protocol"][row]) != TCP or found is None:
        return said
    rtt, first = found.initial_rtt_ns, found.acknowledges
    return said | {
        "stream": str(packets["stream"][row]), "sequence": str(found.sequence),
        "acknowledgment": "0" if found.acknowledgment is None else str(found.acknowledgment),
        "length": str(packets["payload_length"][row]), "dup_ack_number": str(column(packets, "dup_ack_number")[row] or ""),
        "dup_ack_frame": "" if found.doubles is None else str(found.doubles + 1),
        "acknowledged_frame": "" if first is None else str(first.row + 1), "ack_rtt": "" if first is None else f"{first.ns / 1e9:.9f}",
        "initial_rtt": f"{rtt / 1e9:.9f}" if rtt else "",
    }  # fmt: skip


def differences(path: Path, read: CaptureRead) -> tuple[int, list[Difference]]:
    """(TCP frames compared, what differs). Remarks are there or not; tshark tells of the initial RTT in each frame behind the handshake."""
    count, found = 0, []
    for number, told in tshark_says(path):
        count += 1
        ours = we_say(read, number - 1) if number <= len(read.packets) else {}
        for name, value in told.items():
            theirs = ("1" if value else "") if name in REMARK_NAMES else value.partition(",")[0]
            mine = ours.get(name, "")
            if theirs != mine and not (name == "initial_rtt" and not theirs):
                found.append(Difference(name, number, theirs or "—", mine or "—"))
    return count, found


def captures(paths: list[Path]) -> Iterator[Path]:
    """The captures among the paths and in folders of them, by content."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and _is_capture(file):
                yield file


def _is_capture(path: Path) -> bool:
    try:
        with open_bytes(path) as source:
            head = source.window(0, 64).data[:64].tobytes()
    except OSError:
        return False
    return is_capture(head) and not headless_pcapng(head)


def main() -> int:
    """A line for each capture, and below it what differs."""
    total = frames = 0
    for path in captures([Path(argument) for argument in sys.argv[1:]]):
        read = read_capture(path)
        count, found = differences(path, read)
        frames += count
        say(f"{path}: {len(read.packets):,} frames, {count:,} of TCP, {len(found)} differences")
        for name in dict.fromkeys(one.name for one in found):
            of_name = [one for one in found if one.name == name]
            total += len(of_name) * (name in REMARK_NAMES)
            shown = "; ".join(f"#{one.frame} {one.tshark} | {one.ours}" for one in of_name[:MOST_FRAMES_SHOWN])
            say(f"  {name}: {len(of_name)} (tshark | ours): {shown}{' …' if len(of_name) > MOST_FRAMES_SHOWN else ''}")
    say(f"{frames:,} TCP frames, {total} differences in remarks")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())

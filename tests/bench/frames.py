"""Measures pages of the frame list: `python -m tests.bench.frames [FRAMES]` (5,000,000) makes a capture, reads it, and asks for pages.

Prints a Markdown table: the first time a filter is applied, then median and 95th percentile of a page of 100 frames at random places.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import django
import numpy as np

from runs.analysis.packets.capture import read_capture
from tests.bench.peers import say

FILTERS = (
    "", "host 10.0.7.9", "net 10.0.0.0/16", "tcp port 443", "host 10.0.7.9 and port 443", "tcp[tcpflags] & tcp-syn != 0",
    "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "not host 10.0.7.9", "remark any", "stream 0-99", "frame 2500000-2600000",
    "less 100", "inner (tcp port 443)", "ip[2:2] > 600", "host 10.0.7.9 and ip[2:2] > 600", "ether host 02:00:00:00:00:02", "vlan",
)  # fmt: skip
FRAME_BYTES = 400
RECORD = np.dtype([
    ("seconds", "<u4"), ("micros", "<u4"), ("captured", "<u4"), ("original", "<u4"), ("macs", "S12"), ("ethertype", ">u2"),
    ("version", "u1"), ("tos", "u1"), ("total", ">u2"), ("id", ">u2"), ("fragment", ">u2"), ("ttl", "u1"), ("protocol", "u1"),
    ("checksum", ">u2"), ("source", ">u4"), ("destination", ">u4"), ("source_port", ">u2"), ("destination_port", ">u2"),
    ("sequence", ">u4"), ("acknowledgment", ">u4"), ("data_offset", "u1"), ("flags", "u1"), ("window", ">u2"), ("rest", ">u4"),
    ("payload", f"S{FRAME_BYTES - 54}"),
])  # fmt: skip


def write_capture(path: Path, frames: int) -> None:
    """An Ethernet capture of TCP between 5,000 clients and 50 servers."""
    rng = np.random.default_rng(7)
    with path.open("wb") as file:
        file.write(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
        for start in range(0, frames, 100_000):
            count = min(100_000, frames - start)
            made = np.zeros(count, RECORD)
            number = np.arange(start, start + count)
            made["seconds"], made["micros"] = 1_700_000_000 + number // 10_000, number % 10_000 * 100
            made["captured"] = FRAME_BYTES
            size = rng.integers(54, 1515, count)
            made["original"] = np.maximum(size, FRAME_BYTES)
            made["macs"], made["ethertype"], made["version"], made["total"] = (
                b"\x02\0\0\0\0\1\x02\0\0\0\0\2",
                0x0800,
                0x45,
                size - 14,
            )
            made["ttl"], made["protocol"] = 64, 6
            client, server = rng.integers(0, 5_000, count), rng.integers(0, 50, count)
            is_answer = rng.integers(0, 2, count) == 1
            ends = (0x0A000000 + client, 0xC6336400 + server), (40_000 + client % 20_000, np.where(server % 3, 443, 80))
            for field, places in zip(("source", "source_port"), ends, strict=True):
                made[field] = np.where(is_answer, places[1], places[0])
                made[field.replace("source", "destination")] = np.where(is_answer, places[0], places[1])
            made["sequence"], made["data_offset"], made["window"] = number, 0x50, 8192
            made["flags"] = rng.choice(np.array([16, 24, 2, 18, 17], "u1"), count, p=[0.6, 0.35, 0.02, 0.02, 0.01])
            file.write(made.tobytes())


def milliseconds(call: object) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()  # type: ignore[operator]
    return (time.perf_counter() - start) * 1e3


def main(frames: int) -> None:
    """Measure."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from runs.analysis.domain.filters.frames import Frames
    from runs.services.frames import CaptureFrames

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "capture.pcap"
        write_capture(path, frames)
        read = read_capture(path)
        asked = CaptureFrames("bench", Frames(read.packets, read.addresses, [1], path, "little"), read.conversations)
        rng = np.random.default_rng(1)
        say(f"{frames:,} frames, {len(read.conversations):,} conversations; milliseconds\n")
        say("| filter | frames selected | first time | page, median | page, 95 % | page with a frame, 95 % |")
        say("| --- | ---: | ---: | ---: | ---: | ---: |")
        asked.page("host 1.2.3.4")  # what is found out about the frames once is not measured as a filter's
        for text in FILTERS:
            first = milliseconds(lambda text=text: asked.page(text))
            places = rng.integers(1, frames + 1, 400).tolist()
            pages = sorted(milliseconds(lambda text=text, place=place: asked.page(text, place)) for place in places)
            held = sorted(milliseconds(lambda text=text, place=place: asked.page_with(place, text)) for place in places)
            count = asked.page(text).selected_count
            row = [
                f"`{text}`",
                f"{count:,}",
                f"{first:.1f}",
                f"{statistics.median(pages):.2f}",
                f"{pages[379]:.2f}",
                f"{held[379]:.2f}",
            ]
            say(f"| {' | '.join(row)} |")
        again = sorted(milliseconds(lambda place=place: asked.before_and_after(place)) for place in places)
        say(f"\nBefore and after in the conversation: median {statistics.median(again):.2f}, 95 % {again[379]:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000)

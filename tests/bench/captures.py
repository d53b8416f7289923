"""Captures for the benchmark, made by script: a bulk transfer cut at 74 bytes, many short flows, full-size HTTP.

python -m tests.bench.captures many 1000000 50000 many.pcap
"""

import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from runs.analysis.packets.schema import ACK, FIN, PSH, SYN

ETHERNET = bytes.fromhex("020000000002020000000001") + b"\x08\x00"
SYN_OPTIONS = bytes.fromhex("020405b4 0402080a 00000001 00000000 01030307".replace(" ", ""))
OPTIONS = bytes.fromhex("0101080a0000000200000001")
Packet = tuple[bytes, int]  # captured bytes, original length


class Flow:
    """One TCP connection; `steps` yields its packets: handshake, request, responses with ACKs, now and then a loss, close."""

    def __init__(self, rng: random.Random, packets: int, payload: int, snaplen: int) -> None:
        self._rng, self._packets, self._payload, self._snaplen = rng, packets, payload, snaplen
        self._ends = (10 << 24 | rng.randrange(1 << 16), 198 << 24 | 51 << 16 | 100 << 8 | rng.randrange(256))
        self._ports = (rng.randrange(32768, 61000), 80)
        self._next = [rng.getrandbits(32), rng.getrandbits(32)]
        self._ids = [0, 0]

    def _segment(self, side: int, flags: int, payload: bytes = b"", sequence: int | None = None, ack: int | None = None) -> Packet:
        options = SYN_OPTIONS if flags & SYN else OPTIONS
        start = self._next[side] if sequence is None else sequence
        acknowledged = (self._next[1 - side] if ack is None else ack) if flags & ACK else 0
        self._ids[side] = (self._ids[side] + 1) & 0xFFFF
        size = 40 + len(options) + len(payload)
        head = struct.pack(">BBHHHBBHII", 0x45, 0, size, self._ids[side], 0x4000, 64, 6, 0, self._ends[side], self._ends[1 - side])
        head += struct.pack(
            ">HHIIBBHHH", self._ports[side], self._ports[1 - side], start & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF,
            (20 + len(options)) // 4 << 4, flags, 502, 0, 0,
        )  # fmt: skip
        if sequence is None:
            self._next[side] += len(payload) + (1 if flags & (SYN | FIN) else 0)
        frame = ETHERNET + head + options + payload
        return frame[: self._snaplen], len(frame)

    def steps(self) -> Iterator[Packet]:
        yield self._segment(0, SYN)
        yield self._segment(1, SYN | ACK)
        yield self._segment(0, ACK)
        yield self._segment(0, PSH | ACK, b"GET /item HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n".ljust(self._payload, b"x")
        left = self._packets - 8
        while left > 0:
            lost = self._next[1] if self._rng.random() < 0.01 else None
            if lost is not None:
                self._next[1] += len(answer)
            yield self._segment(1, PSH | ACK, answer)
            for _ in range(3 if lost is not None else 1):
                yield self._segment(0, ACK, ack=lost)
                left -= 1
            if lost is not None:
                yield self._segment(1, PSH | ACK, answer, sequence=lost)
                yield self._segment(0, ACK)
                left -= 2
            left -= 1
        yield self._segment(1, FIN | ACK)
        yield self._segment(0, FIN | ACK)
        yield self._segment(1, ACK)


SHAPES = {"bulk": (1448, 74), "many": (300, 65535), "full": (910, 65535), "http": (1448, 65535)}
"""Payload of a segment, snaplen."""


def make(shape: str, packets: int, flows: int, path: Path, seed: int = 7) -> int:
    """Write a capture; returns the packets in it. Up to 512 flows are active at once."""
    rng = random.Random(seed)
    payload, snaplen = SHAPES[shape]
    mean = max(10, packets // flows)
    written, now_us = 0, 1_700_000_000_000_000
    active = [Flow(rng, mean, payload, snaplen).steps() for _ in range(min(512, flows))]
    with path.open("wb", buffering=1 << 20) as file:
        file.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, 1))
        while written < packets:
            place = rng.randrange(len(active))
            step = next(active[place], None)
            if step is None:
                active[place] = Flow(rng, mean, payload, snaplen).steps()
                continue
            now_us += rng.randrange(1, 240)
            file.write(struct.pack("<IIII", now_us // 1_000_000, now_us % 1_000_000, len(step[0]), step[1]) + step[0])
            written += 1
    return written


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))

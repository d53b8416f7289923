"""The Internet checksum (RFC 1071) over the pseudo-headers of IPv4 and IPv6, and what a sender's frames add up to."""

from dataclasses import dataclass, field

import numpy as np

from runs.analysis.facts.frame_checksums import INITIAL_TTLS, FrameChecksums, SenderChecksums

MAX_SENDERS = 1_000
MAX_LISTED = 50


def folded(total: int) -> int:
    """A sum of 16-bit words in one's complement arithmetic."""
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def word_sum(data: bytes) -> int:
    """The sum of the big-endian 16-bit words; an odd last byte is the high one."""
    padded = data + b"\0" if len(data) % 2 else data
    return int(np.frombuffer(padded, ">u2").sum(dtype=np.uint64))


def pseudo_sum(source: bytes, destination: bytes, protocol: int, length: int) -> int:
    """The pseudo-header's folded sum (RFC 9293 section 3.1, RFC 8200 section 8.1). Zero bytes before an IPv4 address change nothing."""
    return folded(word_sum(source) + word_sum(destination) + protocol + (length >> 16) + (length & 0xFFFF))


@dataclass
class _Sender:
    counts: dict[str, int] = field(default_factory=lambda: {"right": 0, "wrong": 0, "unfinished": 0, "forwarded": 0})
    frames: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass
class ChecksumCounter:
    """Counts frames by sender."""

    senders: dict[str, _Sender] = field(default_factory=dict)
    checked: int = 0

    def add(
        self, address: str, frame: int, *, right: bool, unfinished: bool = False, ttl: int | None = None, line: int = 0
    ) -> None:
        """One frame (1-based; of a text with the line that prints its checksum). A TTL that is not known is none that was lowered."""
        if address not in self.senders and len(self.senders) >= MAX_SENDERS:
            return
        sender = self.senders.setdefault(address, _Sender())
        self.checked += 1
        if right:
            sender.counts["right"] += 1
            return
        sender.counts["wrong"] += 1
        sender.counts["unfinished"] += unfinished
        sender.counts["forwarded"] += ttl is not None and ttl not in INITIAL_TTLS
        if len(sender.frames) < MAX_LISTED:
            sender.frames.append(frame)
            if line:
                sender.lines.append(line)

    def facts(self) -> list[FrameChecksums]:
        """One fact, or none where nothing could be checked."""
        senders = tuple(
            SenderChecksums(address=a, frames=tuple(s.frames), lines=tuple(s.lines), **s.counts) for a, s in self.senders.items()
        )
        return [FrameChecksums(senders=senders, checked=self.checked)] if senders else []

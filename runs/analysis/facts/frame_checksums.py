"""Transport checksums of a capture's frames, by sender: right, wrong, or left for the network card to fill in."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message

INITIAL_TTLS = (64, 128, 255)
"""What systems send with: a frame with another one has been forwarded."""


class SenderChecksums(msgspec.Struct, frozen=True, kw_only=True):
    """The TCP and UDP checksums of one sender's frames."""

    address: str
    right: int = 0
    wrong: int = 0
    unfinished: int = 0  # of the wrong: the field holds the pseudo-header's sum, as a kernel leaves it for the card
    forwarded: int = 0  # of the wrong: the TTL is none that systems send with
    frames: tuple[int, ...] = ()  # wrong ones, 1-based (of a text: its records), the first 50
    lines: tuple[int, ...] = ()  # of a text that prints checksums: where the wrong ones stand, the first 50


class FrameChecksums(Fact, frozen=True, kw_only=True):
    """What the checksums of a capture are, as far as it was looked at (a sample of a large one), or as its text prints them."""

    evidence_name: ClassVar[Message] = message(
        "evidence.frame_checksums", en="whole frames, or tcpdump -v", ja="切り詰めのないフレーム、または tcpdump -v の表示"
    )

    senders: tuple[SenderChecksums, ...]  # the first 1,000, in the order of their first frames
    checked: int

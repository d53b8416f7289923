"""ARP in captures: who asks for an address, and who answers."""

from typing import ClassVar

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class ArpResolution(Fact, frozen=True, kw_only=True):
    """All requests of one address for another, and the MAC addresses that claim it. Frames: the first 50 of each."""

    of_packets: ClassVar[bool] = True
    evidence_name: ClassVar[Message] = message("evidence.arp", en="ARP in a capture", ja="キャプチャ中の ARP")

    asker: str  # 0.0.0.0: a probe for a duplicate
    target: str
    request_frames: tuple[int, ...]
    request_count: int
    reply_frames: tuple[int, ...]
    reply_count: int
    macs: tuple[str, ...]  # that answer for the target
    first_ns: int
    last_ns: int

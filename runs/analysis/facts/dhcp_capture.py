"""DHCP in captures: one message each."""

from typing import ClassVar

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class DhcpMessage(Fact, frozen=True, kw_only=True):
    """A DHCPv4 or DHCPv6 message."""

    of_packets: ClassVar[bool] = True
    evidence_name: ClassVar[Message] = message("evidence.dhcp_message", en="DHCP in a capture", ja="キャプチャ中の DHCP")

    frame: int
    ts_ns: int
    version: int  # 4, 6
    kind: str  # 'DISCOVER', 'SOLICIT' …
    transaction: int
    source: str
    destination: str

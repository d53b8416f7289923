"""What the kernel's packet filter logged: packets that a LOG rule met."""

from typing import ClassVar

from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.messages import Message, message


class LoggedPackets(Fact, frozen=True, kw_only=True):
    """Packets of one kind that a LOG rule met. Whether they were dropped, only the rule's prefix says."""

    evidence_name: ClassVar[Message] = message("evidence.logged_packets", en="the packet filter's log", ja="パケットフィルタのログ")

    prefix: str  # as the rule prints it: 'DROP ', '[UFW BLOCK]'
    says_dropped: bool  # the prefix has a word such as DROP, BLOCK, REJECT, DENY
    interface_in: str | None
    interface_out: str | None
    protocol: str  # 'tcp', 'udp', 'icmp' …
    source: str
    destination: Endpoint
    source_ports: tuple[int, ...] = ()  # the first 20
    flags: str | None = None  # 'SYN', 'ACK PSH' of TCP
    ttl: int | None = None
    count: int = 0
    lines: tuple[int, ...] = ()  # the first 50
    first_wall_ns: int | None = None  # of the log's clock face
    last_wall_ns: int | None = None

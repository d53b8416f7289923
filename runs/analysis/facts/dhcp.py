"""What DHCP clients log: messages sent and received, leases gained and lost."""

from typing import ClassVar, Literal

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message

DhcpStep = Literal[
    "solicit", "advertise", "request", "reply", "renew", "rebind", "release", "discover", "offer", "ack", "nak",
    "lease_gained", "lease_lost", "lease_expired", "option_missing",
]  # fmt: skip


class DhcpClientEvent(Fact, frozen=True, kw_only=True):
    """One line of a DHCP client's log."""

    evidence_name: ClassVar[Message] = message("evidence.dhcp_client_event", en="a DHCP client's log", ja="DHCP クライアントのログ")

    step: DhcpStep
    line: int
    text: str
    version: int  # 4, 6
    interface: str | None = None
    lease: str | None = None  # address or prefix
    lifetime_s: int | None = None  # valid lifetime, seconds
    wall_ns: int | None = None  # of the log's clock face
    zone: str | None = None
    has_date: bool = True

"""What init systems log of services: started, stopped, failed."""

from typing import ClassVar, Literal

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class ServiceEvent(Fact, frozen=True, kw_only=True):
    """A service changed its state."""

    evidence_name: ClassVar[Message] = message(
        "evidence.service_event", en="the init system's log", ja="サービスの起動・停止の記録"
    )

    unit: str  # 'dhcp6c@eth1.service'
    state: Literal["starting", "started", "stopping", "stopped", "failed", "reloaded"]
    line: int
    wall_ns: int | None = None  # of the log's clock face
    zone: str | None = None
    has_date: bool = True

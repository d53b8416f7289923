"""How an interface fares: its counters, the link beneath it, and what the network card does itself."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class NamedCounter(msgspec.Struct, frozen=True):
    """A counter as its tool names it."""

    line: int
    name: str  # 'rx_crc_errors', 'carrier', 'overrun'
    value: int


class InterfaceCounters(Fact, frozen=True, kw_only=True):
    """What an interface has counted since it came up. None: not shown. A line is 0 where nothing of that direction is shown."""

    evidence_name: ClassVar[Message] = message(
        "evidence.interface_counters", en="an interface's counters (ip -s link)", ja="インタフェースの統計 (ip -s link)"
    )

    name: str
    program: str  # 'ip', 'ifconfig', 'ethtool', 'netstat'
    line: int  # of the interface's name
    received_packets: int | None = None
    received_bytes: int | None = None
    receive_errors: int | None = None  # frames with errors, all kinds
    receive_dropped: int | None = None  # good frames that were let go: no buffer, no protocol that wants them
    receive_missed: int | None = None  # the card had no room ('missed', 'overrun')
    receive_line: int = 0
    sent_packets: int | None = None
    sent_bytes: int | None = None
    send_errors: int | None = None
    send_dropped: int | None = None
    carrier_errors: int | None = None
    collisions: int | None = None
    send_line: int = 0
    others: tuple[NamedCounter, ...] = ()  # `ethtool -S`: those that are not 0 and tell of errors, drops or pauses; the first 200


class LinkSettings(Fact, frozen=True, kw_only=True):
    """`ethtool eth0`: what the link beneath an interface came to."""

    evidence_name: ClassVar[Message] = message(
        "evidence.link_settings", en="a link's settings (ethtool)", ja="リンクの設定 (ethtool)"
    )

    name: str
    line: int
    speed_mbps: int | None = None  # None: unknown, or no link
    speed_line: int = 0
    duplex: str | None = None  # 'full', 'half'
    duplex_line: int = 0
    autonegotiation: bool | None = None
    autonegotiation_line: int = 0
    port: str | None = None  # 'Twisted Pair', 'FIBRE'
    has_link: bool | None = None
    link_line: int = 0
    supported: tuple[str, ...] = ()  # '1000baseT/Full'
    advertised: tuple[str, ...] = ()
    partner: tuple[str, ...] = ()  # what the other side advertises


class Offload(msgspec.Struct, frozen=True):
    """A line of `ethtool -k`."""

    line: int
    name: str  # 'rx-checksumming', 'tcp-segmentation-offload'
    is_on: bool
    is_fixed: bool = False


class OffloadSettings(Fact, frozen=True, kw_only=True):
    """What a network card does instead of the kernel: captures show frames that never were on the wire so, and checksums not yet filled in."""

    evidence_name: ClassVar[Message] = message(
        "evidence.offload_settings", en="a network card's offloads (ethtool -k)", ja="NIC のオフロード設定 (ethtool -k)"
    )

    name: str
    line: int
    offloads: tuple[Offload, ...] = ()

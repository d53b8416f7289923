"""Captures: what a pcap/pcapng file, or tcpdump's text of one, says of itself. The frames stand in the `packets` table."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Fact, WallWindow
from runs.analysis.messages import Message, message


class CaptureInterface(msgspec.Struct, frozen=True, kw_only=True):
    """An interface of a capture; a pcap file has one."""

    name: str | None = None  # pcapng's if_name
    linktype: int  # LINKTYPE_ number of tcpdump.org
    snaplen: int  # 0: not limited
    filter: str | None = None  # pcapng's if_filter
    received_count: int | None = None  # pcapng interface statistics
    dropped_count: int | None = None


class Capture(Fact, frozen=True, kw_only=True):
    """A capture file, or a tcpdump text that was read into frames."""

    evidence_name: ClassVar[Message] = message("evidence.capture", en="a packet capture", ja="パケットキャプチャ")

    format: str  # 'pcap', 'pcapng', 'tcpdump text', 'tshark text'
    byte_order: str | None = None  # 'little', 'big'
    compression: str | None = None  # 'gzip', 'zstd'
    resolution_ns: int = 1_000
    interfaces: tuple[CaptureInterface, ...] = ()
    frame_count: int = 0
    truncated_count: int = 0  # frames whose captured length is below the original length
    first_ns: int | None = None  # of the earliest frame, ns UTC (of a text: its clock face, see `zone`)
    last_ns: int | None = None
    in_order: bool = True  # whether time stamps never go back
    zone: str | None = "Z"  # a text without zone: None
    has_date: bool = True
    relative: bool = False  # of a text: times count from its first packet or from the first SYN, on no clock
    comments: tuple[str, ...] = ()  # pcapng section and packet comments, the first 100
    names: tuple[tuple[str, str], ...] = ()  # pcapng name resolution: (address, name), the first 1,000

    def wall_window(self) -> WallWindow | None:
        """See Fact."""
        if self.first_ns is None or self.last_ns is None:
            return None
        return WallWindow(self.first_ns, self.last_ns, self.zone, self.has_date)

    @property
    def is_text(self) -> bool:
        return self.format.endswith(" text")


class CaptureStatistics(Fact, frozen=True, kw_only=True):
    """What tcpdump says on standard error: 'N packets captured', and the line of each number (0: not said)."""

    evidence_name: ClassVar[Message] = message("evidence.capture_statistics", en="tcpdump's statistics", ja="tcpdump の統計行")

    interface: str | None = None
    linktype_name: str | None = None  # 'NULL (BSD loopback)', as printed
    snaplen: int | None = None
    listening_line: int = 0
    captured: int | None = None
    captured_line: int = 0
    received_by_filter: int | None = None
    received_line: int = 0
    dropped_by_kernel: int | None = None
    dropped_line: int = 0
    dropped_by_interface: int | None = None
    dropped_by_interface_line: int = 0

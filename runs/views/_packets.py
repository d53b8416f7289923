"""Frames in words: addresses, protocol, Wireshark's line about them, and its remarks."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext_lazy as _

from runs.analysis.case import Tables, table_name
from runs.analysis.columns import Array, Table
from runs.analysis.domain.visible import visible
from runs.analysis.facts.base import Endpoint
from runs.analysis.packets import schema
from runs.analysis.packets.addresses import address_texts
from runs.analysis.packets.info import dup_ack_words, info_lines, protocol_words
from runs.analysis.packets.schema import column
from runs.analysis.packets.upper.pages import told_frames, told_options
from runs.analysis.report import FileReport
from runs.services.timeline_lanes import frame_times
from runs.wording import masker

_REMARKS = re.compile(r"(?:\[TCP [^\]]*\] )+")
_TINTS = {"chat": "", "note": "r-note", "warn": "r-note", "error": "r-error"}
_CHAT = schema.DUP_ACK | schema.KEEP_ALIVE | schema.KEEP_ALIVE_ACK | schema.WINDOW_UPDATE | schema.ZERO_WINDOW_PROBE_ACK
REMARK_WORDS = {
    "retransmission": _("retransmission"),
    "fast_retransmission": _("fast retransmission"),
    "spurious_retransmission": _("spurious retransmission"),
    "out_of_order": _("out of order"),
    "lost_segment": _("previous segment not captured"),
    "dup_ack": _("dup ACK"),
    "zero_window": _("zero window"),
    "window_full": _("window full"),
    "window_update": _("window update"),
    "keep_alive": _("keep-alive"),
    "keep_alive_ack": _("keep-alive ACK"),
    "zero_window_probe": _("zero window probe"),
    "zero_window_probe_ack": _("zero window probe ACK"),
    "ack_lost_segment": _("ACK of a segment not captured"),
    "reused_ports": _("port numbers reused"),
}


class FrameWords(NamedTuple):
    """A frame as a row of the packet list."""

    number: int
    source: str
    destination: str
    protocol: str
    length: int
    info: str
    remarks: tuple[str, ...]
    severity: str  # of the gravest remark: '', 'chat', 'note', 'warn', 'error'
    tint: str  # class of the row


class Packets:
    """The tables of a capture, with what is needed to put its frames into words."""

    def __init__(
        self, packets: Table, addresses: Table | None, conversations: Table | None, origin: Callable[[], Path] | None = None
    ) -> None:
        """`origin`: where the capture lies, for what upper layers say; without it the headers' words stand."""
        self._origin = origin
        self.table, self._addresses, self.conversations = packets, addresses, conversations
        self._texts: dict[int, str] = {}
        self._remark_bits = column(packets, "remarks")

    @classmethod
    def of(cls, tables: Tables, path: str, first_line: int = 0, origin: Callable[[], Path] | None = None) -> "Packets | None":
        """Those of a file (or of its segment); None where it has no frames."""
        packets = tables.table(path, table_name("packets", first_line))
        if packets is None:
            return None
        addresses, conversations = (tables.table(path, table_name(n, first_line)) for n in ("addresses", "conversations"))
        return cls(packets, addresses, conversations, origin)

    def __len__(self) -> int:
        return len(self.table)

    def address(self, code: int) -> str:
        """An address of the capture as it is written."""
        if self._addresses is None:
            return ""
        if code not in self._texts:
            self._texts |= address_texts(self._addresses, [code])
        return visible(self._texts[code])

    def ends(self, conversation: int) -> tuple[Endpoint, Endpoint] | None:
        """Originator and responder of a conversation (its row) as they are written; None where it is not in the tables."""
        if self.conversations is None or not 0 <= conversation < len(self.conversations):
            return None
        codes, ports = self.conversations["addresses"][conversation], self.conversations["ports"][conversation]
        first, second = (Endpoint(self.address(int(a)), int(p) or None) for a, p in zip(codes, ports, strict=True))
        return first, second

    def words(self, row: int) -> FrameWords:
        """One frame in words."""
        return self.page([row])[0]

    def page(self, rows: Sequence[int]) -> list[FrameWords]:
        """The frames of a page (indexes from 0) in words."""
        return [self._words(row, info) for row, info in zip(rows, self._infos(rows), strict=True)]

    def _words(self, row: int, info: str) -> FrameWords:
        protocol = int(self.table["protocol"][row])
        bits = int(self._remark_bits[row])
        flags = int(self.table["tcp_flags"][row]) if protocol == schema.TCP else 0
        found = [r for r in schema.REMARKS if bits & r.bit] if bits else []
        severity = max((r.severity for r in found), key=("chat", "note", "warn", "error").index, default="")
        tint = "r-chat" if bits and not bits & ~_CHAT else _TINTS.get(severity, "")
        if flags & schema.RST or (protocol in (schema.ICMP, schema.ICMPV6) and self._is_icmp_error(row, protocol)):
            tint = "r-error"
        return FrameWords(
            number=row + 1,
            source=self.address(int(self.table["source"][row])),
            destination=self.address(int(self.table["destination"][row])),
            protocol=self.protocol(row),
            length=int(self.table["original_length"][row]),
            info=info,
            remarks=tuple(self._remark(row, r.name) for r in found),
            severity=severity,
            tint=tint,
        )

    def _remark(self, row: int, name: str) -> str:
        behind = dup_ack_words(self.table, self.conversations, row) if name == "dup_ack" else ""
        return f"{REMARK_WORDS[name]}{behind}"

    def protocol(self, row: int) -> str:
        """'TCP', 'HTTP', 'ARP' …"""
        return protocol_words(self.table, row)

    def told(self, row: int) -> str:
        """One frame in one line, with both endpoints: '10.0.0.1:49152 → 10.0.0.2:80 [SYN] Seq=0 …'."""
        source, destination = (self.address(int(self.table[name][row])) for name in ("source", "destination"))
        info = self.info(row)
        ports = f"{self.table['source_port'][row]} → {self.table['destination_port'][row]} "
        if info.startswith(ports):
            ends = [Endpoint(a, int(self.table[n][row])) for a, n in ((source, "source_port"), (destination, "destination_port"))]
            protocol = "" if self.protocol(row) == "TCP" else f"{self.protocol(row)} "
            return f"{ends[0]} → {ends[1]} {protocol}{info.removeprefix(ports)}"
        return f"{source} → {destination} {self.protocol(row)} {info}" if source or destination else f"{self.protocol(row)} {info}"

    def info(self, row: int) -> str:
        """Wireshark's line: ports, flags, relative numbers, lengths; the remarks have a column of their own."""
        return self._infos([row])[0]

    def _infos(self, rows: Sequence[int]) -> list[str]:
        if self.conversations is None or self._addresses is None:
            return [""] * len(rows)
        lines = info_lines(self.table, self.conversations, self._addresses, rows)
        said, options = self._said(rows), self._options(rows)
        own = (
            _REMARKS.sub("", f"{line} {options[row]}" if row in options else line) for row, line in zip(rows, lines, strict=True)
        )
        return [visible(said.get(row) or line) for row, line in zip(rows, own, strict=True)]

    def _options(self, rows: Sequence[int]) -> dict[int, str]:
        """The TCP options of these frames; nothing where the bytes are not at hand."""
        if self._origin is None or self.conversations is None:
            return {}
        try:
            return told_options(self._origin(), self.table, self.conversations, rows)
        except OSError:
            return {}

    def _said(self, rows: Sequence[int]) -> dict[int, str]:
        """What upper layers say in these frames: secrets masked; nothing where the bytes are not at hand."""
        if self._origin is None:
            return {}
        try:
            return {row: masker().mask(words) for row, words in told_frames(self._origin(), self.table, rows).items()}
        except OSError:
            return {}

    def _is_icmp_error(self, row: int, protocol: int) -> bool:
        number = int(column(self.table, "icmp_type")[row])
        return number in (3, 4, 5, 11, 12) if protocol == schema.ICMP else number in (1, 2, 3, 4)


def times_of(report: FileReport | None, packets: Table, rows: Sequence[int] | Array) -> tuple[list[int], bool]:
    """The times of some frames, of which the first is the capture's first: ns UTC, and True; clock faces where UTC is unknown."""
    wanted = np.asarray(rows, np.int64)
    if "line" in packets:  # whether a text writes dates is known by its earliest time
        wanted = np.append(wanted, int(packets["ts_ns"].argmin()))
    some = Table({name: packets[name][wanted] for name in ("ts_ns", "line") if name in packets})
    made = frame_times(report, some) if report else None
    found = some["ts_ns"] if made is None else made
    return found[: len(rows)].tolist(), made is not None or "line" not in packets

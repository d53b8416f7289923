"""What a capture's page reads: what the file says of itself, what was dropped, its remarks counted. Reads only.

The conversations' list has `conversation_list.py`, the graph `capture_io.py`.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from runs.analysis.case import table_name
from runs.analysis.columns import Table
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture, CaptureStatistics
from runs.analysis.packets import schema
from runs.analysis.packets.schema import column
from runs.analysis.report import Report
from runs.analysis.summaries.tcpdump_statistics import DROPPED, EQUAL, UNEQUAL
from runs.models import EvidenceFile
from runs.services import storage
from runs.services.capture_io import Extent

SEVERITIES = ("error", "warn", "note", "chat")
ICMP_ERRORS = "icmp[0] = 3 or icmp[0] = 4 or icmp[0] = 5 or icmp[0] = 11 or icmp[0] = 12 or (icmp6 and icmp6[0] < 5)"
NO_CAPTURE = Capture(format="")


class Drops(NamedTuple):
    """How many packets were lost while capturing, and where that stands."""

    packet_count: int
    citation: Citation | None  # of tcpdump's own words; None: the capture's interface statistics


class RemarkCount(NamedTuple):
    """A kind of remark in a capture. `filter` is the packet list's word for these frames, '' where it has none."""

    severity: str
    name: str
    frame_count: int
    first_frame: int
    filter: str


def said_of(file: EvidenceFile, first_line: int = 0) -> tuple[Capture, tuple[CaptureStatistics, ...]]:
    """What a capture (or the segment of a text that begins at `first_line`) says of itself; NO_CAPTURE where it says nothing."""
    try:
        return _said_of(file.artefact, first_line)
    except LookupError:
        return NO_CAPTURE, ()


@lru_cache(maxsize=256)
def _said_of(artefact: str, first_line: int) -> tuple[Capture, tuple[CaptureStatistics, ...]]:
    """Artefacts are named by their content, so what was read once stays true. Raises LookupError, which is not kept."""
    result = storage.load_result(artefact)
    facts = [f for f in result.located("") if f.segment == first_line] if result else []
    captures = [f for f in facts if isinstance(f, Capture)]
    if not captures:
        raise LookupError(artefact)
    return captures[0], tuple(f for f in facts if isinstance(f, CaptureStatistics))


def packets_of(file: EvidenceFile, first_line: int = 0) -> Table | None:
    """The table of a capture's frames; None where the file has none."""
    return storage.open_table(file.artefact, table_name("packets", first_line))


def extent_of(capture: Capture, packets: Table) -> Extent | None:
    """When the frames are, without times that lie years from the others; None without a frame."""
    if not len(packets):
        return None
    ts_ns = packets["ts_ns"]
    if capture.first_ns is None or capture.last_ns is None:
        first, last = int(ts_ns.min()), int(ts_ns.max())
        return Extent(first, last - first, bool((ts_ns[1:] >= ts_ns[:-1]).all()))
    return Extent(capture.first_ns, capture.last_ns - capture.first_ns, capture.in_order)


def drops_of(report: Report | None, path: str, capture: Capture, statistics: tuple[CaptureStatistics, ...]) -> Drops | None:
    """What was dropped: as tcpdump's statistics say that belong to the capture, or as its interfaces count. None: nothing says it.

    Which statistics belong to a capture was settled when the run was concluded; their line in the file table names it.
    """
    for file in report.files if report else ():
        told = ""
        for statement in file.summary:
            id, params = statement.text.id, statement.text.params
            told = str(params["capture"]) if id in (EQUAL.id, UNEQUAL.id) else told
            if id == DROPPED.id and told == path:
                return Drops(int(params["n"]), statement.citations[0] if statement.citations else None)
    for one in statistics:
        if one.dropped_by_kernel is not None:
            line = Citation(path, lines=(one.dropped_line,)) if one.dropped_line else None
            return Drops(one.dropped_by_kernel + (one.dropped_by_interface or 0), line)
    counted = [i.dropped_count for i in capture.interfaces if i.dropped_count is not None]
    return Drops(sum(counted), None) if counted else None


def expert_summary(packets: Table) -> list[RemarkCount]:
    """The remarks of TCP analysis and what headers say themselves: the gravest first, then the commonest."""
    remarks = column(packets, "remarks")
    rows = np.flatnonzero(remarks != 0)
    bits = remarks[rows]
    found: list[RemarkCount] = []
    for remark in schema.REMARKS:
        has_it = (bits & remark.bit) != 0
        if n := int(np.count_nonzero(has_it)):
            first = int(rows[int(has_it.argmax())]) + 1
            found.append(RemarkCount(remark.severity, remark.name, n, first, f"remark {remark.name}"))
    found += _counted(packets)
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), -one.frame_count))


def _counted(packets: Table) -> Iterator[RemarkCount]:
    """What is read from the headers themselves: opened, closed and reset connections, ICMP errors, broken and cut headers."""
    flags, is_tcp = column(packets, "flags"), (packets["protocol"] == schema.TCP) & (packets["transport_offset"] != 0)
    tcp, kind = packets["tcp_flags"], column(packets, "icmp_type")
    handshake = tcp & (schema.SYN | schema.ACK)
    errors = (packets["protocol"] == schema.ICMP) & np.isin(kind, (3, 4, 5, 11, 12))
    errors |= (packets["protocol"] == schema.ICMPV6) & np.isin(kind, (1, 2, 3, 4))
    for severity, name, mask, words in (
        ("error", "malformed", (flags & schema.IS_MALFORMED) != 0, ""),
        ("warn", "reset", is_tcp & (tcp & schema.RST != 0), "inner (tcp[tcpflags] & tcp-rst != 0)"),
        ("warn", "icmp_error", errors, f"inner ({ICMP_ERRORS})"),
        ("note", "cut_headers", (flags & schema.IS_CUT) != 0, ""),
        ("chat", "opened", is_tcp & (handshake == schema.SYN), "inner (tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn)"),
        ("chat", "accepted", is_tcp & (handshake == schema.SYN | schema.ACK), "inner (tcp[tcpflags] & (tcp-syn|tcp-ack) = (tcp-syn|tcp-ack))"),
        ("chat", "finished", is_tcp & (tcp & schema.FIN != 0), "inner (tcp[tcpflags] & tcp-fin != 0)"),
    ):  # fmt: skip
        if n := int(np.count_nonzero(mask)):
            yield RemarkCount(severity, name, n, int(mask.argmax()) + 1, words)

"""Connection tracking of Linux: what a gateway holds of each connection, before and after translation."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.messages import Message, message


class TrackedTuple(msgspec.Struct, frozen=True, kw_only=True):
    """One direction of a tracked connection. Of ICMP the ports are None, and `icmp_id` stands."""

    source: Endpoint
    destination: Endpoint
    icmp_type: int | None = None
    icmp_code: int | None = None
    icmp_id: int | None = None
    packets: int | None = None
    payload_bytes: int | None = None  # with headers, as the kernel accounts them


class TrackedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `conntrack -L`."""

    line: int
    protocol: str  # 'tcp', 'udp', 'icmp', 'icmpv6', or a number
    original: TrackedTuple  # as the originator sends it
    reply: TrackedTuple  # as answers come back; its destination is what the source was translated to
    version: int = 4
    state: str | None = None  # 'ESTABLISHED', 'SYN_SENT', 'TIME_WAIT' …
    timeout_s: int | None = None
    replied: bool = True  # false: [UNREPLIED]
    assured: bool = False
    mark: int | None = None
    event: str | None = None  # of `conntrack -E`: 'NEW', 'UPDATE', 'DESTROY'

    @property
    def translated_source(self) -> Endpoint | None:
        """Where the source was translated to (SNAT); None where it was not. Of ICMP the port is the query identifier."""
        inner, outer = _identified(self.original, self.original.source), _identified(self.reply, self.reply.destination)
        return outer if outer != inner else None

    @property
    def translated_destination(self) -> Endpoint | None:
        """Where the destination was translated to (DNAT); None where it was not."""
        return self.reply.source if self.reply.source != self.original.destination else None


def _identified(part: TrackedTuple, end: Endpoint) -> Endpoint:
    return Endpoint(end.address, part.icmp_id) if part.icmp_id is not None else end


class ConntrackTable(Fact, frozen=True, kw_only=True):
    """One listing of tracked connections."""

    evidence_name: ClassVar[Message] = message(
        "evidence.conntrack_table", en="tracked connections (conntrack -L)", ja="接続追跡表 (conntrack -L)"
    )

    connections: tuple[TrackedConnection, ...]
    stated_count: int | None = None  # '… 3 flow entries have been shown.'
    stated_line: int = 0
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
    partial: bool = False  # filtered by its command


class ConntrackStatistics(Fact, frozen=True, kw_only=True):
    """`conntrack -S`: what connection tracking did with packets, summed over the processors. Its lines: those of the sums' parts."""

    evidence_name: ClassVar[Message] = message(
        "evidence.conntrack_statistics", en="statistics of connection tracking (conntrack -S)", ja="接続追跡の統計 (conntrack -S)"
    )

    counters: dict[
        str, int
    ] = {}  # 'found', 'invalid', 'insert_failed', 'drop', 'early_drop', 'error', 'search_restart', 'clash_resolve'
    processors: int = 0
    first_line: int = 1
    last_line: int = 1
    command: str | None = None

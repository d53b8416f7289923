"""What tools say that try to reach something: ping, traceroute, nc, dig. One fact a run of the tool, with its lines."""

from typing import ClassVar, Literal

import msgspec

from runs.analysis.facts.base import Fact, Stamp, WallWindow
from runs.analysis.messages import Message, message


class PingReply(msgspec.Struct, frozen=True, kw_only=True):
    """One line about one probe. `sequence` as printed; None where it has none."""

    line: int
    sequence: int | None
    result: Literal["reply", "duplicate", "no_answer", "error", "redirect"]  # a redirect loses nothing
    source: str | None = None
    ttl: int | None = None
    rtt_ns: int | None = None
    error: str | None = None  # 'Destination Host Unreachable', 'Packet filtered'
    wall_ns: int | None = None  # of `-D`: epoch


class Ping(Fact, frozen=True, kw_only=True):
    """One run of ping. Counts are None where the text was cut before the statistics."""

    evidence_name: ClassVar[Message] = message("evidence.ping", en="a ping", ja="ping の結果")

    target: str | None  # address, or the name where no address is printed
    name: str | None = None
    source: str | None = None
    command: str | None = None
    first_line: int = 1
    last_line: int = 1
    transmitted: int | None = None
    received: int | None = None  # answers of the target: errors that Windows counts among them are taken off
    first_sequence: int = 1  # 0 for BSD, macOS, BusyBox
    errors: int = 0
    duplicates: int = 0
    loss_percent: float | None = None
    statistics_line: int = 0
    rtt_min_ns: int | None = None
    rtt_avg_ns: int | None = None
    rtt_max_ns: int | None = None
    payload_bytes: int | None = None
    failure: str | None = None  # it could not send at all: 'connect: Network is unreachable'
    failure_line: int = 0
    replies: tuple[PingReply, ...] = ()  # the first 200


class TracerouteHop(msgspec.Struct, frozen=True, kw_only=True):
    """One hop. `addresses` without repeats; none where only stars stand."""

    number: int
    line: int
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    rtts_ns: tuple[int, ...] = ()
    stars: int = 0
    marks: tuple[str, ...] = ()  # '!X', '!H', '!N', '!F-1300' …, without repeats


class Traceroute(Fact, frozen=True, kw_only=True):
    """One run of traceroute, tracepath or tracert."""

    evidence_name: ClassVar[Message] = message("evidence.traceroute", en="a traceroute", ja="traceroute の結果")

    target: str | None
    name: str | None = None
    command: str | None = None
    max_hops: int | None = None
    first_line: int = 1
    last_line: int = 1
    hops: tuple[TracerouteHop, ...] = ()
    reached: bool = False  # a hop answers with the target's address, without a mark
    path_mtu: int | None = None  # bytes; tracepath and `traceroute --mtu` measure it
    path_mtu_line: int = 0  # where it was last lowered
    failure: str | None = None  # it could not send: 'sendto: No route to host'
    failure_line: int = 0


class PortProbe(Fact, frozen=True, kw_only=True):
    """One attempt of nc, ncat, telnet or socat to connect."""

    evidence_name: ClassVar[Message] = message("evidence.port_probe", en="a connection test (nc -v)", ja="接続試験 (nc -v)")

    target: str
    port: int | None
    protocol: Literal["tcp", "udp"] = "tcp"
    # 'unrefused': a program calls UDP a success where no error came back, which proves nothing
    result: Literal["open", "refused", "timed_out", "unreachable", "failed", "unrefused"]
    line: int
    text: str
    command: str | None = None


class DnsRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A resource record of an answer."""

    line: int
    name: str
    kind: str  # 'A', 'CNAME', 'TXT' …
    data: str  # as printed, at most 500 characters
    ttl: int | None = None  # seconds
    section: Literal["answer", "authority", "additional"] = "answer"


class DnsQuery(Fact, frozen=True, kw_only=True):
    """One question by dig, host or nslookup, and what came of it."""

    evidence_name: ClassVar[Message] = message("evidence.dns_query", en="a DNS query (dig)", ja="DNS の問い合わせ (dig)")

    question: str | None
    kind: str | None = None  # 'A', 'AAAA'
    server: str | None = None
    server_port: int | None = None
    status: str | None = None  # 'NOERROR', 'NXDOMAIN'; None without an answer
    status_line: int = 0
    answers: tuple[tuple[str, str, int], ...] = ()  # type, data, line; the answer section alone
    records: tuple[DnsRecord, ...] = ()  # of all sections, the first 200
    answer_count: int | None = None  # as the header says
    query_time_ms: int | None = None
    query_time_ns: int | None = None
    query_time_line: int = 0
    flags: tuple[str, ...] = ()
    transport: Literal["udp", "tcp", "tls", "https"] | None = None  # of the answer, where it is told
    truncated_line: int = 0  # ';; Truncated, retrying in TCP mode.'
    size_bytes: int | None = None
    errors: tuple[tuple[str, int], ...] = ()  # what went wrong on the way, with lines; an answer may follow
    failure: Literal["timed_out", "refused", "unreachable", "failed"] | None = None  # no answer at all
    failure_line: int = 0
    program: Literal["dig", "host", "nslookup"] = "dig"
    command: str | None = None
    when: Stamp | None = None  # ';; WHEN: …'
    first_line: int = 1
    last_line: int = 1

    def wall_window(self) -> WallWindow | None:
        """See Fact."""
        return WallWindow(self.when.wall_ns, self.when.wall_ns, self.when.zone) if self.when else None

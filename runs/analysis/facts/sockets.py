"""Sockets of a host as ss, netstat and lsof list them: who listens, who is connected."""

from typing import ClassVar

import msgspec

from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.messages import Message, message


class Socket(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the listing. '*' as an address is 'any': `address` is then '*'."""

    line: int
    protocol: str  # 'tcp', 'udp', 'icmp6', 'raw' …
    state: str | None = None  # as RFC 9293 names it, upper case: 'LISTEN', 'ESTABLISHED', 'TIME_WAIT', 'SYN_SENT' …
    local: Endpoint
    peer: Endpoint | None = None
    receive_queue: int | None = None  # of a listener: connections that wait to be accepted
    send_queue: int | None = None  # of a listener as ss shows it: the backlog's limit
    process: str | None = None
    pid: int | None = None
    details: tuple[tuple[str, str], ...] = ()  # of `ss -i`: 'rtt', 'retrans', 'unacked', 'rwnd_limited' …
    details_line: int = 0


class Listener(Fact, frozen=True, kw_only=True):
    """A socket that waits for connections or datagrams."""

    evidence_name: ClassVar[Message] = message(
        "evidence.listener", en="the listening sockets (ss -ltn)", ja="待ち受けソケット (ss -ltn)"
    )

    address: str  # '*', '0.0.0.0', '::', or one address
    port: int
    protocol: str  # 'tcp', 'udp'
    process: str | None = None
    pid: int | None = None
    waiting: int | None = None  # connections that the program has not accepted yet
    backlog: int | None = None
    line: int = 0


class SocketTable(Fact, frozen=True, kw_only=True):
    """One listing of sockets. What is not in it proves something only where `shows_listeners` holds and it is not partial."""

    evidence_name: ClassVar[Message] = message(
        "evidence.socket_table", en="the socket table (ss, netstat)", ja="ソケット一覧 (ss, netstat)"
    )

    program: str  # 'ss', 'netstat', 'lsof'
    sockets: tuple[Socket, ...] = ()  # the first 50,000
    protocols: tuple[str, ...] = ()  # that the listing covers, by its command or its lines
    shows_listeners: bool = False
    partial: bool = False  # filtered by its command
    states: dict[str, int] = {}  # how many of each state
    command: str | None = None
    first_line: int = 1
    last_line: int = 1


class ProtocolCounter(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `netstat -s`."""

    line: int
    protocol: str  # 'tcp', 'ip', 'TcpExt'
    text: str  # without its number
    value: int


class ProtocolCounters(Fact, frozen=True, kw_only=True):
    """The counters of a host since it started."""

    evidence_name: ClassVar[Message] = message(
        "evidence.protocol_counters", en="protocol counters (netstat -s)", ja="プロトコル統計 (netstat -s)"
    )

    counters: tuple[ProtocolCounter, ...]
    command: str | None = None
    first_line: int = 1
    last_line: int = 1


class SocketTotals(Fact, frozen=True, kw_only=True):
    """`ss -s`: how many sockets a host has."""

    evidence_name: ClassVar[Message] = message("evidence.socket_totals", en="totals of sockets (ss -s)", ja="ソケット総数 (ss -s)")

    total: int | None = None
    total_line: int = 0
    tcp: int | None = None
    tcp_states: dict[str, int] = {}  # 'estab', 'closed', 'orphaned', 'synrecv', 'timewait'
    tcp_line: int = 0
    by_transport: tuple[tuple[str, int, int, int, int], ...] = ()  # 'UDP', total, of IPv4, of IPv6, line
    command: str | None = None

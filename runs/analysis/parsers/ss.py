"""`ss` of Linux: -ltn, -tanp, -tunap, and -i with the kernel's view of each connection.

    $ ss -ltnp
    State   Recv-Q  Send-Q   Local Address:Port    Peer Address:Port  Process
    LISTEN  0       511            0.0.0.0:8443         0.0.0.0:*      users:(("nginx",pid=812,fd=6))
    ESTAB   0       0            192.0.2.7:8443    203.0.113.9:50122
         cubic wscale:7,7 rto:204 rtt:1.2/0.4 retrans:0/3

Yields a SocketTable for each command and a Listener for each listening socket. Refuses netstat, whose protocol stands first.
"""

import re

import msgspec

from runs.analysis.domain.socket_listing import MAX_SOCKETS, TOO_MANY, covered, endpoint_of, facts_of, state_of
from runs.analysis.domain.terminal import recognise, typed_sections
from runs.analysis.facts.base import Fact
from runs.analysis.facts.sockets import Socket
from runs.analysis.messages import message
from runs.analysis.registry import Parsed, Problem, Reason
from runs.analysis.source import Source

VERSION = 3
TITLE = message("ss.title", en="sockets (ss)", ja="ソケット一覧 (ss)")
_HEAD = re.compile(r"\s*(?:Netid\s+)?(?P<state>State\s+)?Recv-Q\s+Send-Q\s+Local Address:Port\s+Peer Address:Port")
_STATES = r"LISTEN|ESTAB|SYN-SENT|SYN-RECV|FIN-WAIT-1|FIN-WAIT-2|TIME-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING|CLOSED?|UNCONN"
_ROW = re.compile(
    rf"(?:(?P<netid>tcp|udp|raw|sctp|dccp|icmp6|mptcp|u_str|u_dgr|u_seq|nl|p_raw|p_dgr|v_str|xdp|ti)\s+)?(?:(?P<state>{_STATES})\s+)?(?P<receive>\d{{1,12}})\s+(?P<send>\d{{1,12}})"
    r"\s+(?P<local>\S+:(?:\d{1,5}|\*|[\w.-]+))\s+(?P<peer>\S+:(?:\d{1,5}|\*|[\w.-]+))(?P<rest>.*)$"
)
_SURE = re.compile(rf"{_HEAD.pattern}|(?:tcp|udp)?\s*(?:{_STATES})\s+\d+\s+\d+\s+\S+:(?:\d+|\*|\w+)\s+\S+:(?:\d+|\*|\w+)")
_PROCESS = re.compile(r'users:\(\("(?P<name>[^"]{1,64})",(?:pid=)?(?P<pid>\d{1,9})')
_DETAIL = re.compile(r"(?<![\w:])([a-z_]{2,20})[: ]([\w./%,()-]{1,60})")
_NAMES = (
    "rto rtt mss pmtu cwnd ssthresh bytes_sent bytes_retrans bytes_acked bytes_received retrans lost unacked sacked reordering "
    "lastsnd lastrcv lastack rcv_rtt rcv_space minrtt notsent rwnd_limited sndbuf_limited busy backoff timer delivery_rate send"
)
_KEPT = frozenset(_NAMES.split())


def detect(head: Source, name: str) -> Reason | None:
    """Certain by ss' columns or two sockets."""
    return recognise(head, TITLE, _SURE, ("ss",))


def parse(source: Source) -> Parsed:
    """A table for each command."""
    facts: list[Fact] = []
    commands: list[Fact] = []
    problems: list[Problem] = []
    count = 0
    for section in typed_sections(source, commands):
        sockets: list[Socket] = []
        asked = covered(section.command)
        seen = False
        for line in section.lines:
            text = line.text[:2000]
            if _HEAD.match(text):
                seen = True
            elif (row := _ROW.match(text)) is not None and (seen or row["state"] or row["netid"]):
                if count >= MAX_SOCKETS:
                    problems.append(Problem(TOO_MANY(most=MAX_SOCKETS), line=line.number, lost=True))
                    break
                sockets.append(_socket(row, line.number, asked))
                count += 1
            elif sockets and text[:1] in (" ", "\t"):
                kept = tuple((key, value) for key, value in _DETAIL.findall(text) if key in _KEPT)[:40]
                if kept:
                    sockets[-1] = msgspec.structs.replace(sockets[-1], details=kept, details_line=line.number)
        if (sockets or seen) and len(facts) < 10_000:
            letters = "".join(re.findall(r"\s-([A-Za-z0-9]+)", section.command or ""))
            listeners = (
                any(letter in letters for letter in "la") if section.command else any(one.state == "LISTEN" for one in sockets)
            )
            facts += facts_of("ss", sockets, section, asked, listeners)
    return Parsed(facts=[*facts, *commands], problems=problems[:100], counts={"sockets": count})


def _socket(row: re.Match[str], line: int, asked: tuple[str, ...]) -> Socket:
    process = _PROCESS.search(row["rest"])
    guessed = "udp" if row["state"] == "UNCONN" else "tcp"
    peer = endpoint_of(row["peer"])
    return Socket(
        line=line,
        protocol=row["netid"] or (asked[0] if len(asked) == 1 else guessed),
        state=state_of(row["state"]),
        local=endpoint_of(row["local"]),
        peer=None if peer.port is None else peer,
        receive_queue=int(row["receive"]),
        send_queue=int(row["send"]),
        process=process["name"] if process else None,
        pid=int(process["pid"]) if process else None,
    )

"""What the listings of sockets share: endpoints as they are printed, states, and the facts a listing gives."""

import re
from collections import Counter
from collections.abc import Sequence

from runs.analysis.domain.grep import is_filtered
from runs.analysis.domain.services import port_of
from runs.analysis.domain.shell import Section
from runs.analysis.domain.terminal import first_full_line, last_full_line
from runs.analysis.facts.base import Endpoint, Fact
from runs.analysis.facts.sockets import Listener, Socket, SocketTable
from runs.analysis.messages import message

MAX_SOCKETS = 50_000
TOO_MANY = message(
    "sockets.too_many",
    en="more than {most:count} sockets; the rest is not read",
    ja="ソケットが {most:count} 件を超え、以降は読まない",
)
MAX_LISTENERS = 5_000
_STATES = {"ESTAB": "ESTABLISHED", "LISTENING": "LISTEN", "UNCONN": "UNCONNECTED", "TIME_WAIT2": "TIME_WAIT"}
_FILTERS = re.compile(r"\b(?:state|exclude|sport|dport|src|dst|dev)\b|[=<>]\s*:\w+|-i\s?(?:TCP|UDP|tcp|udp|[46])?(?:@\S+|:\S+)")


def endpoint_of(text: str, dotted: bool = False) -> Endpoint:
    """An endpoint as printed: '192.0.2.7:80', '[::]:80', ':::80', '*:http', '*:*'; dotted: 'fe80::1.80', '*.80' of BSD."""
    mark = "." if dotted else ":"
    address, _, port = text.rpartition(mark)
    if not address:
        return Endpoint(text[:60])
    address = address.strip("[]").partition("%")[0] or "*"
    return Endpoint(address[:60], None if port in ("*", "") else port_of(port))


def state_of(text: str | None) -> str | None:
    """A state as RFC 9293 names it."""
    if not text:
        return None
    upper = text.upper().replace("-", "_")
    return _STATES.get(upper, upper)


def listens(socket: Socket) -> bool:
    """Whether a socket waits for others: TCP in LISTEN, UDP without a peer."""
    if socket.local.port is None:
        return False
    if socket.protocol.startswith("udp"):
        return socket.peer is None or socket.peer.port is None
    return socket.state == "LISTEN"


def facts_of(
    program: str, sockets: Sequence[Socket], section: Section, protocols: tuple[str, ...], shows_listeners: bool
) -> list[Fact]:
    """The table and its listeners."""
    command = section.command
    narrowed = bool(command and (is_filtered(command) or _FILTERS.search(command)))
    table = SocketTable(
        host=section.host,
        program=program,
        sockets=tuple(sockets[:MAX_SOCKETS]),
        protocols=protocols or tuple(sorted({one.protocol.rstrip("46") for one in sockets})),
        shows_listeners=shows_listeners,
        partial=narrowed,
        states=dict(Counter(one.state for one in sockets if one.state)),
        command=command,
        first_line=first_full_line(section),
        last_line=last_full_line(section),
    )
    waiting = [one for one in sockets if listens(one)][:MAX_LISTENERS]
    return [table, *(_listener(one, section.host, program) for one in waiting)]


def _listener(socket: Socket, host: str | None, program: str) -> Listener:
    return Listener(
        host=host,
        address=socket.local.address,
        port=socket.local.port or 0,
        protocol=socket.protocol.rstrip("46"),
        process=socket.process,
        pid=socket.pid,
        waiting=socket.receive_queue if socket.state == "LISTEN" else None,
        backlog=socket.send_queue if program == "ss" and socket.state == "LISTEN" else None,
        line=socket.line,
    )


def covered(command: str | None) -> tuple[str, ...]:
    """The protocols that the options of ss and netstat ask for; none said: all."""
    text = command or ""
    letters = "".join(re.findall(r"(?:^|\s)-([A-Za-z0-9]+)", text))
    return tuple(
        name
        for letter, name in (("t", "tcp"), ("u", "udp"), ("w", "raw"), ("x", "unix"))
        if letter in letters or f"--{name}" in text
    )

"""What the summaries of socket listings say: who listens where, how many are connected, which queues are full."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.facts.sockets import Listener, ProtocolCounters, SocketTable
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 6
LISTENS = message(
    "sockets.summary_listens", en="{n:count} {n:plural:listener|listeners}: {ends:list}.", ja="待ち受け {n:count} 件：{ends:list}。"
)
NOBODY = message("sockets.summary_nobody", en="Nobody listens.", ja="待ち受けなし。")
STATES = message("sockets.summary_states", en="Connections: {states:list}.", ja="接続：{states:list}。")
FULL = message(
    "sockets.summary_full",
    en="{waiting:count} connections wait for {end} to accept them (limit {backlog:count}).",
    ja="{end} の accept 待ち {waiting:count} 件（上限 {backlog:count}）。",
)
QUEUED = message(
    "sockets.summary_queued", en="{n:count} bytes wait to be sent to {end}.", ja="{end} へ未送信・未確認 {n:count} byte。"
)
COUNTER = message("sockets.summary_counter", en="{protocol}: {n:count} {text}.", ja="{protocol}：{text} {n:count}。")
_TELLING = ("retrans", "overflow", "dropped", "reset", "bad segment", "timeouts", "failed connection", "unreachable")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    path = file.path
    listeners = [f for f in facts if isinstance(f, Listener)]
    tables = [f for f in facts if isinstance(f, SocketTable)]
    if listeners:
        ends = list(dict.fromkeys(_end(one) for one in listeners))
        place = Citation(path, lines=tuple(one.line for one in listeners[:20]))
        yield Statement(LISTENS(n=len(ends), ends=ends[:MOST]), (place,))
    elif any(table.shows_listeners and not table.partial for table in tables):
        yield Statement(NOBODY(), (Citation(path, lines=tuple(table.first_line for table in tables[:5])),))
    for one in listeners:
        if one.waiting and one.backlog is not None and one.waiting >= one.backlog:
            said = FULL(waiting=one.waiting, end=str(Endpoint(one.address, one.port)), backlog=one.backlog)
            yield Statement(said, (Citation(path, lines=(one.line,)),))
    states: dict[str, int] = {}
    for table in tables:
        for state, n in table.states.items():
            if state not in ("LISTEN", "UNCONNECTED", "CLOSED"):
                states[state] = states.get(state, 0) + n
    if states:
        shown = [f"{state} {n}" for state, n in sorted(states.items(), key=lambda item: -item[1])][:MOST]
        yield Statement(STATES(states=shown), (Citation(path, lines=tuple(table.first_line for table in tables[:5])),))
    waiting = [s for t in tables for s in t.sockets if s.state == "ESTABLISHED" and s.send_queue and s.peer]
    for socket in sorted(waiting, key=lambda s: -(s.send_queue or 0))[:2]:
        yield Statement(QUEUED(n=socket.send_queue, end=str(socket.peer)), (Citation(path, lines=(socket.line,)),))
    yield from _counters(path, [f for f in facts if isinstance(f, ProtocolCounters)])


def _counters(path: str, found: Sequence[ProtocolCounters]) -> Iterator[Statement]:
    telling = [c for one in found for c in one.counters if c.value and any(word in c.text.lower() for word in _TELLING)]
    for counter in telling[:4]:
        yield Statement(
            COUNTER(protocol=counter.protocol, n=counter.value, text=counter.text), (Citation(path, lines=(counter.line,)),)
        )


def _end(one: Listener) -> str:
    who = f" ({one.process})" if one.process else ""
    return f"{Endpoint(one.address, one.port)}/{one.protocol}{who}"

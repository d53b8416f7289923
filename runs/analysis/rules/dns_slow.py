"""A DNS answer comes late.

Claim: an answer comes later than 1 s after the question, or both more than 200 ms and 20 × later than this resolver's others in
the run, or after the client had asked again (a frame that the capture holds twice is no second question).

Refuted by: the same question, answered at once at the same time.

Source: RFC 1123 §6.1.3.3 (retransmission); the resolver's own other answers are the measure.
"""

from collections.abc import Iterator
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.wording import median, statement
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.name_query import CapturedQuery
from runs.analysis.facts.reachability import DnsQuery
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, RoleEndpoint, Statement

LATE_NS = SECOND_NS
LEAST_NS = SECOND_NS // 5
TIMES_OTHERS = 20
LEAST_OTHERS = 3
MOST_TOLD = 20  # of one resolver, the slowest

TITLE = message("dns_slow", en="A DNS answer is slow", ja="DNS の応答が遅い")
SLOW = message(
    "dns_slow.title",
    en="{server} takes {took:duration} to answer {name}; its other answers take {usual:duration}.",
    ja="{server} は {name} の応答に {took:duration} かかる（他の応答は {usual:duration}）。",
)
ALONE = message(
    "dns_slow.title_alone",
    en="{server} takes {took:duration} to answer {name}.",
    ja="{server} は {name} の応答に {took:duration} かかる。",
)
HERE = message("dns_slow.here", en="Question and answer.", ja="問い合わせと応答。")
REFUTE = message("dns_slow.refute", en="The same question, answered at once.", ja="同じ問い合わせが直ちに応答されれば覆る。")
AGAIN = message("dns_slow.again", en="Ask several times and compare.", ja="数回問い合わせて比べる。")
FAST = message("dns_slow.fast", en="{server} answers within {took:duration}.", ja="{server} は {took:duration} 以内に応答。")


class Timed(NamedTuple):
    """One answered question with the time it took."""

    server: str
    name: str
    took: int
    place: Citation
    asked_again: bool


@rule(title=TITLE, domain="network", topics=["dns"], needs=[(CapturedQuery, DnsQuery)], collect="dig NAME A | tee dig.txt")
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each slow name; pass for each resolver whose answers are all fast."""
    by_server: dict[str, list[Timed]] = {}
    for timed in _timed(case):
        by_server.setdefault(timed.server, []).append(timed)
    fast: list[Statement] = []
    for server, answers in by_server.items():
        slow = []
        usual = median([a.took for a in answers]) if len(answers) > LEAST_OTHERS else None
        for a in answers:
            far_later = usual is not None and a.took > LEAST_NS and a.took > TIMES_OTHERS * usual
            if a.took > LATE_NS or far_later or (a.asked_again and a.took > LEAST_NS):
                slow.append(a)
        for a in sorted(slow, key=lambda a: -a.took)[:MOST_TOLD]:
            yield _found(a, usual if usual != a.took else None)
        if not slow:
            worst = max(answers, key=lambda a: a.took)
            fast.append(statement(FAST(server=server, took=worst.took), worst.place))
    if fast:
        yield Excluded(statements=tuple(fast[:12]))


def _timed(case: Case) -> Iterator[Timed]:
    for q in case.all(CapturedQuery):
        if q.response_ns is not None:
            frames = tuple(sorted({*q.query_frames[:5], q.response_frame}))
            place = Citation(q.file, frames=frames)
            yield Timed(q.server.address, q.name.rstrip(".").lower(), q.response_ns - q.query_ns, place, _asked_again(case, q))
    for d in case.all(DnsQuery):
        took = d.query_time_ns if d.query_time_ns is not None else (d.query_time_ms or 0) * 1_000_000
        if took and d.server:
            lines = (d.query_time_line,) if d.query_time_line else (d.status_line,) if d.status_line else ()
            place = Citation(d.file, lines=lines)
            yield Timed(d.server.partition("#")[0], (d.question or "?").rstrip(".").lower(), took, place, False)


def _asked_again(case: Case, q: CapturedQuery) -> bool:
    """Whether the client repeated its question before the answer came."""
    packets = case.table(q, "packets")
    times = [] if packets is None or len(q.query_frames) < 2 else [int(packets["ts_ns"][n - 1]) for n in q.query_frames]
    return any(ns - times[0] >= LEAST_NS and ns <= (q.response_ns or 0) for ns in times[1:])


def _found(a: Timed, usual: int | None) -> Found:
    title = (
        SLOW(server=a.server, name=a.name, took=a.took, usual=usual) if usual else ALONE(server=a.server, name=a.name, took=a.took)
    )
    return Found(
        outcome="fail",
        severity="medium" if a.took > LATE_NS else "low",
        confidence="firm",
        title=title,
        statements=(statement(HERE(), a.place),),
        subject={"name": a.name, "server": a.server},
        endpoints=(RoleEndpoint("resolver", Endpoint(a.server, 53)),),
        refuted_by=REFUTE(),
        next_actions=(Action(AGAIN(), f"for i in 1 2 3 4 5; do dig @{a.server} {a.name} | grep 'Query time'; done"),),
    )

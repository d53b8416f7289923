"""DNS queries: what each name gave, which failed and how, which were slow or needed TCP."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Endpoint, Fact
from runs.analysis.facts.reachability import DnsQuery
from runs.analysis.messages import message
from runs.analysis.report import Statement

MOST = 6
SLOW_NS = 500_000_000
RESOLVED = message("dig.summary_resolved", en="{name} {kind}: {answers:list}.", ja="{name} {kind} は {answers:list}。")
ANSWERED = message(
    "dig.summary_answered", en="{n:count} of {all:count} queries answered.", ja="{all:count} 件中 {n:count} 件に応答。"
)
EMPTY = message("dig.summary_empty", en="No record of that type: {names:list}.", ja="該当レコードなし：{names:list}。")
STATUS = message("dig.summary_status", en="{status}: {names:list}.", ja="{status}：{names:list}。")
TIMED_OUT = message(
    "dig.summary_timed_out", en="{server} does not answer for {names:list}.", ja="{server} は {names:list} に応答なし。"
)
REFUSED = message(
    "dig.summary_refused",
    en="{server} refuses the connection ({names:list}): its port is closed.",
    ja="{server} が接続を拒否（{names:list}）：ポートが閉じている。",
)
UNREACHABLE = message(
    "dig.summary_unreachable", en="{server} is unreachable ({names:list}).", ja="{server} に到達不能（{names:list}）。"
)
FAILED = message("dig.summary_failed", en="{server} fails for {names:list}.", ja="{server} は {names:list} で失敗。")
SLOW = message("dig.summary_slow", en="{name} answered after {time:duration}.", ja="{name} は応答まで {time:duration}。")
TCP = message(
    "dig.summary_tcp", en="{name}: UDP answer truncated, repeated over TCP.", ja="{name}：UDP 応答が切り詰め、TCP で再問い合わせ。"
)
_FAILURES = {"timed_out": TIMED_OUT, "refused": REFUSED, "unreachable": UNREACHABLE, "failed": FAILED}


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    queries = [f for f in facts if isinstance(f, DnsQuery)]
    answered = [q for q in queries if q.status == "NOERROR" or (q.status is None and q.answers and not q.failure)]
    if len(queries) > 2:
        lines = tuple(q.status_line or q.first_line for q in answered[:20])
        yield Statement(ANSWERED(n=len(answered), all=len(queries)), (Citation(file.path, lines=lines),) if lines else ())
    else:
        for query in answered:
            if query.answers:
                said = RESOLVED(name=_name(query), kind=query.kind or "", answers=[data[:80] for _, data, _ in query.answers[:4]])
                yield Statement(said, (Citation(file.path, lines=tuple(line for _, _, line in query.answers[:4])),))
    empty = [q for q in answered if q.status and not q.answers]
    if empty:
        names = [f"{_name(q)} {q.kind or ''}".strip() for q in empty[:MOST]]
        yield Statement(EMPTY(names=names), (Citation(file.path, lines=tuple(q.status_line for q in empty[:MOST])),))
    yield from _failures(file.path, queries)
    for query in queries[:200]:
        if query.query_time_ns is not None and query.query_time_ns >= SLOW_NS:
            yield Statement(
                SLOW(name=_name(query), time=query.query_time_ns), (Citation(file.path, lines=(query.query_time_line,)),)
            )
        if query.truncated_line:
            yield Statement(TCP(name=_name(query)), (Citation(file.path, lines=(query.truncated_line,)),))


def _failures(path: str, queries: Sequence[DnsQuery]) -> Iterator[Statement]:
    statuses: dict[str, list[DnsQuery]] = defaultdict(list)
    failures: dict[tuple[str, str], list[DnsQuery]] = defaultdict(list)
    for query in queries:
        if query.status and query.status != "NOERROR":
            statuses[query.status].append(query)
        elif query.failure:
            server = str(Endpoint(query.server, query.server_port)) if query.server else "?"
            failures[query.failure, server].append(query)
    for status, found in list(statuses.items())[:MOST]:
        names = list(dict.fromkeys(_name(q) for q in found))[:MOST]
        yield Statement(STATUS(status=status, names=names), (Citation(path, lines=tuple(q.status_line for q in found[:MOST])),))
    for (failure, server), found in list(failures.items())[:MOST]:
        names = list(dict.fromkeys(_name(q) for q in found))[:MOST]
        lines = tuple(sorted({line for q in found[:MOST] for line in (q.failure_line, *(line for _, line in q.errors[:5]))}))
        yield Statement(_FAILURES[failure](server=server, names=names), (Citation(path, lines=lines),))


def _name(query: DnsQuery) -> str:
    return query.question or "?"

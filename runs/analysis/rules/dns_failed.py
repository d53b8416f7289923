"""A name is not resolved: NXDOMAIN, SERVFAIL, REFUSED, or no answer at all.

Claim: the resolver says so, in a capture or in dig's own words, or every repetition of the question stays unanswered. An answer
without records (NOERROR, no data) is no failure: the name exists and has no record of that type. A truncated answer (TC) that is
asked again over TCP is how DNS works.

`info` where the same question is answered afterwards in this run (a resolver tried again, EDNS left out), where another resolver
answers it within 10 s, and for a name that is asked for in order to be denied: reverse names (PTR), lists of addresses (DNSBL), a
search list's suffixes behind a name that is resolved, single labels. A resolver that answers none of two questions or more in the
run is a fault (`medium`) also where the next one answers: each question waits for it first. Silence counts where the resolver is
asked again at least 0.5 s later or 1 s of capture follows. Names of one resolver and failure beyond the first 20 are counted in
one finding.

Refuted by: the same question, answered.

Source: RFC 1035 §4.1.1, RFC 2308 (no data), RFC 7766 (TC and TCP).
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from runs.analysis.case import Case
from runs.analysis.domain.wording import responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.name_query import CapturedQuery
from runs.analysis.facts.reachability import DnsQuery
from runs.analysis.messages import Text, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, RoleEndpoint, Severity, Statement, merge_citations

LEAST_WAIT_NS = SECOND_NS
LEAST_AGAIN_NS = SECOND_NS // 2
AGAIN_NS = 10 * SECOND_NS
DAY_NS = 86_400 * SECOND_NS
MOST_NAMES = 20
MOST_FINE = 20
TITLE = message("dns_failed", en="A name is not resolved", ja="名前解決に失敗している")
FAILED = message(
    "dns_failed.title",
    en="{name} ({kind}) is not resolved by {server}: {what}.",
    ja="{server} による {name}（{kind}）の名前解決に失敗：{what}。",
)
WHAT: dict[str, Text] = {
    "NXDOMAIN": message("dns_failed.nxdomain", en="the name does not exist (NXDOMAIN)", ja="名前が存在しない（NXDOMAIN）")(),
    "SERVFAIL": message("dns_failed.servfail", en="the resolver failed (SERVFAIL)", ja="リゾルバ側の失敗（SERVFAIL）")(),
    "REFUSED": message("dns_failed.refused", en="the resolver refuses (REFUSED)", ja="リゾルバが拒否（REFUSED）")(),
    "silence": message("dns_failed.silence", en="no answer", ja="応答なし")(),
}
OTHER = message("dns_failed.other", en="{rcode}", ja="{rcode}")
SEEN = message("dns_failed.seen", en="Question and answer in the capture.", ja="キャプチャ中の問い合わせと応答。")
REPEATED = message(
    "dns_failed.repeated",
    en="The question is sent {n:count} {n:plural:time|times}, nothing comes back.",
    ja="問い合わせを {n:count} 回送るが応答がない。",
)
SAID = message("dns_failed.said", en="dig says: {what}.", ja="dig の出力：{what}。")
REFUTE = message("dns_failed.refute", en="The same question, answered.", ja="同じ問い合わせに応答があれば覆る。")
ASK = message("dns_failed.ask", en="Ask this resolver and another one.", ja="このリゾルバと別のリゾルバに問い合わせる。")
MANY = message(
    "dns_failed.title_many",
    en="{server} fails to resolve {n:count} names: {what}.",
    ja="{server} は {n:count} 個の名前の解決に失敗している：{what}。",
)
ANSWERED = message(
    "dns_failed.answered",
    en="{server} answers {name} ({kind}): {rcode}.",
    ja="{server} は {name}（{kind}）に {rcode} で応答。",
)
SEVERITIES: dict[str, Severity] = {"NXDOMAIN": "medium", "SERVFAIL": "high", "REFUSED": "medium", "silence": "high"}


class Answer(NamedTuple):
    """One question's fate, from a capture or from dig."""

    name: str
    kind: str
    server: str
    what: str  # rcode, or 'silence'
    said: Text
    place: Citation
    at_ns: int = 0  # 0: not known


@rule(
    title=TITLE,
    domain="network",
    topics=["dns"],
    needs=[(CapturedQuery, DnsQuery)],
    uses=[Capture],
    collect="dig NAME A | tee dig.txt",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each name, resolver and kind of failure; pass for what was answered."""
    fine: list[Statement] = []
    answers = [*_captured(case), *_asked(case)]
    resolved: dict[tuple[str, str], list[int]] = {}
    names: set[str] = set()
    speaks = {a.server for a in answers if a.what != "silence"}
    unheard: dict[str, set[tuple[str, str]]] = {}
    for a in answers:
        if a.what == "silence" and a.kind != "PTR":
            unheard.setdefault(a.server, set()).add((_plain(a.name), a.kind))
    for a in answers:
        if a.what == "NOERROR":
            names.add(_plain(a.name))
            if a.at_ns:
                resolved.setdefault((_plain(a.name), a.kind), []).append(a.at_ns)
            if len(fine) < MOST_FINE:
                fine.append(statement(ANSWERED(server=a.server, name=a.name, kind=a.kind, rcode=a.what), a.place))
    told: dict[tuple[str, str], set[str]] = {}
    for a in answers:
        if a.what == "NOERROR":
            continue
        known = told.setdefault((a.server, a.what), set())
        known.add(_plain(a.name))
        if len(known) <= MOST_NAMES:
            later = [ns - a.at_ns for ns in resolved.get((_plain(a.name), a.kind), ()) if a.at_ns]
            is_answered = any(0 <= ns <= (AGAIN_NS if a.what == "silence" else DAY_NS) for ns in later)
            found = _found(a, is_answered or (a.what == "NXDOMAIN" and _wants_denial(a, names)))
            is_dead = is_answered and a.server not in speaks and len(unheard.get(a.server, ())) > 1
            yield msgspec.structs.replace(found, outcome="fail", severity="medium") if is_dead else found
    for (server, what), known in told.items():
        if len(known) > MOST_NAMES:
            yield _many(server, what, len(known), [a.place for a in answers if (a.server, a.what) == (server, what)][:20])
    if fine:
        yield Excluded(statements=tuple(fine))


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _wants_denial(a: Answer, resolved: set[str]) -> bool:
    """Whether a name is asked for in order to be denied."""
    name = _plain(a.name)
    labels = name.split(".")
    listed = len(labels) > 4 and all(label.isdigit() and int(label) < 256 for label in labels[:4])
    searched = any(".".join(labels[:n]) in resolved for n in range(1, len(labels)))
    return a.kind == "PTR" or name.endswith(".arpa") or len(labels) == 1 or listed or searched


def _captured(case: Case) -> Iterator[Answer]:
    ends = {c.file: c.last_ns or 0 for c in case.all(Capture)}
    for q in case.all(CapturedQuery):
        server = str(q.server)
        if q.rcode is not None:
            frames = tuple(sorted({*q.query_frames[-1:], q.response_frame}))
            yield Answer(q.name, q.record_type, server, q.rcode, SEEN(), Citation(q.file, frames=frames), q.query_ns)
        elif _span_ns(case, q) >= LEAST_AGAIN_NS or ends.get(q.file, 0) - q.query_ns >= LEAST_WAIT_NS:
            said = REPEATED(n=len(q.query_frames))
            yield Answer(q.name, q.record_type, server, "silence", said, Citation(q.file, frames=q.query_frames[:20]), q.query_ns)


def _span_ns(case: Case, q: CapturedQuery) -> int:
    """From the first sending of a question to the last; frames that the capture holds twice are no repetition."""
    packets = case.table(q, "packets")
    if packets is None or len(q.query_frames) < 2:
        return 0
    return int(packets["ts_ns"][q.query_frames[-1] - 1] - packets["ts_ns"][q.query_frames[0] - 1])


def _asked(case: Case) -> Iterator[Answer]:
    for q in case.all(DnsQuery):
        name, kind, server = (q.question or "?").rstrip("."), q.kind or "A", q.server or "the resolver"
        server = server if ":" in server or server == "the resolver" else f"{server}:53"
        if q.status is not None:
            place = Citation(q.file, lines=(q.status_line,) if q.status_line else ())
            yield Answer(name, kind, server, q.status, SAID(what=q.status), place)
        elif q.failure in ("timed_out", "unreachable", "failed", "refused"):
            place = Citation(q.file, lines=(q.failure_line,) if q.failure_line else ())
            yield Answer(name, kind, server, "silence", SAID(what=q.failure.replace("_", " ")), place)


def _found(a: Answer, is_harmless: bool) -> Found:
    address, _, port = a.server.rpartition(":")
    server = Endpoint(address.strip("[]"), int(port)) if port.isdigit() else Endpoint(a.server)
    what = WHAT.get(a.what) or OTHER(rcode=a.what)
    return Found(
        outcome="info" if is_harmless else "fail",
        severity="info" if is_harmless else SEVERITIES.get(a.what, "medium"),
        confidence="certain",
        title=FAILED(name=a.name.rstrip("."), kind=a.kind, server=a.server, what=what),
        statements=(statement(a.said, a.place),),
        subject={"name": a.name.rstrip(".").lower(), "server": server.address, "what": a.what},
        endpoints=(RoleEndpoint("resolver", server),),
        because=(Cause("udp_port_unreachable", responder_subject(server) | {"protocol": "udp"}),) if a.what == "silence" else (),
        refuted_by=REFUTE(),
        next_actions=(Action(ASK(), f"dig @{server.address} {a.name} {a.kind}; dig @1.1.1.1 {a.name} {a.kind}"),),
    )


def _many(server: str, what: str, names: int, places: list[Citation]) -> Found:
    return Found(
        outcome="info",
        severity="info",
        confidence="certain",
        title=MANY(server=server, n=names, what=WHAT.get(what) or OTHER(rcode=what)),
        statements=(statement(SEEN(), *merge_citations(places)),),
        subject={"server": server, "what": what, "names": "many"},
        refuted_by=REFUTE(),
    )

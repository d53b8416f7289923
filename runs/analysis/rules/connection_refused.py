"""A SYN was answered by RST: nobody accepts on that port, or something in between refuses.

Claim: the responder (or a filter in its name) answers the first SYN with RST, or the client's log says 'Connection refused'.
`info`, no fault, when the same client at once connects over the other address family of the same name: a service that listens on
IPv4 only refuses ::1, and the client falls back (RFC 8305).

Refuted by: a SYN+ACK from the same endpoint; a listener on that port in ss, netstat or lsof at that time.

Source: RFC 9293 §3.5.2; Zeek's connection state REJ.
"""

from collections.abc import Iterator, Mapping

from runs.analysis.case import Case
from runs.analysis.domain.filter_rejects import FILTERS, causes_of_reset
from runs.analysis.domain.frames import cite, frame_ns
from runs.analysis.domain.pairing import attempt_id
from runs.analysis.domain.phases import is_refused
from runs.analysis.domain.scans import is_hop_probe, scanned
from runs.analysis.domain.wording import ends, family, is_loopback, responder_subject, statement
from runs.analysis.facts.attempt import MOST_ATTEMPTS, Attempt
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, RoleEndpoint, Statement, merge_citations

TITLE = message("connection_refused", en="A connection is refused", ja="接続が拒否された")
REFUSES = message(
    "connection_refused.title",
    en="{responder} refuses the connection.",
    ja="{responder} が接続を拒否する。",
)
FELL_BACK = message(
    "connection_refused.title_fell_back",
    en="{responder} refuses the connection; the client goes on over {other} and connects (no fault).",
    ja="{responder} は接続を拒否するが、クライアントは {other} に切り替えて接続できた（障害ではない）。",
)
RST = message(
    "connection_refused.rst",
    en="The SYN to {responder} is answered with RST after {took:duration}.",
    ja="{responder} への SYN に {took:duration} 後 RST が返る。",
)
SAID = message(
    "connection_refused.said",
    en="curl says: connect to {responder} failed, {error}.",
    ja="curl の記録：{responder} への接続に失敗（{error}）。",
)
REFUTE = message(
    "connection_refused.refute",
    en="A SYN+ACK from {responder}, or a listener on that port at that time.",
    ja="{responder} からの SYN+ACK、またはその時刻に待ち受けがあったことを示す記録。",
)
LISTENERS = message(
    "connection_refused.listeners", en="List the listeners on port {port}.", ja="ポート {port} の待ち受けを確認する。"
)
ACCEPTED = message(
    "connection_refused.accepted",
    en="{responder} accepts the connection.",
    ja="{responder} は接続を受け付けている。",
)
MOST_TOLD = 12


SCAN = message(
    "connection_refused.title_scan",
    en="{originator} is refused by {n:count} ends, most of them asked once: a scan, no fault of these ends.",
    ja="{originator} が {n:count} 個の宛先に拒否されている。大半は 1 回だけで、走査（scan）とみられ、宛先の障害ではない。",
)
BEYOND = message(
    "connection_refused.title_beyond",
    en="{n:count} more {n:plural:end refuses|ends refuse} connections, beyond those that the attempts list.",
    ja="試行の一覧に載らない {n:count} 個の宛先も接続を拒否している。",
)
FIRST = message("connection_refused.first", en="The first of them are these.", ja="最初の宛先はこれらのフレーム。")
SCANNED = message("connection_refused.scanned", en="The first of them are these.", ja="最初の宛先はこれらのフレーム。")


@rule(
    title=TITLE,
    domain="network",
    topics=["service-down", "dual-stack", "port-forward"],
    needs=[(Attempt, Conversation)],
    uses=[CurlAttempt, *FILTERS],
    collect="curl -v --max-time 20 http://HOST:PORT/ 2>&1 | tee curl.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each refused attempt; pass for the attempts that were accepted."""
    conversations = {c.id: c for c in case.all(Conversation)}
    refusals, accepted = _refusals(case), list[Statement]()
    for attempt in case.all(Attempt):
        c = conversations.get(attempt.conversation or "")
        error = refusals.get(attempt.id)
        if (c is not None and is_refused(c)) or error:
            yield _found(case, attempt, c, error)
        elif c is not None and c.handshake_complete and len(accepted) < MOST_TOLD:
            place = cite(case, c, c.syn_frame, c.syn_ack_frame)
            accepted.append(statement(ACCEPTED(responder=str(c.responder)), place))
    scans = scanned(conversations.values())
    yield from _beyond(case, [c for c in conversations.values() if c.protocol == "tcp"], scans)
    for originator, targets in scans.items():
        refused = [found[0] for found in targets.values() if is_refused(found[0])]
        if refused:
            yield _scan(case, originator, refused)
    if accepted:
        yield Excluded(statements=tuple(accepted))


def _beyond(case: Case, tcp: list[Conversation], scans: Mapping[str, Mapping[Endpoint, list[Conversation]]]) -> Iterator[Found]:
    """The ends that refuse and that no row of the attempts stands for, since there are too many: one finding for all of them."""
    attempts = case.all(Attempt)
    if len(attempts) < MOST_ATTEMPTS:
        return
    told = {attempt.target for attempt in attempts}
    reached = {(c.file, c.responder.port, ":" in c.responder.address) for c in tcp if c.handshake_complete}
    left: dict[Endpoint, Conversation] = {}
    for c in tcp:
        fell_back = (c.file, c.responder.port, ":" not in c.responder.address) in reached
        known = fell_back or c.responder in told or c.responder in left or c.responder in scans.get(c.originator.address, ())
        if is_refused(c) and not known and not is_hop_probe(case, c):
            left[c.responder] = c
    if left:
        first = list(left.values())[:MOST_TOLD]
        places = merge_citations(cite(case, c, c.syn_frame, c.rst_frame) for c in first)
        yield Found(
            outcome="fail",
            severity="high",
            confidence="certain",
            title=BEYOND(n=len(left)),
            statements=(statement(FIRST(), *places),),
            subject={"what": "beyond the attempts"},
            endpoints=tuple(RoleEndpoint("responder", c.responder) for c in first),
            refuted_by=REFUTE(responder=str(first[0].responder)),
        )


def _scan(case: Case, originator: str, refused: list[Conversation]) -> Found:
    places = merge_citations(cite(case, c, c.syn_frame, c.rst_frame) for c in refused[:MOST_TOLD])
    return Found(
        outcome="info",
        severity="info",
        confidence="firm",
        title=SCAN(originator=originator, n=len(refused)),
        statements=(statement(SCANNED(), *places),),
        subject={"role": "originator", "address": originator, "what": "scan"},
        endpoints=(RoleEndpoint("originator", Endpoint(originator)),),
        refuted_by=REFUTE(responder=str(refused[0].responder)),
    )


def _refusals(case: Case) -> dict[str, tuple[str, int]]:
    """curl's words for refusals with their lines, by attempt."""
    return {
        attempt_id(curl, tried): (tried.error, tried.result_line or tried.line)
        for curl in case.all(CurlAttempt)
        for tried in curl.tries
        if not tried.connected and tried.error and "refused" in tried.error.lower()
    }


def _found(case: Case, attempt: Attempt, c: Conversation | None, error: tuple[str, int] | None) -> Found:
    responder, told = str(attempt.target), []
    if c is not None:
        start, end = frame_ns(case, c, c.syn_frame or c.first_frame), frame_ns(case, c, c.rst_frame)
        took = end - start if start is not None and end is not None else c.duration_ns
        told.append(statement(RST(responder=responder, took=took), cite(case, c, c.syn_frame or c.first_frame, c.rst_frame)))
    if error:
        told.append(statement(SAID(responder=responder, error=error[0]), Citation(attempt.file, lines=(error[1],))))
    other = "IPv4" if family(attempt.target.address) == "IPv6" else "IPv6"
    title = FELL_BACK(responder=responder, other=other) if attempt.superseded else REFUSES(responder=responder)
    port = attempt.target.port
    target = {"address": attempt.target.address, "port": str(port)}
    command = f"sudo lsof -nP -iTCP:{port} -sTCP:LISTEN" if is_loopback(attempt.target.address) else f"ss -tlnp 'sport = :{port}'"
    return Found(
        outcome="info" if attempt.superseded else "fail",
        severity="info" if attempt.superseded else "high",
        confidence="certain",
        title=title,
        statements=tuple(told),
        subject=responder_subject(attempt.target),
        endpoints=ends(c.originator, c.responder) if c else ends(Endpoint("client"), attempt.target)[1:],
        because=causes_of_reset(case, c) if c is not None else (Cause("icmp_rejected", target),),
        refuted_by=REFUTE(responder=responder),
        next_actions=() if attempt.superseded else (Action(LISTENERS(port=port), command),),
    )

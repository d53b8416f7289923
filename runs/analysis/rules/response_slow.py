"""The answer comes, and late.

Claim: the first byte of the response comes more than 500 ms and more than 20 × the initial round trip after the request's last
segment: the network's share is one round trip, the rest is the server's. Severity grows with the wait.

Silent where the wait is the network's own (retransmissions of the request or of the answer, a zero window), and for protocols where a
server may hold an answer on purpose (no request that asks for one is recognised).

Refuted by: the same request answered fast at the same time from nearer to the server.

Source: the capture's own times; initial RTT as Wireshark defines it.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite, frame_ns
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Severity, Statement

LEAST_NS = SECOND_NS // 2
LEAST_RTTS = 20
REQUESTS = ("HTTP request", "TLS handshake")

TITLE = message("response_slow", en="The response is slow", ja="応答が遅い")
SLOW = message(
    "response_slow.title",
    en="{responder} answers {waited:duration} after the request; the network's share of it is {rtt:duration}.",
    ja="{responder} の応答は要求の {waited:duration} 後。うちネットワークの往復は {rtt:duration}。",
)
MEASURED = message(
    "response_slow.measured",
    en="Request and first byte of the answer are {waited:duration} apart; the handshake took {rtt:duration}.",
    ja="要求から応答の先頭バイトまで {waited:duration}、握手の往復は {rtt:duration}。",
)
REFUTE = message(
    "response_slow.refute",
    en="The same request, answered fast at the same time.",
    ja="同じ時刻に同じ要求が速く応答されていれば覆る。",
)
SERVER = message("response_slow.server", en="Measure the steps at the server's side.", ja="サーバ側で各段階の所要時間を測る。")
FAST = message(
    "response_slow.fast",
    en="{responder} answers {waited:duration} after the request.",
    ja="{responder} は要求の {waited:duration} 後に応答している。",
)


@rule(
    title=TITLE,
    domain="application",
    topics=["server-slow", "http"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder."""
    fast: dict[str, Statement] = {}
    for c in case.all(Conversation):
        request, answer = c.first_data_frames
        if c.protocol != "tcp" or c.application not in REQUESTS or not request or answer <= request or c.initial_rtt_ns is None:
            continue
        start, end = frame_ns(case, c, request), frame_ns(case, c, answer)
        if start is None or end is None or c.tcp.zero_window or c.tcp.retransmission or c.tcp.fast_retransmission:
            continue
        waited = end - start
        if waited > LEAST_NS and waited > LEAST_RTTS * c.initial_rtt_ns:
            yield _found(case, c, waited)
        elif len(fast) < 12:
            place = cite(case, c, request, answer)
            fast.setdefault(str(c.responder), statement(FAST(responder=str(c.responder), waited=waited), place))
    if fast:
        yield Excluded(statements=tuple(fast.values()))


def _severity(waited: int) -> Severity:
    return "high" if waited >= 10 * SECOND_NS else "medium" if waited >= 2 * SECOND_NS else "low"


def _found(case: Case, c: Conversation, waited: int) -> Found:
    rtt = c.initial_rtt_ns or 0
    return Found(
        outcome="fail",
        severity=_severity(waited),
        confidence="firm",
        title=SLOW(responder=str(c.responder), waited=waited, rtt=rtt),
        statements=(statement(MEASURED(waited=waited, rtt=rtt), cite(case, c, *c.first_data_frames)),),
        subject=responder_subject(c.responder),
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(),
        next_actions=(
            Action(
                SERVER(),
                f"curl -o /dev/null -s -w '%{{time_connect}} %{{time_starttransfer}} %{{time_total}}\\n' http://{c.responder}/",
            ),
        ),
    )

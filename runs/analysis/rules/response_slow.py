"""The answer comes, and late.

Claim: the first byte of the response comes more than 500 ms and more than 20 × the initial round trip after the request's last
segment: the network's share is one round trip, the rest is the server's. Severity grows with the wait; `high` where the client had
left before. A consequence where the responder's host itself waited most of that time for an end that it asked meanwhile
(domain/onward.py).

Silent where the wait is the network's own (retransmissions of the request or of the answer, a zero window), where the capture
does not hold the first byte of the answer, and for protocols in which no request is recognised that asks for an answer. An
upload's own time is no wait: it counts from the last segment of the request.

`info` where each such request asks to be held (its path: poll, events, watch …; or a query that names the time waited), or where at least
three are answered without content after one round period of 10 s or more (a gateway's 5xx is no such answer).

Refuted by: the same request answered fast at the same time from nearer to the server; a service that holds its answers on purpose
(long poll).

Source: the capture's own times; initial RTT as Wireshark defines it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite, frame_ns, rows_of
from runs.analysis.domain.gathering import MORE, Gathered
from runs.analysis.domain.held_requests import Waited, cadence_ns, exchange_of, held_target
from runs.analysis.domain.onward import Onward
from runs.analysis.domain.phases import came_too_late
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import HttpExchange
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, Severity, Statement

LEAST_NS = SECOND_NS // 2
LEAST_RTTS = 20
MOST_TOLD = 3
MOST_FAST = 12
WAITS_BEHIND = ("response_missing", "response_slow", "syn_unanswered")
MOST_HELD = 50  # waits of one responder whose cadence is looked at
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
    en="The same request, answered fast at the same time; a service that holds its answers on purpose (long poll).",
    ja="同じ時刻に同じ要求が速く応答されているか、意図して応答を保留するサービス（long poll）なら覆る。",
)
SERVER = message("response_slow.server", en="Measure the steps at the server's side.", ja="サーバ側で各段階の所要時間を測る。")
FAST = message(
    "response_slow.fast",
    en="{responder} answers {waited:duration} after the request.",
    ja="{responder} は要求の {waited:duration} 後に応答している。",
)


TOO_LATE = message(
    "response_slow.too_late",
    en="The client had left {early:duration} before: it resets what comes.",
    ja="要求側はその {early:duration} 前に待ち切れず切断しており、届いた応答に RST を返している。",
)


CADENCE = message(
    "response_slow.cadence",
    en="All {n:count} such requests are answered after {period:duration}, without content: the end of a request that is held on purpose.",
    ja="該当する要求 {n:count} 件はいずれも {period:duration} 後に中身のない応答で終わる。意図して保留する要求（long poll）の終わり方である。",
)
HELD = message(
    "response_slow.held",
    en="Its target {target} reads like one that is held open on purpose.",
    ja="要求先 {target} は、意図して応答を保留する種類（long poll）と読める。",
)


class Wait(NamedTuple):
    """A request that waits for its answer."""

    conversation: Conversation
    request_frame: int  # its last before the answer
    waited_ns: int


@rule(
    title=TITLE,
    domain="application",
    topics=["server-slow", "http"],
    needs=[Conversation],
    uses=[HttpExchange],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder."""
    fast: dict[str, Statement] = {}
    waits: dict[tuple[str, int], list[int]] = {}
    slow: Gathered[Endpoint, Wait] = Gathered(MOST_TOLD)
    late: Gathered[Endpoint, Waited] = Gathered(MOST_HELD)
    for c in case.all(Conversation):
        request, answer = c.first_data_frames
        if c.protocol != "tcp" or c.application not in REQUESTS or not request or answer <= request or c.initial_rtt_ns is None:
            continue
        if c.tcp.zero_window or c.tcp.retransmission or c.tcp.fast_retransmission or not c.syn_ack_frame:
            continue
        if (c.file, c.segment) not in waits:
            waits[c.file, c.segment] = _waits(case, c)
        if len(fast) >= MOST_FAST and waits[c.file, c.segment][c.row] <= LEAST_NS:
            continue
        wait = _wait(case, c)
        if wait is not None and wait.waited_ns > LEAST_NS and wait.waited_ns > LEAST_RTTS * c.initial_rtt_ns:
            slow.add(c.responder, wait)
            late.add(c.responder, Waited(c, wait.waited_ns))
        elif wait is not None and len(fast) < MOST_FAST and str(c.responder) not in fast:
            place = cite(case, c, wait.request_frame, answer)
            fast[str(c.responder)] = statement(FAST(responder=str(c.responder), waited=wait.waited_ns), place)
    onward = Onward(case, case.all(Conversation) if slow else ())
    for responder, told, more in slow:
        period = cadence_ns(case, late.kept[responder]) if late.counts[responder] <= MOST_HELD else None
        yield _found(case, told, more, onward, period)
    if fast:
        yield Excluded(statements=tuple(fast.values()))


def _waits(case: Case, c: Conversation) -> list[int]:
    """From the first byte of the request to that of the answer, ns, by the row of each conversation of the same capture.

    No wait is longer; reckoned for all at once, since most captures hold very many fast answers.
    """
    packets, conversations = case.table(c, "packets"), case.table(c, "conversations")
    if packets is None or conversations is None:
        return [0] * (c.row + 1)
    firsts = conversations["first_data_frames"].astype(np.int64)
    asked, answered = (packets["ts_ns"][np.maximum(firsts[:, side], 1) - 1] for side in (0, 1))
    waits: list[int] = (answered - asked).tolist()
    return waits


def _wait(case: Case, c: Conversation) -> Wait | None:
    """From the request's last segment before the answer to the answer's first byte; None where that byte is not in the capture."""
    request, answer = c.first_data_frames
    packets, conversations = case.table(c, "packets"), case.table(c, "conversations")
    start, end = frame_ns(case, c, request), frame_ns(case, c, answer)
    if packets is None or conversations is None or start is None or end is None:
        return None
    if int(packets["sequence"][answer - 1]) != (int(conversations["base_sequences"][c.row][1]) + 1) & 0xFFFFFFFF:
        return None
    if end - start > LEAST_NS and c.last_data_frames[0] != request:
        rows = rows_of(case, c)
        asked = rows[(rows < answer - 1) & (packets["direction"][rows] == 0) & (packets["payload_length"][rows] > 0)]
        request = int(asked[-1]) + 1
        start = frame_ns(case, c, request) or start
    return Wait(c, request, end - start)


def _severity(waited: int) -> Severity:
    return "high" if waited >= 10 * SECOND_NS else "medium" if waited >= 2 * SECOND_NS else "low"


def _found(case: Case, waits: Sequence[Wait], more: int, onward: Onward, period: int | None) -> Found:
    worst = max(waits, key=lambda w: w.waited_ns)
    c, waited = worst.conversation, worst.waited_ns
    told = [
        statement(
            MEASURED(waited=w.waited_ns, rtt=w.conversation.initial_rtt_ns or 0),
            cite(case, w.conversation, w.request_frame, w.conversation.first_data_frames[1]),
        )
        for w in waits
    ]
    for w in waits:
        if came_too_late(case, w.conversation):
            answer, left = w.conversation.first_data_frames[1], w.conversation.close_frame
            early = (frame_ns(case, w.conversation, answer) or 0) - (frame_ns(case, w.conversation, left) or 0)
            told.append(statement(TOO_LATE(early=early), cite(case, w.conversation, left, answer, w.conversation.rst_frame)))
    held = [(w, t) for w in waits if (t := held_target(exchange_of(case, w.conversation), w.waited_ns)) is not None]
    told += [statement(HELD(target=target), cite(case, w.conversation, w.request_frame)) for w, target in held]
    is_held = (len(held) == len(waits) and not more) or period is not None
    if period is not None:
        said = CADENCE(n=len(waits) + more, period=period)
        told.append(statement(said, *(cite(case, w.conversation, w.conversation.first_data_frames[1]) for w in waits)))
    if more:
        told.append(Statement(MORE(n=more)))
    behind = [o for o in onward.of(c) if 2 * o.duration_ns >= waited]
    is_late = any(came_too_late(case, w.conversation) for w in waits)
    return Found(
        outcome="info" if is_held else "fail",
        severity="info" if is_held else "high" if is_late else _severity(waited),
        confidence="tentative" if is_held else "firm",
        title=SLOW(responder=str(c.responder), waited=waited, rtt=c.initial_rtt_ns or 0),
        statements=tuple(told),
        subject=responder_subject(c.responder),
        endpoints=ends(c.originator, c.responder),
        because=tuple(Cause(r, responder_subject(o.responder)) for o in behind for r in WAITS_BEHIND),
        refuted_by=REFUTE(),
        next_actions=(
            Action(
                SERVER(),
                f"curl -o /dev/null -s -w '%{{time_connect}} %{{time_starttransfer}} %{{time_total}}\\n' http://{c.responder}/",
            ),
        ),
    )

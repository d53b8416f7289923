"""A request was sent and acknowledged, and not one byte of response came.

Claim: the handshake is complete, the originator sent a request, and the responder sent no payload until the close, the client's
time-out or the end of the capture. Keep-alives in between are named as such: they are probes, not retransmissions.

Threshold: the wait must last 1 s (a capture that ends sooner proves nothing), and the originator must have said something that asks
for an answer: an HTTP request, a TLS hello, or a client's log that waited. Other protocols that only send (a log shipper, a file
pushed through nc) do not owe an answer: there the claim needs 5 s and stays tentative.

Refuted by: one frame with payload from the responder; packets that the capture lost (tcpdump's drop counters say so).

Source: RFC 9293 (acknowledgment is by the stack, not by the application), RFC 1122 §4.2.3.6 (keep-alives).
"""

from collections.abc import Iterator
from itertools import pairwise

from runs.analysis.case import Case
from runs.analysis.domain.frames import acknowledging_frame, cite, cite_many, frame_ns, rows_of
from runs.analysis.domain.phases import waiting_ns
from runs.analysis.domain.wording import ends, is_loopback, median, responder_subject, statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.joined import Forwarder
from runs.analysis.messages import message
from runs.analysis.packets.schema import KEEP_ALIVE, KEEP_ALIVE_ACK
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, Statement

LEAST_WAIT_NS = SECOND_NS
LEAST_WAIT_UNASKED_NS = 5 * SECOND_NS
MOST_UNASKED_BYTES = 64 << 10
MOST_TOLD = 12

TITLE = message("response_missing", en="A request is acknowledged and never answered", ja="要求は受領されたが応答がない")
NO_ANSWER = message(
    "response_missing.title",
    en="{responder} accepts the connection and the request, then never answers (0 bytes in {waited:duration}).",
    ja="{responder} は接続と要求を受け付けるが、応答しない（{waited:duration} で 0 byte）。",
)
NOT_ACKED = message(
    "response_missing.title_not_acked",
    en="{responder} accepts the connection, acknowledges {acked:count} of {sent:bytes} and never answers (0 bytes in {waited:duration}).",
    ja="{responder} は接続を受け付けるが、{sent:bytes} のうち {acked:count} byte しか受領せず、応答しない（{waited:duration} で 0 byte）。",
)
BY_LOG = message(
    "response_missing.title_by_log",
    en="{responder} accepts the connection and never answers, by the client's log (0 bytes in {waited:duration}).",
    ja="クライアントの記録では、{responder} は接続を受け付けるが応答しない（{waited:duration} で 0 byte）。",
)
HANDSHAKE = message(
    "response_missing.handshake",
    en="SYN+ACK comes {rtt:duration} after SYN; the handshake is complete after {took:duration}.",
    ja="SYN の {rtt:duration} 後に SYN+ACK が届き、{took:duration} で握手が完了する。",
)
REQUEST = message(
    "response_missing.request",
    en="The request of {n:bytes} is sent, and all of it is acknowledged {took:duration} later.",
    ja="{n:bytes} の要求が送られ、{took:duration} 後にすべて受領確認（ACK）される。",
)
REQUEST_NOT_ACKED = message(
    "response_missing.request_not_acked",
    en="The request of {n:bytes} is sent; {acked:count} of them are acknowledged.",
    ja="{n:bytes} の要求が送られ、受領確認（ACK）されたのは {acked:count} byte。",
)
SILENCE = message(
    "response_missing.silence",
    en="After that {responder} sends 0 bytes of payload in {waited:duration}.",
    ja="以後 {waited:duration} の間、{responder} が送るデータは 0 byte。",
)
KEEP_ALIVES = message(
    "response_missing.keep_alives",
    en="The {n:count} frames in between are TCP keep-alives and their answers ({server:count} from the responder's side, "
    "{client:count} from the originator's, {interval:duration} apart), not retransmissions.",
    ja="その間の {n:count} フレームは TCP keep-alive とその応答（応答側発 {server:count} 回、要求側発 {client:count} 回、間隔 {interval:duration}）"
    "であり、再送ではない。",
)
ORIGINATOR_FIN = message(
    "response_missing.originator_fin",
    en="{waited:duration} after the request the originator gives up and sends FIN.",
    ja="要求の {waited:duration} 後、待ち切れない要求側が先に FIN を送る。",
)
ORIGINATOR_RST = message(
    "response_missing.originator_rst",
    en="{waited:duration} after the request the originator gives up and resets the connection.",
    ja="要求の {waited:duration} 後、待ち切れない要求側が RST で切断する。",
)
RESPONDER_CLOSES = message(
    "response_missing.responder_closes",
    en="{waited:duration} after the request the responder closes ({how}) without an answer.",
    ja="要求の {waited:duration} 後、応答側が応答しないまま切断する（{how}）。",
)
RST_ANSWER = message(
    "response_missing.rst_answer",
    en="The responder answers the FIN with RST {took:duration} later: it closes without having read the request.",
    ja="{took:duration} 後、応答側は FIN に RST で答える。要求を読まずに閉じたことを示す。",
)
STILL_OPEN = message(
    "response_missing.still_open",
    en="The capture ends {waited:duration} after the request with the connection still open.",
    ja="要求の {waited:duration} 後、接続が開いたままキャプチャが終わる。",
)
CLIENT_SAYS = message(
    "response_missing.client_says",
    en="curl says the same: timed out after {waited:duration} with 0 bytes received.",
    ja="curl の記録も同じ：{waited:duration} でタイムアウト、受信 0 byte。",
)
CLIENT_AGAIN = message(
    "response_missing.client_again",
    en="curl tries again outside the capture, with the same end: {waited:duration}, 0 bytes.",
    ja="キャプチャの範囲外の curl も同じ結果：{waited:duration} で 0 byte。",
)
REFUTE = message(
    "response_missing.refute",
    en="A single frame with payload from {responder} after the request. Packets that the capture lost would explain it too.",
    ja="要求より後に {responder} からデータを含むフレームが 1 つでもあれば覆る。キャプチャの取りこぼしでも説明できる。",
)
REFUTE_LOG = message(
    "response_missing.refute_log",
    en="A capture of the same request that shows an answer from {responder}.",
    ja="同じ要求のキャプチャに {responder} の応答があれば覆る。",
)
WHO_LISTENS = message(
    "response_missing.who_listens",
    en="See which process accepts on {port} and whether it reads.",
    ja="{port} を待ち受けるプロセスと、その読み出し状況を確認する。",
)
BEHIND = message(
    "response_missing.behind",
    en="Capture behind the accepting process too: does it pass the request on?",
    ja="受け付けたプロセスの先でも採取し、要求が先へ渡っているか確認する。",
)
ANSWERS = message(
    "response_missing.answers",
    en="{responder} answers: {n:bytes} back, the first {took:duration} after the request.",
    ja="{responder} は応答している：{n:bytes}、最初のデータは要求の {took:duration} 後。",
)
TOO_SHORT = message(
    "response_missing.too_short",
    en="the capture ends {waited:duration} after the request to {responder}: too early to say",
    ja="{responder} への要求の {waited:duration} 後にキャプチャが終わり、判断できない",
)


@rule(
    title=TITLE,
    domain="application",
    topics=["server-slow", "port-forward", "service-down"],
    needs=[(Conversation, CurlAttempt)],
    uses=[Attempt, Forwarder],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """Fail for each responder that left a request unanswered; pass for those that answered."""
    curls = {c.file: c for c in case.all(CurlAttempt)}
    attempts = case.all(Attempt)
    joined = {a.conversation: a for a in attempts if a.conversation and a.client}
    told: set[str] = set()
    answered: list[Statement] = []
    conversations = [c for c in case.all(Conversation) if c.protocol == "tcp" and c.payload_bytes[0]]
    for c in conversations:
        if c.payload_bytes[1]:
            if len(answered) < MOST_TOLD and c.first_data_frames[0]:
                answered.append(_answered(case, c))
            continue
        if not c.handshake_complete:
            continue
        outcome = _unanswered(case, c, curls.get(joined[c.id].file) if c.id in joined else None)
        if isinstance(outcome, Found):
            told.add(str(c.responder))
            if _spoken_for(case, c, conversations):
                continue
        if outcome is not None:
            yield outcome
    yield from _by_log_alone(attempts, curls, told)
    if answered:
        yield Excluded(statements=tuple(answered))


def _spoken_for(case: Case, c: Conversation, others: list[Conversation]) -> bool:
    """Whether the responder is a forwarder whose target is silent too: then `forwarder_no_bypass` says it."""
    return any(
        f.accepts(c.responder) and any(f.leads_to(o.responder) and not o.payload_bytes[1] for o in others)
        for f in case.all(Forwarder)
    )


def _answered(case: Case, c: Conversation) -> Statement:
    first, answer = c.first_data_frames
    start, end = frame_ns(case, c, first), frame_ns(case, c, answer)
    took = end - start if start is not None and end is not None and end > start else 0
    return statement(ANSWERS(responder=str(c.responder), n=c.payload_bytes[1], took=took), cite(case, c, first, answer))


def _unanswered(case: Case, c: Conversation, curl: CurlAttempt | None) -> Outcome | None:
    waited = waiting_ns(case, c) or 0
    asked = c.application in ("HTTP request", "TLS handshake") or (curl is not None and bool(curl.exit_code))
    if not asked and (c.payload_bytes[0] > MOST_UNASKED_BYTES or waited < LEAST_WAIT_UNASKED_NS):
        return None
    if waited < LEAST_WAIT_NS:
        early = c.close is None
        place = cite(case, c, c.first_data_frames[0], c.last_frame)
        return NotEvaluable(missing=(TOO_SHORT(waited=waited, responder=str(c.responder)),), citations=(place,)) if early else None
    acked, sent = c.acked_bytes[0], c.payload_bytes[0]
    responder = str(c.responder)
    whole = acked >= sent
    title = (
        NO_ANSWER(responder=responder, waited=waited)
        if whole
        else NOT_ACKED(responder=responder, waited=waited, acked=acked, sent=sent)
    )
    return Found(
        outcome="fail",
        severity="critical",
        confidence="certain" if asked else "tentative",
        title=title,
        statements=tuple(_story(case, c, waited, curl)),
        subject=responder_subject(c.responder),
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(responder=responder),
        next_actions=next_actions(c.responder),
    )


def _story(case: Case, c: Conversation, waited: int, curl: CurlAttempt | None) -> Iterator[Statement]:
    if c.syn_frame and c.handshake_ack_frame:
        times = [frame_ns(case, c, n) for n in (c.syn_frame, c.syn_ack_frame, c.handshake_ack_frame)]
        syn, syn_ack, ack = (t or 0 for t in times)
        place = cite(case, c, c.syn_frame, c.syn_ack_frame, c.handshake_ack_frame)
        yield statement(HANDSHAKE(rtt=syn_ack - syn, took=ack - syn), place)
    sent, acked = c.payload_bytes[0], c.acked_bytes[0]
    request, ack_frame = c.first_data_frames[0], acknowledging_frame(case, c)
    if acked >= sent and ack_frame:
        took = (frame_ns(case, c, ack_frame) or 0) - (frame_ns(case, c, request) or 0)
        yield statement(REQUEST(n=sent, took=took), cite(case, c, request, ack_frame))
    else:
        yield statement(REQUEST_NOT_ACKED(n=sent, acked=max(acked, 0)), cite(case, c, request))
    yield statement(SILENCE(responder=str(c.responder), waited=waited), cite(case, c, request, c.close_frame or c.last_frame))
    yield from _keep_alives(case, c)
    yield from _end(case, c, waited)
    if curl is not None and curl.timeout_ms:
        yield statement(CLIENT_SAYS(waited=curl.timeout_ms * 1_000_000), Citation(curl.file, lines=(curl.error_line,)))


def _keep_alives(case: Case, c: Conversation) -> Iterator[Statement]:
    packets = case.table(c, "packets")
    if packets is None or not c.tcp.keep_alive:
        return
    rows = rows_of(case, c)
    marked = rows[packets["remarks"][rows] & (KEEP_ALIVE | KEEP_ALIVE_ACK) != 0]
    probes = rows[packets["remarks"][rows] & KEEP_ALIVE != 0]
    by_responder = probes[packets["direction"][probes] == 1]
    busier = by_responder if 2 * len(by_responder) >= len(probes) else probes[packets["direction"][probes] == 0]
    times = packets["ts_ns"][busier]
    interval = median([int(b - a) for a, b in pairwise(times)])
    if interval is None:  # one probe: its distance from the last frame before it
        before = rows[rows < probes[0]]
        interval = int(packets["ts_ns"][probes[0]] - packets["ts_ns"][before[-1]]) if len(before) else 0
    yield statement(
        KEEP_ALIVES(n=len(marked), server=len(by_responder), client=len(probes) - len(by_responder), interval=interval),
        cite_many(case, c, (int(r) + 1 for r in marked)),
    )


def _end(case: Case, c: Conversation, waited: int) -> Iterator[Statement]:
    if c.close is None:
        yield statement(STILL_OPEN(waited=waited), cite(case, c, c.last_frame))
    elif c.closed_by == "originator":
        said = ORIGINATOR_FIN if c.close == "fin" else ORIGINATOR_RST
        yield statement(said(waited=waited), cite(case, c, c.close_frame))
        if c.close == "fin" and c.rst_frame > c.close_frame:
            took = (frame_ns(case, c, c.rst_frame) or 0) - (frame_ns(case, c, c.close_frame) or 0)
            yield statement(RST_ANSWER(took=took), cite(case, c, c.rst_frame))
    else:
        yield statement(RESPONDER_CLOSES(waited=waited, how="FIN" if c.close == "fin" else "RST"), cite(case, c, c.close_frame))


def next_actions(responder: Endpoint) -> tuple[Action, ...]:
    """What settles who is silent: the accepting process, and a capture behind it."""
    port = responder.port
    local = is_loopback(responder.address)
    listens = f"sudo lsof -nP -iTCP:{port} -sTCP:LISTEN" if local else f"ss -tanp 'sport = :{port}'"
    behind = f"sudo tcpdump -i any -s 0 -w behind_{port}.pcap 'tcp or icmp or icmp6'"
    return Action(WHO_LISTENS(port=port), listens), Action(BEHIND(), behind)


def _by_log_alone(attempts: list[Attempt], curls: dict[str, CurlAttempt], told: set[str]) -> Iterator[Outcome]:
    """Attempts that only a client's log knows: a finding of their own, or another witness of one that the capture proves."""
    for a in attempts:
        curl = curls.get(a.file)
        if a.conversation or curl is None or a.stopped_at != "first_byte" or not curl.timeout_ms:
            continue
        waited, responder = curl.timeout_ms * 1_000_000, str(a.target)
        again = responder in told
        said = (CLIENT_AGAIN if again else CLIENT_SAYS)(waited=waited)
        yield Found(
            outcome="fail",
            severity="critical",
            confidence="certain" if again else "firm",
            title=BY_LOG(responder=responder, waited=waited),
            statements=(statement(said, Citation(a.file, lines=(curl.error_line,))),),
            subject=responder_subject(a.target),
            endpoints=ends(Endpoint("client"), a.target)[1:],
            refuted_by=REFUTE_LOG(responder=responder),
            next_actions=next_actions(a.target),
        )

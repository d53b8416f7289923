"""A request was sent and acknowledged, and not one byte of response came.

Claim: the handshake is complete, the originator sent a request, and the responder sent no payload until the close, the client's
time-out or the end of the capture. Keep-alives in between are named as such: they are probes, not retransmissions.

Threshold: the wait lasts 1 s, or the responder hangs up without a word. Where the capture ends with the connection open and no
client's log tells that it gave up, 5 s: an answer may come after the last frame, and a shorter wait is not evaluable. The originator
must have said something that asks for an answer: an HTTP request, a TLS hello, or a client's log that waited. Other protocols that
only send (a log shipper, a file pushed through nc) do not owe one: there the claim needs 5 s and stays tentative, as it does in a
capture that dropped packets. Where the originator acknowledges payload that the capture does not hold, there was an answer.

A responder that hangs up is named as such. Where, while it held the request, its host asked another end and was refused or not
answered (domain/onward.py), that end is the cause.

Refuted by: one frame with payload from the responder; packets that the capture lost (tcpdump's drop counters say so).

Source: RFC 9293 (acknowledgment is by the stack, not by the application), RFC 1122 §4.2.3.6 (keep-alives).
"""

from collections.abc import Iterator, Mapping, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite, frame_ns
from runs.analysis.domain.onward import Onward
from runs.analysis.domain.pairing import curls_by_attempt
from runs.analysis.domain.phases import is_refused
from runs.analysis.domain.unanswered import CLIENT_SAYS, Silence, lossy_captures, silence, story
from runs.analysis.domain.wording import ends, is_loopback, responder_subject, statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.joined import CaptureRun, Forwarder
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Confidence, Excluded, Found, NotEvaluable, Outcome, Statement, merge_citations

MOST_TOLD = 12
MOST_STORIES = 2
MOST_ASKED_ON = 5
CONFIDENCES: tuple[Confidence, ...] = ("certain", "firm", "tentative")

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
HUNG_UP = message(
    "response_missing.title_hung_up",
    en="{responder} accepts the connection and closes it {waited:duration} after the request, without an answer.",
    ja="{responder} は接続を受け付け、要求の {waited:duration} 後に応答しないまま切断する。",
)
CLOSED_FIRST = message(
    "response_missing.title_closed_first",
    en="{responder} accepts the connection and closes it before the request is sent.",
    ja="{responder} は接続を受け付けるが、要求が送られる前に切断する。",
)
ASKED_ON = message(
    "response_missing.asked_on",
    en="Meanwhile {asker} asks {target} in vain.",
    ja="その間に {asker} は {target} へ接続を試み、失敗している。",
)
BY_LOG = message(
    "response_missing.title_by_log",
    en="{responder} accepts the connection and never answers, by the client's log (0 bytes in {waited:duration}).",
    ja="クライアントの記録では、{responder} は接続を受け付けるが応答しない（{waited:duration} で 0 byte）。",
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
ALIKE = message(
    "response_missing.alike",
    en="{n:count} more {n:plural:request|requests} to {responder} {n:plural:ends|end} alike.",
    ja="{responder} への要求はほかに {n:count} 件あり、いずれも同じ結果。",
)
MIXED = message(
    "response_missing.mixed",
    en="{n:count} of {all:count} conversations with {responder} got no answer; the others did.",
    ja="{responder} との会話 {all:count} 件のうち {n:count} 件に応答がなく、ほかは応答を得ている。",
)
UNSEEN = message(
    "response_missing.unseen",
    en="the answer of {responder}: the client acknowledges data that the capture does not hold",
    ja="{responder} の応答（要求側はキャプチャにないデータを受領確認している）",
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
    uses=[Attempt, Forwarder, Capture, CaptureRun],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """Fail for each responder that left a request unanswered; pass for those that answered."""
    attempts, by_id = case.all(Attempt), curls_by_attempt(case.all(CurlAttempt))
    logs = {a.conversation: by_id[a.id] for a in attempts if a.conversation and a.id in by_id}
    conversations = [c for c in case.all(Conversation) if c.protocol == "tcp" and c.payload_bytes[0]]
    lossy, onward = lossy_captures(case), Onward(case, case.all(Conversation))
    silences: dict[Endpoint, list[Silence]] = {}
    answers: dict[Endpoint, list[Conversation]] = {}
    for c in conversations:
        if c.payload_bytes[1]:
            answers.setdefault(c.responder, []).append(c)
        elif (silent := silence(case, c, logs.get(c.id), c.file in lossy)) is not None:
            silences.setdefault(c.responder, []).append(silent)
    told: set[str] = set()
    spoken_for = _spoken_for(case, silences)
    for responder, all_silences in silences.items():
        unanswered = [s for s in all_silences if s.kind == "unanswered"]
        if unanswered:
            told.add(str(responder))
            if responder not in spoken_for:
                yield _found(case, unanswered, len(answers.get(responder, ())), onward)
        else:
            yield _unknown(case, all_silences)
    yield from _by_log_alone(attempts, by_id, told)
    shown = [c for found in answers.values() for c in found if all(c.first_data_frames)]
    if shown:
        yield Excluded(statements=tuple(_answered(case, c) for c in shown[:MOST_TOLD]))


def _unknown(case: Case, silences: Sequence[Silence]) -> NotEvaluable:
    first = next((s for s in silences if s.kind == "early"), silences[0])
    c, responder = first.conversation, str(first.conversation.responder)
    said = TOO_SHORT(waited=first.waited_ns, responder=responder) if first.kind == "early" else UNSEEN(responder=responder)
    places = [
        cite(case, s.conversation, s.conversation.first_data_frames[0], s.conversation.last_frame) for s in silences[:MOST_TOLD]
    ]
    collect = f"sudo tcpdump -i any -s 0 -B 16384 -w longer.pcap 'port {c.responder.port} or icmp or icmp6'"
    return NotEvaluable(missing=(said,), collect=collect, citations=merge_citations(places))


def _spoken_for(case: Case, silences: Mapping[Endpoint, Sequence[Silence]]) -> set[Endpoint]:
    """Responders that are forwarders whose target is silent too: `forwarder_no_bypass` says that."""
    silent = [end for end, found in silences.items() if any(s.kind == "unanswered" for s in found)]
    targets = [(f, any(f.leads_to(end) for end in silent)) for f in case.all(Forwarder)]
    return {end for end in silent for forwarder, is_silent in targets if is_silent and forwarder.accepts(end)}


def _answered(case: Case, c: Conversation) -> Statement:
    first, answer = c.first_data_frames
    start, end = frame_ns(case, c, first), frame_ns(case, c, answer)
    took = end - start if start is not None and end is not None and end > start else 0
    return statement(ANSWERS(responder=str(c.responder), n=c.payload_bytes[1], took=took), cite(case, c, first, answer))


def _found(case: Case, silences: Sequence[Silence], answered_count: int, onward: Onward) -> Found:
    """One finding for all unanswered requests of a responder: the best proved in full, the others by their requests."""
    lead = min(silences, key=lambda s: (CONFIDENCES.index(s.confidence), s.curl is None))
    c, waited = lead.conversation, lead.waited_ns
    acked, sent = c.acked_bytes[0], c.payload_bytes[0]
    responder = str(c.responder)
    if lead.waited_ns < 0:
        title = CLOSED_FIRST(responder=responder)
    elif c.closed_by == "responder":
        title = HUNG_UP(responder=responder, waited=waited)
    elif acked >= sent:
        title = NO_ANSWER(responder=responder, waited=waited)
    else:
        title = NOT_ACKED(responder=responder, waited=waited, acked=max(acked, 0), sent=sent)
    told = list(story(case, lead))
    causes: list[Cause] = []
    if c.closed_by == "responder":
        behind = _asked_on(onward, silences)
        told += [statement(ASKED_ON(asker=o.originator.address, target=str(o.responder)), _try_of(case, o)) for o in behind]
        causes = [Cause(r, responder_subject(o.responder)) for o in behind for r in ("connection_refused", "syn_unanswered")]
    others = [s for s in silences if s is not lead]
    for silent in others[:MOST_STORIES]:
        told += story(case, silent)
    if rest := others[MOST_STORIES:]:
        told.append(_alike(case, responder, rest))
    if answered_count:
        told.append(Statement(MIXED(responder=responder, n=len(silences), all=len(silences) + answered_count)))
    return Found(
        outcome="fail",
        severity="high" if answered_count else "critical",
        confidence=lead.confidence,
        title=title,
        statements=tuple(told),
        subject=responder_subject(c.responder),
        endpoints=ends(c.originator, c.responder),
        because=(*causes, *_undelivered(c)),
        refuted_by=REFUTE(responder=responder),
        next_actions=next_actions(c.responder),
    )


def _asked_on(onward: Onward, silences: Sequence[Silence]) -> list[Conversation]:
    """What the responder's host asked of others in vain while it held the request: the first of each silence."""
    tries = ([o for o in onward.of(s.conversation) if is_refused(o) or o.completeness == 1] for s in silences[:MOST_ASKED_ON])
    return [found[0] for found in tries if found]


def _try_of(case: Case, c: Conversation) -> Citation:
    return cite(case, c, c.syn_frame, c.last_frame)


def _undelivered(c: Conversation) -> tuple[Cause, ...]:
    """Where not one byte of the request was acknowledged, it never arrived: no fault of whoever should answer."""
    if c.acked_bytes[0] > 0 or not c.tcp.retransmission:
        return ()
    subject = responder_subject(c.responder)
    return (Cause("path_mtu_blackhole", subject), Cause("retransmission_stall", subject | {"direction": "to responder"}))


def _alike(case: Case, responder: str, rest: Sequence[Silence]) -> Statement:
    frames: dict[str, list[Citation]] = {}
    for one in rest[:MOST_TOLD]:
        c = one.conversation
        frames.setdefault(c.file, []).append(cite(case, c, c.first_data_frames[0]))
    return Statement(ALIKE(responder=responder, n=len(rest)), merge_citations(p for places in frames.values() for p in places))


def next_actions(responder: Endpoint) -> tuple[Action, ...]:
    """What settles who is silent: the accepting process, and a capture behind it."""
    port = responder.port
    local = is_loopback(responder.address)
    listens = f"sudo lsof -nP -iTCP:{port} -sTCP:LISTEN" if local else f"ss -tanp 'sport = :{port}'"
    behind = f"sudo tcpdump -i any -s 0 -w behind_{port}.pcap 'tcp or icmp or icmp6'"
    return Action(WHO_LISTENS(port=port), listens), Action(BEHIND(), behind)


def _by_log_alone(attempts: Sequence[Attempt], curls: Mapping[str, CurlAttempt], told: set[str]) -> Iterator[Outcome]:
    """Attempts that only a client's log knows: a finding of their own, or another witness of one that the capture proves."""
    for a in attempts:
        curl = curls.get(a.id)
        if a.conversation or curl is None or a.stopped_at != "first_byte" or not curl.timeout_ms:
            continue
        waited, responder = curl.timeout_ms * 1_000_000, str(a.target)
        again = responder in told
        said = (CLIENT_AGAIN if again and a.outside else CLIENT_SAYS)(waited=waited)
        yield Found(
            outcome="fail",
            severity="critical",
            confidence="certain" if again else "firm",
            title=BY_LOG(responder=responder, waited=waited),
            statements=(statement(said, Citation(a.file, lines=(curl.error_line,))),),
            subject=responder_subject(a.target),
            because=(Cause("forwarder_no_bypass", {"listen": str(a.target.port)}),),
            endpoints=ends(Endpoint("client"), a.target)[1:],
            refuted_by=REFUTE_LOG(responder=responder),
            next_actions=next_actions(a.target),
        )

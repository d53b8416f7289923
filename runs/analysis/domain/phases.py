"""How far an attempt came, phase by phase: from a conversation in a capture, and from what curl says."""

from runs.analysis.case import Case
from runs.analysis.domain.frames import acknowledging_frame, capture_end_ns, cite, frame_ns, request_end_frame
from runs.analysis.facts.attempt import PHASES, Phase, PhaseResult
from runs.analysis.facts.base import SECOND_NS, Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import ConnectTry, CurlAttempt
from runs.analysis.messages import Text, message, plain

OPEN_NS = 5 * SECOND_NS
"""A capture that ends sooner with the connection open proves nothing: what is missing may have come after the last frame."""
ASKING = ("HTTP request", "TLS handshake")
LEAST_WAIT_UNASKED_NS = 5 * SECOND_NS
MOST_UNASKED_BYTES = 64 << 10
"""Who sends more than this, or leaves sooner, and asks nothing that is known to need an answer, only sends."""
SYN_NS = 3 * SECOND_NS  # two retransmissions of the SYN are due by then (RFC 6298: after 1 s, then 2 s)

BYTES = message("phase.bytes", en="{n:count} B", ja="{n:count} B")
TAKES = message("phase.takes", en="{took:duration}", ja="{took:duration}")
RTT = message("phase.rtt", en="RTT {rtt:duration}", ja="RTT {rtt:duration}")
AFTER = message("phase.after", en="+{took:duration}", ja="+{took:duration}")
WAITED = message("phase.waited", en="waited {took:duration}", ja="待機 {took:duration}")
REFUSED = message("phase.refused", en="refused after {took:duration}", ja="{took:duration} 後に拒否")
REFUSED_SAID = message("phase.refused_said", en="refused", ja="拒否")
NO_ANSWER = message("phase.no_answer", en="no answer", ja="応答なし")
ALL_OF = message("phase.all_of", en="all {n:count} B", ja="全 {n:count} B")
PART_OF = message("phase.part_of", en="{n:count} of {all:count} B", ja="{all:count} B 中 {n:count} B")
CLIENT_SAYS = message("phase.client_says", en="by the client's word", ja="クライアントの記録による")
BY = {
    "originator": message("phase.by_originator", en="client first", ja="クライアントが先"),
    "responder": message("phase.by_responder", en="server first", ja="サーバが先"),
}
STATUS = message("phase.status", en="HTTP {status}", ja="HTTP {status}")

PHASE_WORDS: dict[str, Text] = {
    "resolve": message("phase.resolve", en="resolve", ja="名前解決")(),
    "connect": message("phase.connect", en="connect", ja="接続")(),
    "request": message("phase.request", en="request", ja="要求")(),
    "acknowledged": message("phase.acknowledged", en="acknowledged", ja="受領確認")(),
    "first_byte": message("phase.first_byte", en="first byte", ja="先頭バイト")(),
    "complete": message("phase.complete", en="complete", ja="完了")(),
    "close": message("phase.close", en="close", ja="切断")(),
}


def conversation_phases(case: Case, c: Conversation) -> tuple[Phase, ...]:
    """The seven phases of a TCP conversation as captured. Name resolution is never in it."""
    phases = {name: Phase(name=name, result="not_reached") for name in PHASES}
    phases["resolve"] = Phase(name="resolve", result="not_observed")
    if c.payload_bytes[1] and not c.payload_bytes[0]:  # the responder speaks unasked: a greeting, a data source
        phases |= {name: Phase(name=name, result="not_applicable") for name in ("request", "acknowledged")}
    for phase in (_connect(case, c), *_request(case, c), *_answer(case, c), _close(case, c)):
        phases[phase.name] = phase
    return tuple(phases[name] for name in PHASES)


def _since(case: Case, c: Conversation, start: int, end: int) -> int | None:
    first, last = frame_ns(case, c, start), frame_ns(case, c, end)
    return last - first if first is not None and last is not None else None


def _connect(case: Case, c: Conversation) -> Phase:
    if not c.syn_frame and not c.syn_ack_frame:
        return Phase(name="connect", result="ok" if sum(c.payload_bytes) else "not_observed")
    at = frame_ns(case, c, c.syn_frame or c.syn_ack_frame)
    if c.handshake_complete:
        took = _since(case, c, c.syn_frame, c.handshake_ack_frame)
        rtt = c.initial_rtt_ns
        return Phase(
            name="connect",
            result="ok",
            at_ns=at,
            duration_ns=took,
            value=TAKES(took=took) if took is not None else None,
            note=RTT(rtt=rtt) if rtt is not None else None,
            citations=(cite(case, c, c.syn_frame, c.syn_ack_frame, c.handshake_ack_frame),),
        )
    if sum(c.payload_bytes):  # the frame that completes the handshake was not captured
        return Phase(name="connect", result="ok", at_ns=at, citations=(cite(case, c, c.syn_frame, c.syn_ack_frame),))
    if is_refused(c):
        took = _since(case, c, c.syn_frame, c.rst_frame)
        note = REFUSED(took=took) if took is not None else None
        return Phase(
            name="connect",
            result="failed",
            at_ns=at,
            duration_ns=took,
            value=plain("RST"),
            note=note,
            citations=(cite(case, c, c.syn_frame, c.rst_frame),),
        )
    waited = capture_end_ns(case, c) - c.start_ns if c.close is None else c.duration_ns
    if c.close is None and waited < SYN_NS and not c.tcp.retransmission:
        return Phase(name="connect", result="not_observed", at_ns=at, citations=(cite(case, c, c.syn_frame, c.syn_ack_frame),))
    return Phase(
        name="connect",
        result="failed",
        at_ns=at,
        duration_ns=waited,
        value=NO_ANSWER() if not c.syn_ack_frame else plain("SYN+ACK"),
        note=WAITED(took=waited),
        citations=(cite(case, c, c.syn_frame, c.syn_ack_frame, c.last_frame),),
    )


def is_refused(c: Conversation) -> bool:
    """Whether the responder answered the SYN with RST."""
    return not c.syn_ack_frame and bool(c.rst_frame) and (c.conn_state == "REJ" or c.closed_by == "responder")


def is_settled(case: Case, c: Conversation) -> bool:
    """Whether what did not come will not come: the connection is closed, or the capture went on long enough."""
    return c.close is not None or (waiting_ns(case, c) or 0) >= OPEN_NS


def _request(case: Case, c: Conversation) -> list[Phase]:
    sent, frame = c.payload_bytes[0], c.first_data_frames[0]
    if not sent or not frame:
        return []
    took = _since(case, c, c.handshake_ack_frame, frame)
    request = Phase(
        name="request",
        result="ok",
        at_ns=frame_ns(case, c, frame),
        duration_ns=took,
        value=BYTES(n=sent),
        note=AFTER(took=took) if took is not None else None,
        citations=(cite(case, c, frame),),
    )
    acked, ack_frame = c.acked_bytes[0], acknowledging_frame(case, c)
    missing: PhaseResult = "failed" if is_settled(case, c) else "not_observed"
    if acked <= 0 or not ack_frame:
        unseen = not c.frames[1] and not c.tcp.retransmission  # the capture holds one direction only
        result: PhaseResult = "ok" if c.payload_bytes[1] or acked >= sent else "not_observed" if unseen else missing
        return [request, Phase(name="acknowledged", result=result, citations=request.citations)]
    took = _since(case, c, c.last_data_frames[0] if ack_frame > c.last_data_frames[0] else frame, ack_frame)
    acknowledged = Phase(
        name="acknowledged",
        result="ok" if acked >= sent else missing,
        at_ns=frame_ns(case, c, ack_frame),
        duration_ns=took,
        value=TAKES(took=took) if took is not None else None,
        note=ALL_OF(n=sent) if acked >= sent else PART_OF(n=acked, all=sent),
        citations=(cite(case, c, ack_frame),),
    )
    return [request, acknowledged]


def _answer(case: Case, c: Conversation) -> list[Phase]:
    got, sent = c.payload_bytes[1], c.payload_bytes[0]
    if got and c.first_data_frames[1] and not came_too_late(case, c):
        frame = c.first_data_frames[1]
        greeting = not c.first_data_frames[0] or frame < c.first_data_frames[0]
        took = _since(case, c, c.handshake_ack_frame if greeting else c.first_data_frames[0], frame)
        first = Phase(
            name="first_byte",
            result="ok",
            at_ns=frame_ns(case, c, frame),
            duration_ns=took,
            value=TAKES(took=took) if took is not None else None,
            note=BYTES(n=got),
            citations=(cite(case, c, frame),),
        )
        ended: PhaseResult = (
            "ok" if c.close == "fin" else "failed" if c.close == "rst" and c.closed_by == "responder" else "not_observed"
        )
        last = c.last_data_frames[1] or frame
        return [first, Phase(name="complete", result=ended, at_ns=frame_ns(case, c, last), citations=(cite(case, c, last),))]
    if got and c.continued_in:
        place = Citation(c.continued_in.rpartition("#")[0])
        return [Phase(name="first_byte", result="ok", value=BYTES(n=got), citations=(place,))]
    if not sent or not c.handshake_complete:
        return []
    waited = waiting_ns(case, c)
    until = c.close_frame or c.last_frame
    if only_sends(case, c):
        return [Phase(name=name, result="not_applicable") for name in ("first_byte", "complete")]
    if not is_settled(case, c):
        return [Phase(name="first_byte", result="not_observed", citations=(cite(case, c, c.first_data_frames[0], c.last_frame),))]
    phase = Phase(
        name="first_byte",
        result="failed",
        at_ns=frame_ns(case, c, until),
        duration_ns=waited,
        value=BYTES(n=0),
        note=WAITED(took=waited) if waited is not None else None,
        citations=(cite(case, c, c.first_data_frames[0], until),),
    )
    return [phase]


def only_sends(case: Case, c: Conversation) -> bool:
    """Whether the originator sent, asked for no answer that one knows of, and left in peace: a log shipper, a file pushed."""
    if c.payload_bytes[1] or c.application in ASKING or c.close != "fin" or c.rst_frame or c.closed_by != "originator":
        return False
    return c.payload_bytes[0] > MOST_UNASKED_BYTES or (waiting_ns(case, c) or 0) < LEAST_WAIT_UNASKED_NS


def came_too_late(case: Case, c: Conversation) -> bool:
    """Whether the answer came after the originator had left: it answers the answer with RST."""
    answer = c.first_data_frames[1]
    if c.closed_by != "originator" or c.close != "fin" or not 0 < c.close_frame < answer < c.rst_frame:
        return False
    packets = case.table(c, "packets")
    return packets is not None and c.rst_frame <= len(packets) and int(packets["direction"][c.rst_frame - 1]) == 0


def waiting_ns(case: Case, c: Conversation) -> int | None:
    """How long the originator waited after its request: until the close, else until the capture's end."""
    start = frame_ns(case, c, request_end_frame(case, c))
    end = frame_ns(case, c, c.close_frame) if c.close_frame else capture_end_ns(case, c)
    return end - start if start is not None and end is not None else None


def _close(case: Case, c: Conversation) -> Phase:
    if not c.close or not c.handshake_complete:
        return Phase(name="close", result="not_reached" if not c.handshake_complete else "not_observed")
    reset = c.rst_frame
    hung_up = c.close == "rst" and c.closed_by == "originator"  # a client that has its answer may leave as it likes
    result: PhaseResult = "failed" if (c.close == "rst" and not hung_up) or (reset and not c.payload_bytes[1]) else "ok"
    return Phase(
        name="close",
        result=result,
        at_ns=frame_ns(case, c, c.close_frame),
        value=plain("RST" if result == "failed" or hung_up else "FIN"),
        note=BY[c.closed_by]() if c.closed_by else None,
        citations=(cite(case, c, c.close_frame, reset if result == "failed" else 0),),
    )


def curl_phases(curl: CurlAttempt, tried: ConnectTry) -> tuple[Phase, ...]:
    """The seven phases of one address that curl tried, by curl's word alone."""
    phases = {name: Phase(name=name, result="not_reached") for name in PHASES}
    place = Citation(curl.file, lines=(tried.line,))
    phases["resolve"] = Phase(name="resolve", result="ok", citations=(place,))
    if not tried.connected:
        refused = "refused" in (tried.error or "").lower()
        timed_out = curl.phase == "connect" and not tried.result_line
        phases["connect"] = Phase(
            name="connect",
            result="failed" if tried.result_line or timed_out else "not_observed",
            value=REFUSED_SAID() if refused else NO_ANSWER(),
            note=CLIENT_SAYS(),
            citations=(Citation(curl.file, lines=(tried.result_line or curl.error_line or tried.line,)),),
        )
        return tuple(phases[name] for name in PHASES)
    said = CLIENT_SAYS()
    phases["connect"] = _said("connect", "ok", said, curl, tried.result_line or tried.line)
    if curl.request_line:
        phases["request"] = _said("request", "ok", said, curl, curl.request_line, curl.request_end_line)
        phases["acknowledged"] = Phase(name="acknowledged", result="not_observed")
    if curl.status_line:
        value = STATUS(status=curl.status)
        phases["acknowledged"] = Phase(name="acknowledged", result="not_observed")
        phases["first_byte"] = _said("first_byte", "ok", said, curl, curl.status_line, value=value)
        done = curl.exit_code in (None, 0) and curl.phase == "complete"
        phases["complete"] = _said("complete", "ok" if done else "failed", said, curl, curl.error_line or curl.status_line)
    elif curl.request_line and curl.exit_code:
        waited = WAITED(took=curl.elapsed_ns) if curl.elapsed_ns else said
        phases["first_byte"] = _said("first_byte", "failed", waited, curl, curl.error_line, value=BYTES(n=0))
    phases["close"] = Phase(name="close", result="not_observed")
    return tuple(phases[name] for name in PHASES)


def _said(name: str, result: PhaseResult, note: Text | None, curl: CurlAttempt, *lines: int, value: Text | None = None) -> Phase:
    places = (Citation(curl.file, lines=tuple(sorted({n for n in lines if n}))),)
    return Phase(name=name, result=result, value=value, note=note, citations=places)


def merged_phases(captured: tuple[Phase, ...], said: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """The capture's phases, with the client's word beside them, and in their place where the capture is silent."""
    words = {p.name: p for p in said}
    merged = []
    for phase in captured:
        other = words.get(phase.name)
        if other is None or other.result in ("not_observed", "not_reached"):
            merged.append(phase)
        elif phase.result in ("not_observed", "not_reached") or (phase.name == "complete" and other.result == "ok"):
            merged.append(other)  # whether all of a response came, its reader knows best
        else:
            merged.append(_with_citations(phase, other.citations if other.result == phase.result else ()))
    return tuple(merged)


def _with_citations(phase: Phase, more: tuple[Citation, ...]) -> Phase:
    return Phase(
        name=phase.name,
        result=phase.result,
        at_ns=phase.at_ns,
        duration_ns=phase.duration_ns,
        value=phase.value,
        note=phase.note,
        citations=phase.citations + more,
    )

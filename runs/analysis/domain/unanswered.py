"""Whether a request was left without an answer, and the story of such a conversation, sentence by sentence."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from runs.analysis.case import Case
from runs.analysis.domain.frames import acknowledging_frame, cite, cite_many, frame_ns, rows_of
from runs.analysis.domain.phases import ASKING, LEAST_WAIT_UNASKED_NS, MOST_UNASKED_BYTES, OPEN_NS, waiting_ns
from runs.analysis.domain.wording import median, statement
from runs.analysis.facts.base import SECOND_NS, Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.joined import CaptureRun
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK_LOST_SEGMENT, KEEP_ALIVE, KEEP_ALIVE_ACK, REMARKS
from runs.analysis.report import Confidence, Statement

LEAST_WAIT_NS = SECOND_NS

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
CLOSES_FIRST = message(
    "response_missing.closes_first",
    en="The responder closes (FIN) {took:duration} after the handshake, before the request is sent.",
    ja="握手の {took:duration} 後、要求が送られるより前に応答側が切断する（FIN）。",
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


class Silence(NamedTuple):
    """A request without an answer: `early` where the evidence ends too soon to say, `unseen` where the capture misses packets."""

    conversation: Conversation
    waited_ns: int
    kind: Literal["unanswered", "early", "unseen"]
    confidence: Confidence
    curl: CurlAttempt | None


def silence(case: Case, c: Conversation, curl: CurlAttempt | None, lossy: bool = False) -> Silence | None:
    """How a TCP conversation was left without an answer; None where it was not, or where none was owed.

    `curl`: the log that tells of it. `lossy`: the capture dropped packets, so absence proves less.
    """
    if c.protocol != "tcp" or not c.payload_bytes[0] or c.payload_bytes[1] or not c.handshake_complete:
        return None
    waited = waiting_ns(case, c) or 0
    gave_up = curl is not None and bool(curl.exit_code)
    asked = c.application in ASKING or gave_up
    if not asked and (c.payload_bytes[0] > MOST_UNASKED_BYTES or waited < LEAST_WAIT_UNASKED_NS):
        return None
    if c.tcp.ack_lost_segment and _acknowledges_unseen(case, c):
        return Silence(c, waited, "unseen", "tentative", curl)
    if c.close is None and not gave_up and waited < OPEN_NS:
        return Silence(c, waited, "early", "tentative", curl)
    hung_up = asked and c.closed_by == "responder" and c.close == "fin"
    if waited < LEAST_WAIT_NS and not hung_up:
        return None
    confidence: Confidence = "tentative" if lossy or not asked else "firm" if c.close is None and not gave_up else "certain"
    return Silence(c, waited, "unanswered", confidence, curl)


def _acknowledges_unseen(case: Case, c: Conversation) -> bool:
    """Whether the originator acknowledges payload that the capture does not hold."""
    table = case.table(c, "conversations")
    index = next(n for n, remark in enumerate(REMARKS) if remark.bit == ACK_LOST_SEGMENT)
    return table is not None and int(table["remark_counts"][c.row][0][index]) > 0


def lossy_captures(case: Case) -> set[str]:
    """Paths of the captures that dropped packets, by tcpdump's word or their own statistics."""
    counted = {c.file for c in case.all(Capture) if any(i.dropped_count for i in c.interfaces)}
    return counted | {r.file for r in case.all(CaptureRun) if r.dropped}


def story(case: Case, silent: Silence) -> Iterator[Statement]:
    """What happened, in order, each step with its frames."""
    c, waited = silent.conversation, silent.waited_ns
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
    if waited < 0:  # it had closed before it was asked
        took = (frame_ns(case, c, c.close_frame) or 0) - (frame_ns(case, c, c.handshake_ack_frame) or 0)
        yield statement(CLOSES_FIRST(took=max(took, 0)), cite(case, c, c.handshake_ack_frame, c.close_frame))
        return
    yield statement(SILENCE(responder=str(c.responder), waited=waited), cite(case, c, request, c.close_frame or c.last_frame))
    yield from _keep_alives(case, c)
    yield from _end(case, c, waited)
    curl = silent.curl
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
    times: Sequence[int] = packets["ts_ns"][busier].tolist()
    interval = median([b - a for a, b in pairwise(times)])
    if interval is None:  # one probe: its distance from the last frame before it
        before = rows[rows < probes[0]]
        interval = int(packets["ts_ns"][probes[0]] - packets["ts_ns"][before[-1]]) if len(before) else 0
    yield statement(
        KEEP_ALIVES(n=len(marked), server=len(by_responder), client=len(probes) - len(by_responder), interval=interval),
        cite_many(case, c, (int(r) + 1 for r in marked)),
    )


def _end(case: Case, c: Conversation, waited: int) -> Iterator[Statement]:
    if c.close is None:
        packets = case.table(c, "packets")
        yield statement(STILL_OPEN(waited=waited), cite(case, c, c.last_frame, len(packets) if packets is not None else 0))
    elif c.closed_by == "originator":
        said = ORIGINATOR_FIN if c.close == "fin" else ORIGINATOR_RST
        yield statement(said(waited=waited), cite(case, c, c.close_frame))
        if c.close == "fin" and c.rst_frame > c.close_frame and _sent_by_responder(case, c, c.rst_frame):
            took = (frame_ns(case, c, c.rst_frame) or 0) - (frame_ns(case, c, c.close_frame) or 0)
            yield statement(RST_ANSWER(took=took), cite(case, c, c.rst_frame))
    else:
        yield statement(RESPONDER_CLOSES(waited=waited, how="FIN" if c.close == "fin" else "RST"), cite(case, c, c.close_frame))


def _sent_by_responder(case: Case, c: Conversation, frame: int) -> bool:
    packets = case.table(c, "packets")
    return packets is not None and 1 <= frame <= len(packets) and int(packets["direction"][frame - 1]) == 1

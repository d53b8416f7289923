"""Captures: how many conversations, how they ended, what came back, how many remarks, whether bytes are missing."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.domain.frames import cite
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.report import Statement

EMPTY = message("capture.summary_empty", en="No frame.", ja="フレームなし。")
COUNT = message(
    "capture.summary_count",
    en="{frames:count} {frames:plural:frame|frames}, {n:count} {n:plural:conversation|conversations}.",
    ja="{frames:count} フレーム、会話 {n:count} 件。",
)
ANSWERED = message(
    "capture.summary_answered",
    en="{responder}: request of {sent:bytes}, {got:bytes} back.",
    ja="{responder}：要求 {sent:bytes}、応答 {got:bytes}。",
)
UNANSWERED = message(
    "capture.summary_unanswered",
    en="{responder}: handshake and request of {sent:bytes}, 0 bytes back.",
    ja="{responder}：握手と要求 {sent:bytes} まで成立、応答 0 byte。",
)
REFUSED = message("capture.summary_refused", en="{responder}: refused (RST).", ja="{responder}：RST で拒否。")
SILENT = message("capture.summary_silent", en="{responder}: no answer to SYN.", ja="{responder}：SYN に応答なし。")
MANY = message(
    "capture.summary_many",
    en="{n:count} TCP conversations with {responders:count} responders; {answered:count} got data back, {refused:count} refused, "
    "{silent:count} without an answer.",
    ja="TCP 会話 {n:count} 件（応答側 {responders:count}）。データの応答あり {answered:count}、拒否 {refused:count}、無応答 {silent:count}。",
)
REMARKS = message(
    "capture.summary_remarks",
    en="{resent:count} {resent:plural:retransmission|retransmissions}, {keep_alive:count} {keep_alive:plural:keep-alive|keep-alives}, "
    "{dup_ack:count} duplicate {dup_ack:plural:ACK|ACKs}, {zero_window:count} zero {zero_window:plural:window|windows}.",
    ja="再送 {resent:count}、keep-alive {keep_alive:count}、重複 ACK {dup_ack:count}、zero window {zero_window:count}。",
)
TRUNCATED = message(
    "capture.summary_truncated",
    en="{n:count} frames were cut by the snapshot length.",
    ja="{n:count} フレームはスナップ長で切れている。",
)
MOST_LISTED = 4


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    capture = next(f for f in facts if isinstance(f, Capture))
    if not capture.frame_count:
        yield Statement(EMPTY())
        return
    found = [c for c in case.all(Conversation) if c.file == file.path]
    tcp = [c for c in found if c.protocol == "tcp"]
    yield Statement(COUNT(frames=capture.frame_count, n=len(found)))
    if len(tcp) > MOST_LISTED:
        yield _many(tcp)
    else:
        yield from (_one(case, c) for c in tcp)
    if tcp:
        yield _remarks(tcp)
    if capture.truncated_count:
        yield Statement(TRUNCATED(n=capture.truncated_count))


def _one(case: Case, c: Conversation) -> Statement:
    responder, (sent, got) = str(c.responder), c.payload_bytes
    if c.conn_state == "REJ":
        return Statement(REFUSED(responder=responder), (cite(case, c, c.rst_frame),))
    if not c.syn_ack_frame and c.syn_frame:
        return Statement(SILENT(responder=responder), (cite(case, c, c.syn_frame, c.last_frame),))
    if sent and not got and c.handshake_complete:
        places = (cite(case, c, c.first_data_frames[0], c.close_frame or c.last_frame),)
        return Statement(UNANSWERED(responder=responder, sent=sent), places)
    return Statement(ANSWERED(responder=responder, sent=sent, got=got), (cite(case, c, *c.first_data_frames),))


def _many(tcp: Sequence[Conversation]) -> Statement:
    return Statement(
        MANY(
            n=len(tcp),
            responders=len({str(c.responder) for c in tcp}),
            answered=sum(1 for c in tcp if c.payload_bytes[1]),
            refused=sum(1 for c in tcp if c.conn_state == "REJ"),
            silent=sum(1 for c in tcp if c.conn_state == "S0"),
        ),
        (Citation(tcp[0].file),),
    )


def _remarks(tcp: Sequence[Conversation]) -> Statement:
    resent = sum(c.tcp.retransmission + c.tcp.fast_retransmission + c.tcp.spurious_retransmission for c in tcp)
    return Statement(
        REMARKS(
            resent=resent,
            keep_alive=sum(c.tcp.keep_alive for c in tcp),
            dup_ack=sum(c.tcp.dup_ack for c in tcp),
            zero_window=sum(c.tcp.zero_window for c in tcp),
        )
    )

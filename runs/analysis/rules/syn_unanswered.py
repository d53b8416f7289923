"""A SYN, repeated or not, and nothing back.

Claim: within the capture no SYN+ACK, RST or ICMP error answers the SYNs of an attempt. Retries of one attempt (same ports, same
initial sequence number) are one; their number and intervals are told. Whether the SYN never arrived or its answer never came back cannot be
said at the originator's side; a capture at the responder decides.

Silent when the capture ends within 1 s of the only SYN, and when an ICMP error explains it (`icmp_rejected`).

Refuted by: a SYN+ACK or RST in a capture at the same place; drops counted by the capture.

Source: RFC 9293 §3.8.1 (retransmission of SYN), RFC 6298 §2 (1 s, doubling); Zeek's connection state S0.
"""

from collections.abc import Iterator
from itertools import pairwise

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite_many, frame_ns, rows_of
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, SYN
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

LEAST_WAIT_NS = SECOND_NS
MOST_TOLD = 50

TITLE = message("syn_unanswered", en="A SYN is not answered", ja="SYN に応答がない")
UNANSWERED = message(
    "syn_unanswered.title",
    en="{responder} does not answer: {n:count} SYN in {waited:duration}, nothing back.",
    ja="{responder} から応答がない：{waited:duration} の間に SYN {n:count} 回、返答なし。",
)
REPEATED = message(
    "syn_unanswered.repeated",
    en="The SYN is sent {n:count} times, {intervals:list} apart.",
    ja="SYN は {n:count} 回送られている（間隔 {intervals:list}）。",
)
INTERVAL = message("syn_unanswered.interval", en="{t:duration}", ja="{t:duration}")
ONCE = message(
    "syn_unanswered.once", en="One SYN is sent and {waited:duration} pass.", ja="SYN を 1 回送り、{waited:duration} 経過。"
)
REFUTE = message(
    "syn_unanswered.refute",
    en="A SYN+ACK or RST from {responder} in a capture at the same place.",
    ja="同じ採取点のキャプチャに {responder} の SYN+ACK か RST があれば覆る。",
)
AT_RESPONDER = message(
    "syn_unanswered.at_responder",
    en="Capture at the responder: does the SYN arrive, and does it answer?",
    ja="応答側で採取し、SYN が届くか、返答しているかを確認する。",
)
ANSWERED = message(
    "syn_unanswered.answered", en="Every SYN to {responder} is answered.", ja="{responder} への SYN にはすべて応答がある。"
)


@rule(
    title=TITLE,
    domain="network",
    topics=["service-down", "packet-filter", "routing"],
    needs=[Conversation],
    uses=[Capture],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder."""
    ends_ns = {c.file: c.last_ns for c in case.all(Capture) if c.last_ns is not None and not c.is_text}
    answered: dict[str, Statement] = {}
    found = 0
    for c in case.all(Conversation):
        if c.protocol != "tcp" or not c.syn_frame:
            continue
        if c.conn_state == "S0" and not c.frames[1]:
            waited = max(ends_ns.get(c.file, c.end_ns), c.end_ns) - c.start_ns
            if waited >= LEAST_WAIT_NS and found < MOST_TOLD:
                found += 1
                yield _found(case, c, waited)
        elif c.syn_ack_frame and len(answered) < 12:
            place = cite_many(case, c, (c.syn_frame, c.syn_ack_frame))
            answered.setdefault(str(c.responder), statement(ANSWERED(responder=str(c.responder)), place))
    if answered and not found:
        yield Excluded(statements=tuple(answered.values()))


def _found(case: Case, c: Conversation, waited: int) -> Found:
    packets = case.table(c, "packets")
    rows = rows_of(case, c)
    syns = rows[packets["tcp_flags"][rows] & (SYN | ACK) == SYN].tolist() if packets is not None else [c.syn_frame - 1]
    frames = [row + 1 for row in syns]
    times = [t for t in (frame_ns(case, c, n) for n in frames) if t is not None]
    responder = str(c.responder)
    if len(times) > 1:
        intervals = [INTERVAL(t=b - a) for a, b in pairwise(times)]
        told = statement(REPEATED(n=len(times), intervals=intervals[:8]), cite_many(case, c, frames[:20]))
    else:
        told = statement(ONCE(waited=waited), cite_many(case, c, frames))
    return Found(
        outcome="fail",
        severity="high",
        confidence="firm",
        title=UNANSWERED(responder=responder, n=len(frames), waited=waited),
        statements=(told,),
        subject=responder_subject(c.responder),
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(responder=responder),
        next_actions=(
            Action(AT_RESPONDER(), f"sudo tcpdump -i any -s 0 -w responder.pcap 'host {c.originator.address} or icmp or icmp6'"),
        ),
    )

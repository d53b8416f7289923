"""The responder answers with SYN+ACK again and again, and the originator keeps repeating its SYN: the SYN+ACK does not arrive.

Claim: seen from the responder's side, the way there works (the SYNs arrive) and the way back loses (no ACK ever follows). A SYN+ACK
may carry a new initial sequence number each time; it is the same attempt as long as ports and the SYN's number agree. At the originator's
side a SYN+ACK that is seen and never acknowledged means that this host drops it.

Threshold: two SYN+ACKs without an ACK, or one that 1 s of capture follows.

Refuted by: an ACK of the handshake; a capture at the originator that shows the SYN+ACK arriving.

Source: RFC 9293 §3.5; RFC 6528 (initial sequence numbers); Zeek's connection state S1 without the final ACK.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, SYN
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, Statement

LEAST_NS = SECOND_NS
TITLE = message("return_path_lost", en="The way back loses the SYN+ACK", ja="戻りの SYN+ACK が失われている")
LOST = message(
    "return_path_lost.title",
    en="SYN+ACK from {responder} does not reach {originator}: sent {n:count} {n:plural:time|times}, never acknowledged. The way there works, "
    "the way back loses.",
    ja="{responder} の SYN+ACK が {originator} に届いていない：{n:count} 回送っても ACK が来ない。行きは届き、戻りが失われている。",
)
SYNS = message("return_path_lost.syns", en="The SYN arrives {n:count} {n:plural:time|times}.", ja="SYN は {n:count} 回届いている。")
ANSWERS = message(
    "return_path_lost.answers",
    en="Each is answered with SYN+ACK, {n:count} in all; no ACK follows within {waited:duration}.",
    ja="SYN+ACK を計 {n:count} 回返しているが、{waited:duration} の間 ACK は来ない。",
)
ORPHAN = message(
    "return_path_lost.orphan",
    en="SYN+ACK without a SYN in this capture: the responder repeats its answer to an attempt from before.",
    ja="このキャプチャに SYN のない SYN+ACK は、以前の試行に対する再送である。",
)
REFUTE = message(
    "return_path_lost.refute",
    en="An ACK from {originator}, or a capture there that shows the SYN+ACK arriving.",
    ja="{originator} からの ACK、または同側のキャプチャで SYN+ACK の到着が確認できれば覆る。",
)
WIDE = message(
    "return_path_lost.wide",
    en="Capture at the responder with ICMP: who on the way back rejects or drops it?",
    ja="応答側で ICMP を含めて採取し、戻り経路のどこが拒否・破棄しているかを確認する。",
)
TRACE = message("return_path_lost.trace", en="Trace the way back.", ja="戻り経路を traceroute で確認する。")
COMPLETE = message(
    "return_path_lost.complete",
    en="Every SYN+ACK of {responder} is acknowledged.",
    ja="{responder} の SYN+ACK はすべて ACK されている。",
)


@rule(
    title=TITLE,
    domain="network",
    topics=["return-path", "packet-filter", "routing"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder."""
    complete: dict[str, Statement] = {}
    for c in case.all(Conversation):
        if c.protocol != "tcp" or not c.syn_ack_frame:
            continue
        if c.completeness & 4 or c.rst_frame or sum(c.payload_bytes):
            if c.handshake_complete and len(complete) < 12:
                place = cite_many(case, c, (c.syn_ack_frame, c.handshake_ack_frame))
                complete.setdefault(str(c.responder), statement(COMPLETE(responder=str(c.responder)), place))
            continue
        yield from _lost(case, c)
    if complete:
        yield Excluded(statements=tuple(complete.values()))


def _lost(case: Case, c: Conversation) -> Iterator[Outcome]:
    packets = case.table(c, "packets")
    if packets is None:
        return
    rows = rows_of(case, c)
    flags = packets["tcp_flags"][rows] & (SYN | ACK)
    syns, answers = (rows[flags == SYN] + 1).tolist(), (rows[flags == SYN | ACK] + 1).tolist()
    if len(answers) < 2 and c.duration_ns < LEAST_NS:
        return
    originator, responder = c.originator.address, str(c.responder)
    told = [statement(ANSWERS(n=len(answers), waited=c.duration_ns), cite_many(case, c, answers[:20]))]
    if syns:
        told.insert(0, statement(SYNS(n=len(syns)), cite_many(case, c, syns[:20])))
    else:
        told.append(statement(ORPHAN(), cite_many(case, c, answers[:1])))
    yield Found(
        outcome="fail",
        severity="critical",
        confidence="certain" if syns and len(answers) > 1 else "firm",
        title=LOST(responder=responder, originator=originator, n=len(answers)),
        statements=tuple(told),
        subject=responder_subject(c.responder),
        endpoints=ends(c.originator, c.responder),
        because=(
            Cause("icmp_rejected", {"direction": "to originator", "address": c.responder.address, "port": str(c.responder.port)}),
        ),
        refuted_by=REFUTE(originator=originator),
        next_actions=(
            Action(
                WIDE(),
                f"sudo tcpdump -i any -nn -s 0 -w wide.pcap '(host {originator} and port {c.responder.port}) or icmp or icmp6'",
            ),
            Action(TRACE(), f"traceroute -n {originator}"),
        ),
    )

"""Segments are missing from the capture itself: the receiver has them, the file has not.

Claim: 'previous segment not captured' where the receiver then acknowledges the missing range and no retransmission follows: the
packets were there, and the capture lost them. Not where the acknowledged data stands
behind its ACK: the frames of several processors or interfaces come in disorder. By Zeek's measure a warning from a tenth of the ACKs on.

Refuted by: a retransmission of the range (then the path lost it), drops that tcpdump counts elsewhere.

Source: Wireshark's 'previous segment not captured' and 'ACKed unseen segment'; Zeek's capture-loss script.
"""

from collections.abc import Iterator

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, ACK_LOST_SEGMENT
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome

WARN_SHARE = 0.1
LEAST = 1
HALF = 1 << 31

TITLE = message("capture_gap", en="The capture has gaps", ja="キャプチャに欠落がある")
GAPS = message(
    "capture_gap.title",
    en="{id}: {n:count} {n:plural:ACK acknowledges|ACKs acknowledge} segments that are not in the capture; conclusions from absence are tentative.",
    ja="{id}：キャプチャにない区間を受領確認する ACK が {n:count} 個ある。写っていないことに基づく結論は暫定とする。",
)
HERE = message(
    "capture_gap.here", en="These ACKs acknowledge what the capture does not hold.", ja="キャプチャにない範囲を受領確認する ACK。"
)
REFUTE = message("capture_gap.refute", en="A retransmission of the range.", ja="その範囲の再送があれば、経路での損失である。")
AGAIN = message("capture_gap.again", en="Capture again with a larger buffer.", ja="バッファを大きくして採り直す。")
NONE = message(
    "capture_gap.none", en="Every acknowledged segment is in the capture.", ja="受領確認された区間はすべてキャプチャにある。"
)


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -B 16384 -s 96 -w run.pcap tcp",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder."""
    clean: list[Citation] = []
    for c in case.all(Conversation):
        if not c.tcp.ack_lost_segment and len(clean) >= 12:
            continue
        packets = case.table(c, "packets") if c.protocol == "tcp" else None
        if packets is None or not all(c.frames):
            continue
        marked = _unseen(packets, rows_of(case, c)) if c.tcp.ack_lost_segment else np.empty(0, np.int64)
        if len(marked) < LEAST:
            if len(clean) < 12 and any(c.payload_bytes):
                clean.append(cite_many(case, c, (c.first_frame, c.last_frame)))
            continue
        rows = rows_of(case, c)
        acks = int(np.count_nonzero(packets["tcp_flags"][rows] & ACK))
        much = len(marked) > WARN_SHARE * acks
        yield Found(
            outcome="fail" if much else "info",
            severity="low" if much else "info",
            confidence="firm",
            title=GAPS(id=c.id, n=len(marked)),
            statements=(statement(HERE(), cite_many(case, c, (int(r) + 1 for r in marked[:20]))),),
            subject=responder_subject(c.responder),
            endpoints=ends(c.originator, c.responder),
            refuted_by=REFUTE(),
            next_actions=(Action(AGAIN(), "sudo tcpdump -i any -B 16384 -s 96 -w run.pcap tcp"),),
        )
    if clean:
        yield Excluded(statements=(statement(NONE(), *clean),))


def _unseen(packets: Table, rows: Array) -> Array:
    """Rows of ACKs for data that the capture does not hold; what stands behind its ACK came in disorder."""
    marked: Array = rows[packets["remarks"][rows] & ACK_LOST_SEGMENT != 0]
    kept = []
    for side in (0, 1):
        own = marked[packets["direction"][marked] == side]
        data = rows[(packets["direction"][rows] != side) & (packets["payload_length"][rows] > 0)]
        if not len(own) or not len(data):
            kept.append(own)
            continue
        base = int(packets["sequence"][data[0]]) - HALF
        starts = (packets["sequence"][data].astype(np.int64) - base) & 0xFFFFFFFF
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], (starts + packets["payload_length"][data])[order]
        last = (packets["acknowledgment"][own].astype(np.int64) - 1 - base) & 0xFFFFFFFF
        at = np.searchsorted(starts, last, side="right") - 1
        at = np.maximum(at, 0)
        is_behind = (starts[at] <= last) & (last < ends[at]) & (data[order][at] > own)
        kept.append(own[~is_behind])
    return np.sort(np.concatenate(kept))

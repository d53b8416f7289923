"""More of a direction's data segments are sent again than a sound path would cause.

Claim: over the whole conversation more than 1 % of at least 100 data segments of one direction are retransmissions by Wireshark's
definition (plain, fast and spurious ones), or what it calls out of order although the capture or the IP id proves that it was sent
once more (domain/resent.py). Keep-alives, window probes, SYNs and frames that the capture holds twice (domain/copies.py) do not
count, neither as segments nor as retransmissions; what a sender repeats because a router told it a smaller MTU is no loss.

`info` where four fifths of them or more resend what the receiver had already: no data was lost.

1 %: with it, TCP's throughput falls visibly already at a round trip of some ten milliseconds (Mathis et al. 1997); a sound wired
path has less than a tenth of that.

Refuted by: a capture elsewhere on the path that shows the segments once.

Source: Wireshark user's guide, TCP analysis; RFC 5681.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.domain.copies import without_copies
from runs.analysis.domain.far_points import READS
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.gathering import MORE, Gathered
from runs.analysis.domain.loss_side import LossSide
from runs.analysis.domain.resent import answers_too_big, sent_again, sent_in_vain, too_big_errors
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.messages import message
from runs.analysis.packets.schema import SYN
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

LEAST_SEGMENTS = 100
LEAST_SHARE = 0.01
MOST_NEEDLESS = 0.8
MOST_TOLD = 3

TITLE = message("retransmission_rate_high", en="Many segments are sent again", ja="再送率が高い")
HIGH = message(
    "retransmission_rate_high.title",
    en="{n:count} of {all:count} data segments from {sender} to {receiver} are retransmissions ({percent}\N{NO-BREAK SPACE}%).",
    ja="{sender} から {receiver} へのデータセグメント {all:count} 個中 {n:count} 個（{percent}\N{NO-BREAK SPACE}%）が再送。",
)
FRAMES = message("retransmission_rate_high.frames", en="The first of them are these.", ja="最初の再送はこれらのフレーム。")
SPURIOUS = message(
    "retransmission_rate_high.spurious",
    en="{n:count} of them resend what the receiver had already (spurious): nothing was lost there, the ACKs were, or came late, or "
    "packets overtook each other.",
    ja="うち {n:count} 個は相手がすでに受け取っていた範囲の再送（spurious）であり、データは失われていない"
    "（ACK の損失・遅延、またはパケットの追い越し）。",
)
REFUTE = message(
    "retransmission_rate_high.refute",
    en="A capture elsewhere on the path that shows these segments once.",
    ja="経路上の別の点のキャプチャで、これらのセグメントが 1 度しか現れなければ覆る。",
)
WHERE = message(
    "retransmission_rate_high.where",
    en="Capture at both ends at once and compare: between which points are they lost?",
    ja="両端で同時に採取し、どの区間で失われるか比べる。",
)
LOW = message(
    "retransmission_rate_high.low",
    en="{n:count} of {all:count} data segments are retransmissions.",
    ja="データセグメント {all:count} 個中、再送は {n:count} 個。",
)


class Counted(NamedTuple):
    """One direction of a conversation: its data segments, and the frames that are retransmissions."""

    conversation: Conversation
    segments: int
    frames: list[int]
    in_vain: list[int]  # those among them whose data the receiver had already


@rule(
    title=TITLE,
    domain="network",
    topics=["packet-loss"],
    needs=[Conversation],
    uses=[IcmpError, *READS],
    collect="sudo tcpdump -i any -s 96 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder and direction; pass for all conversations together."""
    counted = resent = 0
    too_big = too_big_errors(case.all(IcmpError))
    data_frames: dict[tuple[str, int], list[int]] = {}
    places: list[Citation] = []
    high: Gathered[tuple[Endpoint, int], Counted] = Gathered(MOST_TOLD)
    for c in case.all(Conversation):
        packets = case.table(c, "packets") if c.protocol == "tcp" and any(c.payload_bytes) else None
        if packets is None:
            continue
        if (c.file, c.segment) not in data_frames:
            data_frames[c.file, c.segment] = _data_frames(case, c)
        again = c.tcp.retransmission + c.tcp.fast_retransmission + c.tcp.spurious_retransmission
        if sum(c.frames) < LEAST_SEGMENTS or again + c.tcp.out_of_order <= LEAST_SHARE * LEAST_SEGMENTS:
            counted, resent = counted + data_frames[c.file, c.segment][c.row], resent + again
            if len(places) < 12:
                places.append(cite_many(case, c, (c.first_data_frames[0], c.first_data_frames[1])))
            continue
        all_rows = rows_of(case, c)
        rows = all_rows[(packets["payload_length"][all_rows] > 0) & (packets["tcp_flags"][all_rows] & SYN == 0)]
        for side in (0, 1):
            own = without_copies(packets, rows[packets["direction"][rows] == side])
            told_mtu = answers_too_big(packets, own, too_big.get((c.file, c.segment, c.row), ()))
            marked = own[sent_again(packets, own, c.initial_rtt_ns or 0) & ~told_mtu]
            counted, resent = counted + len(own), resent + len(marked)
            if len(own) >= LEAST_SEGMENTS and len(marked) > LEAST_SHARE * len(own):
                peers = all_rows[packets["direction"][all_rows] != side]
                in_vain = np.intersect1d(marked, own[sent_in_vain(packets, own, peers)])
                high.add((c.responder, side), Counted(c, len(own), (marked + 1).tolist(), (in_vain + 1).tolist()))
    loss_side = LossSide(case)
    for (_, side), found, more in high:
        yield _found(case, loss_side, side, found, more)
    yield from loss_side.unsettled()
    if places and counted and resent <= LEAST_SHARE * counted:
        yield Excluded(statements=(statement(LOW(n=resent, all=counted), *places),))


def _data_frames(case: Case, c: Conversation) -> list[int]:
    """Segments with payload of each conversation of the same capture, by its row."""
    table = case.table(c, "conversations")
    counts: list[int] = table["data_frame_counts"].sum(axis=1).tolist() if table is not None else [0] * (c.row + 1)
    return counts


def _found(case: Case, loss_side: LossSide, side: int, found: Sequence[Counted], more: int) -> Found:
    worst = max(found, key=lambda one: len(one.frames) / one.segments)
    c, segments, frames, _ = worst
    sender, receiver = (c.originator, c.responder) if side == 0 else (c.responder, c.originator)
    told = []
    for one in found:
        told.append(statement(FRAMES(), cite_many(case, one.conversation, one.frames[:20])))
        if one.in_vain:
            told.append(statement(SPURIOUS(n=len(one.in_vain)), cite_many(case, one.conversation, one.in_vain[:3])))
    sides = [s for one in found for s in loss_side.of_segments(one.conversation, side, [n - 1 for n in one.frames], are_all=True)]
    told += sides
    if more:
        told.append(Statement(MORE(n=more)))
    both_ends = f"sudo tcpdump -i any -s 96 -w both_ends.pcap 'host {receiver.address} or icmp or icmp6'"
    needless = sum(len(one.in_vain) for one in found) >= MOST_NEEDLESS * sum(len(one.frames) for one in found)
    percent = f"{100 * len(frames) / segments:.1f}"
    return Found(
        outcome="info" if needless else "fail",
        severity="info" if needless else "high" if len(frames) > 0.05 * segments else "medium",
        confidence="firm",
        title=HIGH(n=len(frames), all=segments, sender=sender.address, receiver=receiver.address, percent=percent),
        statements=tuple(told),
        subject=responder_subject(c.responder) | {"direction": "to responder" if side == 0 else "to originator"},
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(),
        next_actions=() if sides else (Action(WHERE(), both_ends),),
    )

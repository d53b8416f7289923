"""Loss over a stretch of a conversation, which the rate over the whole would hide.

Claim: within a stretch of at least 100 data segments of one direction more than 1 % are retransmissions, although over the whole conversation
it may be less. Begin, end, the rate inside and what preceded it are told.

Method: retransmissions of the direction (domain/resent.py) that follow each other with less than 100 data segments between make a
stretch; it grows to 100 segments around them. At least three retransmissions: one or two prove no episode. The rate inside is at
least three times that of the rest, else the loss is even and `retransmission_rate_high` judges it. Three alone are `low`. Where half as many
or more had reached the receiver already, packets overtook each other: no loss. Where a second capture point holds the conversation: on which
side of it they were lost.

Refuted by: a capture elsewhere that shows these segments once.

Source: the same definition as `retransmission_rate_high`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Table
from runs.analysis.domain.copies import without_copies
from runs.analysis.domain.far_points import READS
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.loss_side import LossSide
from runs.analysis.domain.resent import answers_too_big, sent_again, sent_in_vain, too_big_errors
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.messages import message
from runs.analysis.packets.schema import RESENT, SPURIOUS_RETRANSMISSION, SYN
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, Statement

LEAST_SEGMENTS = 100
LEAST_RESENT = 3
LEAST_SHARE = 0.01
STANDS_OUT = 3
FEW = 4

TITLE = message("loss_episode", en="An episode of loss", ja="一時的な損失区間がある")
EPISODE = message(
    "loss_episode.title",
    en="From {start:time} for {span:duration} {n:count} of {all:count} data segments from {sender} are sent again ({percent} %).",
    ja="{start:time} から {span:duration} の間、{sender} のデータセグメント {all:count} 個中 {n:count} 個（{percent} %）が再送。",
)
FIRST = message(
    "loss_episode.first", en="It begins and ends with these retransmissions.", ja="この区間は次の再送で始まり、終わる。"
)
BEFORE = message(
    "loss_episode.before",
    en="Before it {n:count} data segments passed with {lost:count} retransmissions.",
    ja="それ以前のデータセグメント {n:count} 個での再送は {lost:count} 個。",
)
DUP_ACKS = message(
    "loss_episode.dup_acks",
    en="The receiver answers with {n:count} duplicate ACKs.",
    ja="受信側は重複 ACK を {n:count} 回返している。",
)
REFUTE = message(
    "loss_episode.refute",
    en="A capture elsewhere that shows these segments once.",
    ja="別の点のキャプチャで 1 度しか現れなければ覆る。",
)
WHEN = message("loss_episode.when", en="What happened on the path at that time?", ja="その時刻に経路上で何があったか確認する。")
NONE = message("loss_episode.none", en="No stretch with loss.", ja="損失の集中する区間はない。")


class Episode(NamedTuple):
    """A stretch of one direction: positions in its data segments, and which of them are sent again."""

    side: int
    first: int
    last: int
    resent: list[int]  # rows
    before: int  # how many are sent again ahead of the stretch
    rows: list[int]  # first and last row of the stretch


@rule(
    title=TITLE,
    domain="network",
    topics=["packet-loss"],
    needs=[Conversation],
    uses=[IcmpError, *READS],
    collect="sudo tcpdump -i any -s 96 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder and direction, with its worst episodes."""
    clean: list[Citation] = []
    loss_side = LossSide(case)
    too_big = too_big_errors(case.all(IcmpError))
    for c in case.all(Conversation):
        packets = case.table(c, "packets") if c.protocol == "tcp" and sum(c.frames) >= LEAST_SEGMENTS else None
        if packets is None:
            continue
        resent = c.tcp.retransmission + c.tcp.fast_retransmission + c.tcp.out_of_order
        told_mtu = too_big.get((c.file, c.segment, c.row), ())
        found = [e for side in (0, 1) for e in episodes(packets, case, c, side, told_mtu)] if resent >= LEAST_RESENT else []
        for episode in found[:3]:
            yield _found(case, loss_side, c, packets, episode)
        if not found and len(clean) < 12:
            clean.append(cite_many(case, c, (c.first_frame, c.last_frame)))
    yield from loss_side.unsettled()
    if clean:
        yield Excluded(statements=(statement(NONE(), *clean),))


def episodes(packets: Table, case: Case, c: Conversation, side: int, too_big: Sequence[IcmpError] = ()) -> list[Episode]:
    """The stretches with loss of one direction, worst first. What was acknowledged before (spurious) is no lost data."""
    rows = rows_of(case, c)
    is_data = (packets["payload_length"][rows] > 0) & (packets["tcp_flags"][rows] & SYN == 0)
    own = without_copies(packets, rows[is_data & (packets["direction"][rows] == side)])
    if len(own) < LEAST_SEGMENTS:
        return []
    lost = sent_again(packets, own, c.initial_rtt_ns or 0, RESENT & ~SPURIOUS_RETRANSMISSION) & ~answers_too_big(
        packets, own, too_big
    )
    marked = np.flatnonzero(lost)
    in_vain = sent_in_vain(packets, own, rows[packets["direction"][rows] != side])
    found = []
    for group in np.split(marked, np.flatnonzero(np.diff(marked) > LEAST_SEGMENTS) + 1):
        if len(group) < LEAST_RESENT:
            continue
        first, last = int(group[0]), int(group[-1])
        missing = max(0, LEAST_SEGMENTS - (last - first + 1))
        last = min(len(own) - 1, last + missing - missing // 2)
        first = max(0, min(first - missing // 2, last - LEAST_SEGMENTS + 1))
        last = max(last, min(len(own), first + LEAST_SEGMENTS) - 1)
        if 2 * np.count_nonzero(in_vain[first : last + 1]) >= len(group):
            continue
        if len(group) > LEAST_SHARE * (last - first + 1) and _stands_out(len(group), last - first + 1, len(marked), len(own)):
            found.append(
                Episode(
                    side, first, last, own[group].tolist(), int(np.count_nonzero(marked < first)), [int(own[first]), int(own[last])]
                )
            )
    return sorted(found, key=lambda e: -len(e.resent))


def _stands_out(inside: int, stretch: int, resent: int, segments: int) -> bool:
    """Whether the rate inside is well above that of the rest; True where there is no rest."""
    rest = segments - stretch
    return not rest or inside * rest >= STANDS_OUT * (resent - inside) * stretch


def _found(case: Case, loss_side: LossSide, c: Conversation, packets: Table, e: Episode) -> Found:
    sender = c.originator if e.side == 0 else c.responder
    times = packets["ts_ns"]
    start, span = int(times[e.resent[0]]) + c.clock_offset_ns, int(times[e.resent[-1]] - times[e.resent[0]])
    count = e.last - e.first + 1
    percent = f"{100 * len(e.resent) / count:.1f}"
    told: list[Statement] = [statement(FIRST(), cite_many(case, c, [r + 1 for r in (*e.resent[:10], *e.resent[-3:])]))]
    if e.first:
        told.append(statement(BEFORE(n=e.first, lost=e.before), cite_many(case, c, (c.first_data_frames[e.side],))))
    if c.tcp.dup_ack:
        told.append(Statement(DUP_ACKS(n=c.tcp.dup_ack)))
    told += loss_side.of_segments(c, e.side, e.resent)
    subject = responder_subject(c.responder) | {"direction": "to responder" if e.side == 0 else "to originator"}
    return Found(
        outcome="fail",
        severity="low" if len(e.resent) < FEW else "medium",
        confidence="firm",
        title=EPISODE(start=start, span=span, n=len(e.resent), all=count, sender=sender.address, percent=percent),
        statements=tuple(told),
        subject=subject,
        endpoints=ends(c.originator, c.responder),
        because=(Cause("retransmission_rate_high", subject),),
        refuted_by=REFUTE(),
        next_actions=(Action(WHEN(), "ip -s link; ethtool -S IFACE | grep -iE 'drop|err|crc'"),),
    )

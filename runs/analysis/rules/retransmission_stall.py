"""The same data is sent again and again, and the transfer stands still meanwhile.

Claim: one sequence number with payload is sent at least three times over at least 0.5 s. Times and intervals are listed and their
cadence named: fixed (a device's or a program's own timer), doubling (the normal back-off of RFC 6298), or irregular. How long it
stood, how it ended, and whether the receiver had already acknowledged that range: then its ACKs do not arrive, or the sender
ignores them, and the way of the data is not suspect.

Threshold: three sendings, since two are one loss as every path has it; 0.5 s, since fast recovery is over by then. 'Already
acknowledged' is said where two of the sendings come later than one round trip after the ACK: one that crosses its ACK on the way
proves nothing.

Where a second capture holds the same conversation at another point of the way and ran on: whether each sending arrived there, so between
which points it was lost. A capture that ended, dropped packets or holds the data cut differently tells nothing.

Excluded: SYNs (one attempt each), keep-alives and window probes, frames that the capture holds twice (domain/copies.py), sequence
numbers that come round again after 4 GiB.

Refuted by: a capture at the sender without the repetitions.

Source: RFC 6298 (retransmission timer), RFC 2883 (D-SACK); Wireshark's definition of a retransmission.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.copies import without_copies
from runs.analysis.domain.far_points import READS
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.gathering import MORE, Gathered
from runs.analysis.domain.loss_side import LossSide
from runs.analysis.domain.repeated_segments import repeating_sides
from runs.analysis.domain.wording import ends, median, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, FIN, KEEP_ALIVE, OUT_OF_ORDER, RESENT, RST, SYN, ZERO_WINDOW_PROBE
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, Severity, Statement

LEAST_SENDINGS = 3
LEAST_NS = SECOND_NS // 2
MOST_STALLS = 5
MOST_NUMBERS = 200  # sequence numbers looked at in one direction of a conversation
MOST_TOLD = 3  # conversations of one responder and direction told in full

TITLE = message(
    "retransmission_stall", en="The transfer stands while the same data is resent", ja="同じデータの再送が続き転送が止まる"
)
ACKS_LOST = message(
    "retransmission_stall.title_acked",
    en="{sender} sends the same segment {n:count} times in {span:duration} although {receiver} has acknowledged it: the data arrives, "
    "its ACKs do not.",
    ja="{sender} が同じセグメントを {span:duration} の間に {n:count} 回送る。{receiver} は受領確認済みであり、データは届き、"
    "ACK が届いていない。",
)
STALLS = message(
    "retransmission_stall.title",
    en="{sender} sends the same segment {n:count} times in {span:duration}: the transfer to {receiver} stands still.",
    ja="{sender} が同じセグメントを {span:duration} の間に {n:count} 回送り、{receiver} への転送が止まる。",
)
SENT = message(
    "retransmission_stall.sent",
    en="Sequence number {seq:count} ({size:bytes}) is sent {n:count} times from {start:time} on, {intervals:list} apart ({cadence}).",
    ja="シーケンス番号 {seq:count}（{size:bytes}）が {start:time} から {n:count} 回送られる（間隔 {intervals:list}、{cadence}）。",
)
INTERVAL = message("retransmission_stall.interval", en="{t:duration}", ja="{t:duration}")
CADENCES = {
    "fixed": message("retransmission_stall.fixed", en="a fixed interval", ja="一定間隔"),
    "doubling": message("retransmission_stall.doubling", en="doubling, the normal back-off", ja="倍々に延びる通常のバックオフ"),
    "settled": message("retransmission_stall.settled", en="a fixed interval after the first", ja="初回を除き一定間隔"),
    "irregular": message("retransmission_stall.irregular", en="irregular", ja="不規則"),
}
ACKED = message(
    "retransmission_stall.acked",
    en="The receiver had acknowledged this range before: its ACKs do not reach the sender (or the sender ignores them). The data arrives.",
    ja="受信側はこの範囲を既に受領確認済み。ACK が送信側に届いていない（または送信側が無視している）のであり、データは届いている。",
)
NOT_ACKED = message(
    "retransmission_stall.not_acked",
    en="No acknowledgment of it comes in between: the data does not arrive, or its ACK is lost.",
    ja="その間、受領確認は来ない。データが届いていないか、ACK が失われている。",
)
RESUMED = message(
    "retransmission_stall.resumed", en="New data follows after {span:duration}.", ja="{span:duration} 後に新しいデータが続く。"
)
NEVER = message(
    "retransmission_stall.never", en="No new data follows in this conversation.", ja="この会話では以後新しいデータが続かない。"
)
REFUTE = message(
    "retransmission_stall.refute",
    en="A capture at the sender without the repetitions.",
    ja="送信側のキャプチャに繰り返しがなければ覆る。",
)
BOTH_ENDS = message(
    "retransmission_stall.both_ends",
    en="Capture at both ends at once: which direction loses?",
    ja="両端で同時に採取し、どちらの方向が失われるか確認する。",
)
NONE = message(
    "retransmission_stall.none",
    en="No segment was sent three times over half a second ({n:count} TCP {n:plural:conversation|conversations}).",
    ja="0.5 秒以上にわたり 3 回以上送られたセグメントはない（TCP 会話 {n:count} 件）。",
)


class Stall(NamedTuple):
    """One sequence number and the rows that send it."""

    side: int
    rows: list[int]
    acked_before: bool
    resumes: int | None  # row of the first new data afterwards


@rule(
    title=TITLE,
    domain="network",
    topics=["packet-loss", "return-path"],
    needs=[Conversation],
    uses=READS,
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder and direction, with its longest stalls."""
    tcp = [c for c in case.all(Conversation) if c.protocol == "tcp"]
    silent = []
    gathered: Gathered[tuple[Endpoint, int], tuple[Conversation, list[Stall]]] = Gathered(MOST_TOLD)
    repeating: dict[tuple[str, int], set[tuple[int, int]]] = {}
    for c in tcp:
        place = (c.file, c.segment)
        if place not in repeating:
            packets = case.table(c, "packets")
            repeating[place] = repeating_sides(packets, LEAST_SENDINGS, LEAST_NS) if packets is not None else set()
        again = repeating[place]
        if (c.row, 0) not in again and (c.row, 1) not in again:
            silent.append(c)
            continue
        packets = case.table(c, "packets")
        sides = [side for side in (0, 1) if (c.row, side) in again]
        wanted = [side for side in sides if not gathered.is_full((c.responder, side))]
        found = stalls(packets, rows_of(case, c), c.initial_rtt_ns or 0) if packets is not None and wanted else []
        for side in sides:
            own = [s for s in found if s.side == side]
            if own:
                gathered.add((c.responder, side), (c, own))
            elif side not in wanted:
                gathered.count((c.responder, side))
    loss_side = LossSide(case)
    for (_, side), told, more in gathered:
        yield _found(case, loss_side, side, told, more)
    yield from loss_side.unsettled()
    if silent and len(silent) == len(tcp):
        places = [cite_many(case, c, (c.first_frame, c.last_frame)) for c in silent[:12]]
        yield Excluded(statements=(statement(NONE(n=len(silent)), *places),))


def stalls(packets: Table, rows: Array, round_trip_ns: int) -> list[Stall]:
    """The stalls of a conversation, in the order of time."""
    found = []
    flags, remarks = packets["tcp_flags"][rows], packets["remarks"][rows]
    data = (packets["payload_length"][rows] > 0) & (flags & (SYN | RST) == 0) & (remarks & (KEEP_ALIVE | ZERO_WINDOW_PROBE) == 0)
    for side in (0, 1):
        own = without_copies(packets, rows[data & (packets["direction"][rows] == side)])
        peers = rows[(packets["direction"][rows] != side) & (flags & ACK != 0)]
        _, inverse, counts = np.unique(packets["sequence"][own], return_inverse=True, return_counts=True)
        by_number, ends = own[np.argsort(inverse, kind="stable")], np.cumsum(counts)
        groups = (by_number[ends[i] - counts[i] : ends[i]].tolist() for i in np.flatnonzero(counts >= LEAST_SENDINGS).tolist())
        for group in islice((g for g in groups if _is_stall(packets, g)), MOST_NUMBERS):
            found.append(_stall(packets, side, group, own, peers, round_trip_ns))
    return sorted(found, key=lambda s: s.rows[0])


def _is_stall(packets: Table, sendings: list[int]) -> bool:
    """Whether sendings of one number make a stall: enough of them, long enough, and each a repetition by the TCP analysis."""
    if len(sendings) < LEAST_SENDINGS or packets["ts_ns"][sendings[-1]] - packets["ts_ns"][sendings[0]] < LEAST_NS:
        return False
    return bool((packets["remarks"][sendings[1:]] & (RESENT | OUT_OF_ORDER) != 0).all())


def _stall(packets: Table, side: int, group: list[int], own: Array, peers: Array, round_trip_ns: int) -> Stall:
    number = int(packets["sequence"][group[0]])
    end = number + int(packets["payload_length"][group[0]])
    acks = peers[(peers > group[0]) & (peers < group[-1])]
    ahead = (packets["acknowledgment"][acks].astype(np.int64) - end) & 0xFFFFFFFF
    first_ack = acks[ahead < 0x80000000]
    acked = False
    if len(first_ack):
        heard_ns = int(packets["ts_ns"][first_ack[0]]) + round_trip_ns
        acked = int((packets["ts_ns"][group] > heard_ns).sum()) >= LEAST_SENDINGS - 1
    later = own[own > group[-1]]
    newer = (packets["sequence"][later].astype(np.int64) - number) & 0xFFFFFFFF
    fresh = later[(newer > 0) & (newer < 0x80000000)]
    return Stall(side, group, acked, int(fresh[0]) if len(fresh) else None)


def cadence(intervals: Sequence[int]) -> str:
    """'fixed', 'doubling', 'settled' (fixed but for the first) or 'irregular'."""
    if len(intervals) < 2:
        return "irregular"
    middle = median(intervals) or 1
    if all(abs(t - middle) <= middle // 5 for t in intervals):
        return "fixed"
    if all(1.6 <= b / max(a, 1) <= 2.4 for a, b in pairwise(intervals)):
        return "doubling"
    return "settled" if len(intervals) > 3 and cadence(intervals[1:]) == "fixed" else "irregular"


def _severity(span: int) -> Severity:
    return "high" if span >= 2 * SECOND_NS else "medium"


def _found(case: Case, loss_side: LossSide, side: int, found: Sequence[tuple[Conversation, list[Stall]]], more: int) -> Found:
    told, worst, span, located = [], found[0], -1, False
    for c, all_stalls in found:
        packets = case.table(c, "packets")
        assert packets is not None
        own = sorted(all_stalls, key=lambda s: _span(packets, s), reverse=True)[:MOST_STALLS]
        told += [t for s in own for t in _told(case, c, packets, s)]
        sides = list(loss_side.of_segment(c, side, own[0].rows[0]))
        told, located = [*told, *sides], located or bool(sides)
        if _span(packets, own[0]) > span:
            worst, span = (c, own), _span(packets, own[0])
    if more:
        told.append(Statement(MORE(n=more)))
    c = worst[0]
    sender, receiver = (c.originator, c.responder) if side == 0 else (c.responder, c.originator)
    command = f"sudo tcpdump -i any -s 96 -w both_ends.pcap 'host {receiver.address} or icmp or icmp6'"
    return Found(
        outcome="fail",
        severity=_severity(span),
        confidence="certain",
        title=(ACKS_LOST if worst[1][0].acked_before else STALLS)(
            sender=sender.address, receiver=receiver.address, n=len(worst[1][0].rows), span=span
        ),
        statements=tuple(told),
        subject=responder_subject(c.responder) | {"direction": "to responder" if side == 0 else "to originator"},
        endpoints=ends(c.originator, c.responder),
        because=(
            Cause("path_mtu_blackhole", responder_subject(c.responder)),
            Cause("zero_window_stall", responder_subject(c.responder)),
        ),
        refuted_by=REFUTE(),
        next_actions=() if located else (Action(BOTH_ENDS(), command),),
    )


def _span(packets: Table, stall: Stall) -> int:
    return int(packets["ts_ns"][stall.rows[-1]] - packets["ts_ns"][stall.rows[0]])


def _told(case: Case, c: Conversation, packets: Table, stall: Stall) -> Iterator[Statement]:
    conversations = case.table(c, "conversations")
    base = int(conversations["base_sequences"][c.row][stall.side]) if conversations is not None else 0
    first = stall.rows[0]
    times = packets["ts_ns"][stall.rows]
    intervals = [int(t) for t in np.diff(times)]
    said = SENT(
        seq=(int(packets["sequence"][first]) - base) & 0xFFFFFFFF,
        size=int(packets["payload_length"][first]),
        n=len(stall.rows),
        start=int(times[0]) + c.clock_offset_ns,
        intervals=[INTERVAL(t=t) for t in intervals[:8]],
        cadence=CADENCES[cadence(intervals)](),
    )
    yield statement(said, cite_many(case, c, (r + 1 for r in stall.rows[:20])))
    between = _answers(packets, rows_of(case, c), stall)
    said_of_acks = ACKED() if stall.acked_before else NOT_ACKED()
    yield statement(said_of_acks, cite_many(case, c, [r + 1 for r in between[:10]] or [first + 1]))
    if stall.resumes is not None:
        yield statement(RESUMED(span=int(packets["ts_ns"][stall.resumes] - times[0])), cite_many(case, c, (stall.resumes + 1,)))
    elif not c.continued_in:
        yield statement(NEVER(), cite_many(case, c, (stall.rows[-1] + 1,)))


def _answers(packets: Table, rows: Array, stall: Stall) -> list[int]:
    """What the other side says between the first sending and the last."""
    inside = rows[(rows > stall.rows[0]) & (rows <= stall.rows[-1] + 4) & (packets["direction"][rows] != stall.side)]
    return [int(r) for r in inside if not packets["tcp_flags"][r] & FIN]

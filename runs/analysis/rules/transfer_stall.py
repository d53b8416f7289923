"""A conversation that was moving data is silent for a second or more, and goes on later or not at all.

Claim: between two stretches of a transfer nothing at all, in neither direction, is captured for at least 1 s. What can be blamed
follows from what is missing: no data after everything was acknowledged (the sender, its way, or its program), or no
acknowledgment. A program's own log that waits at the same time is cited beside and tells which.

Threshold: within the second before the gap at least 10 data segments, half of them of 500 bytes or more, nine tenths of the bytes
one way, and the last of them not shorter than usual (a short last one ends what its program had to say,
unless 1 MiB came before it without a pause and much comes after): then it was in the
middle of a transfer. And the same side goes on: where the other side speaks first, the gap was between two requests. Four or more
gaps of equal length are a sender's own pace.

Not this rule: a request that waits for its answer (`response_missing`, `response_slow`), an idle connection with keep-alives,
window 0 (`zero_window_stall`).

Refuted by: packets of the gap in a capture without drops.

Source: the capture's own times.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.capture_side import READS, CaptureSides
from runs.analysis.domain.frames import cite_many, rows_of
from runs.analysis.domain.gathering import MORE, Gathered
from runs.analysis.domain.wording import ends, median, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Citation, Endpoint
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.log import NO_TIME, Log
from runs.analysis.messages import message
from runs.analysis.packets.schema import FIN, KEEP_ALIVE, KEEP_ALIVE_ACK, RESENT, RST, ZERO_WINDOW_PROBE
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Severity, Statement

LEAST_GAP_NS = SECOND_NS
LONG_BYTES = 1 << 20  # sent at a stretch: more than a protocol's message
BUSY_SEGMENTS = 10
MOST_GAPS = 8
MOST_LOOKED_AT = 1_000  # gaps of one conversation
MOST_RECENT = 2_000  # frames before a gap, and after it
LEAST_BYTES = 500
ONE_WAY = 0.9
PACED_GAPS = 4
MOST_TOLD = 3  # conversations of one responder and direction told in full

TITLE = message("transfer_stall", en="A transfer stands still", ja="転送が途切れている")
STALL = message(
    "transfer_stall.title",
    en="The transfer from {sender} to {receiver} is silent for {gap:duration}.",
    ja="{sender} から {receiver} への転送が {gap:duration} の間途切れる。",
)
GAP = message(
    "transfer_stall.gap",
    en="At {start:time} the packets cease, in both directions, for {gap:duration}.",
    ja="{start:time} に双方向ともパケットが止まり、{gap:duration} 続く。",
)
ALL_ACKED = message(
    "transfer_stall.all_acked",
    en="All data seen had been acknowledged: the receiver waits for data that does not come.",
    ja="届いたデータはすべて受領確認済みで、受信側は来ないデータを待っている。",
)
UNACKED = message(
    "transfer_stall.unacked",
    en="{n:bytes} were not acknowledged when it began: the sender waits for an acknowledgment.",
    ja="停止時点で {n:bytes} が未確認で、送信側は受領確認を待っている。",
)
RESUMES = message(
    "transfer_stall.resumes",
    en="It resumes with a packet from {who}.",
    ja="{who} からのパケットで再開する。",
)
RESENDS = message("transfer_stall.resends", en="It resumes with a retransmission.", ja="再送で再開する。")
LOG_WAITS = message(
    "transfer_stall.log_waits",
    en="{file} has no line in the gap and one at its end.",
    ja="{file} にはその間の行がなく、再開時に行がある。",
)
LOG_SAYS = message("transfer_stall.log_says", en="{file} has a line in the gap.", ja="{file} にはその間の行がある。")
REFUTE = message(
    "transfer_stall.refute",
    en="Packets of the gap in a capture without drops.",
    ja="取りこぼしのないキャプチャにこの間のパケットがあれば覆る。",
)
BOTH_ENDS = message(
    "transfer_stall.both_ends",
    en="Capture at the sender too: does it send during the gap?",
    ja="送信側でも採取し、その間に送信しているか確認する。",
)
AT_SENDER = message(
    "transfer_stall.at_sender",
    en="Look at the sending program: this was captured at its host, and nothing leaves during the gap.",
    ja="送信側プログラムを確認する。採取はそのホストで行われており、その間は何も送信されていない。",
)
NONE = message("transfer_stall.none", en="No transfer paused for a second or more.", ja="1 秒以上途切れた転送はない。")


class Gap(NamedTuple):
    """Nothing between two rows of a conversation."""

    before: int
    after: int
    span_ns: int
    sender: int  # direction that was moving data


@rule(
    title=TITLE,
    domain="network",
    topics=["packet-loss", "server-slow"],
    needs=[Conversation],
    uses=[Log, Clock, *READS],
    collect="sudo tcpdump -i any -s 96 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder and direction, with its longest gaps."""
    steady: list[Citation] = []
    gathered: Gathered[tuple[Endpoint, int], tuple[Conversation, list[Gap]]] = Gathered(MOST_TOLD)
    for c in case.all(Conversation):
        if sum(c.frames) < BUSY_SEGMENTS or max(c.payload_bytes) < BUSY_SEGMENTS * LEAST_BYTES // 2:
            continue
        packets = case.table(c, "packets") if c.protocol == "tcp" else None
        if packets is None:
            continue
        found = gaps(packets, rows_of(case, c)) if c.duration_ns >= LEAST_GAP_NS else []
        for side in sorted({g.sender for g in found}):
            own = sorted((g for g in found if g.sender == side), key=lambda g: -g.span_ns)[:MOST_GAPS]
            gathered.add((c.responder, side), (c, own))
        if not found and len(steady) < 12:
            steady.append(cite_many(case, c, (c.first_frame, c.last_frame)))
    sides = CaptureSides(case)
    for (_, side), told, more in gathered:
        yield _found(case, sides, side, told, more)
    if steady:
        yield Excluded(statements=(statement(NONE(), *steady),))


def gaps(packets: Table, rows: Array) -> list[Gap]:
    """The silent stretches in the middle of transfers, in the order of time; none where they are a sender's pace."""
    times = packets["ts_ns"][rows]
    found: list[Gap] = []
    for at in np.flatnonzero(np.diff(times) >= LEAST_GAP_NS)[:MOST_LOOKED_AT].tolist():
        recent = rows[max(0, at + 1 - MOST_RECENT) : at + 1]
        recent = recent[packets["ts_ns"][recent] >= times[at] - SECOND_NS]
        next_row = int(rows[at + 1])
        sender = _sender_in_the_middle(packets, recent)
        if sender is None and not found:
            sender = _sender_of_a_long_transfer(packets, rows, at)
        if sender is None or _window_shut(packets, recent) or not _goes_on(packets, rows[at + 1 :], sender):
            continue
        found.append(Gap(int(rows[at]), next_row, int(times[at + 1] - times[at]), sender))
    return [] if _is_pace([g.span_ns for g in found]) else found


def _sender_in_the_middle(packets: Table, recent: Array) -> int | None:
    """Which side was in the middle of sending a lot when these rows ended; None where neither was."""
    data = recent[packets["payload_length"][recent] > 0]
    if len(data) < BUSY_SEGMENTS:
        return None
    sizes, directions = packets["payload_length"][data].astype(np.int64), packets["direction"][data]
    sent = [int(sizes[directions == side].sum()) for side in (0, 1)]
    sender = int(sent[1] > sent[0])
    own = sizes[directions == sender]
    usual = int(np.median(own))
    if usual < LEAST_BYTES or sent[sender] < ONE_WAY * sum(sent) or int(own[-1]) < usual:
        return None
    return sender


def _sender_of_a_long_transfer(packets: Table, rows: Array, at: int) -> int | None:
    """The side that had sent much without a pause and goes on to send much: its last segment may be the short end of a write."""
    if np.diff(packets["ts_ns"][rows[: at + 1]]).max(initial=0) >= SECOND_NS // 2:
        return None
    before, after = (
        [int(packets["payload_length"][part[packets["direction"][part] == side]].sum()) for side in (0, 1)]
        for part in (rows[: at + 1], rows[at + 1 :])
    )
    sender = int(before[1] > before[0])
    is_long = before[sender] >= max(LONG_BYTES, ONE_WAY * sum(before)) and after[sender] >= max(
        LONG_BYTES // 4, ONE_WAY * sum(after)
    )
    return sender if is_long else None


def _goes_on(packets: Table, rest: Array, sender: int) -> bool:
    """Whether the first data after the gap is the sender's own, and no keep-alive or close comes before it."""
    first = int(rest[0])
    probe = packets["remarks"][first] & (KEEP_ALIVE | KEEP_ALIVE_ACK | ZERO_WINDOW_PROBE)
    if probe or (packets["tcp_flags"][first] & (FIN | RST) and not packets["payload_length"][first]):
        return False
    data = rest[:MOST_RECENT][packets["payload_length"][rest[:MOST_RECENT]] > 0]
    return bool(len(data) and packets["direction"][data[0]] == sender)


def _is_pace(spans: Sequence[int]) -> bool:
    """Whether gaps are so many and so equal that the sender means them."""
    middle = median(spans)
    return middle is not None and len(spans) >= PACED_GAPS and all(abs(span - middle) <= middle // 4 for span in spans)


def _window_shut(packets: Table, recent: Array) -> bool:
    """Whether either side's last word before the gap was a window of 0."""
    return any(
        len(own) and packets["window"][own[-1]] == 0 for side in (0, 1) for own in (recent[packets["direction"][recent] == side],)
    )


def _severity(span: int) -> Severity:
    return "high" if span >= 2 * SECOND_NS else "medium"


def _found(case: Case, sides: CaptureSides, side: int, found: Sequence[tuple[Conversation, list[Gap]]], more: int) -> Found:
    c, own = max(found, key=lambda one: one[1][0].span_ns)
    sender, receiver = (c.originator, c.responder) if side == 0 else (c.responder, c.originator)
    told = [s for conversation, all_gaps in found for gap in all_gaps for s in _told(case, conversation, gap)]
    if more:
        told.append(Statement(MORE(n=more)))
    taken = sides.of(c)
    at_sender = taken is not None and taken.side == ("originator" if side == 0 else "responder")
    both_ends = f"sudo tcpdump -i any -s 96 -w sender.pcap 'host {receiver.address} or icmp or icmp6'"
    return Found(
        outcome="fail",
        severity=_severity(own[0].span_ns),
        confidence="firm",
        title=STALL(sender=sender.address, receiver=receiver.address, gap=own[0].span_ns),
        statements=tuple(told),
        subject=responder_subject(c.responder) | {"direction": "to responder" if side == 0 else "to originator"},
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(),
        next_actions=(
            Action(AT_SENDER(), "top -b -n 1; ss -tnpo; iostat -x 1 5") if at_sender else Action(BOTH_ENDS(), both_ends),
        ),
    )


def _told(case: Case, c: Conversation, gap: Gap) -> Iterator[Statement]:
    packets = case.table(c, "packets")
    assert packets is not None
    start = int(packets["ts_ns"][gap.before]) + c.clock_offset_ns
    yield statement(GAP(start=start, gap=gap.span_ns), cite_many(case, c, (gap.before + 1, gap.after + 1)))
    unacked = _unacknowledged(packets, rows_of(case, c), gap)
    if unacked is not None:
        yield statement(UNACKED(n=unacked) if unacked else ALL_ACKED(), cite_many(case, c, (gap.before + 1,)))
    if packets["remarks"][gap.after] & RESENT:
        yield statement(RESENDS(), cite_many(case, c, (gap.after + 1,)))
    else:
        who = (c.originator if packets["direction"][gap.after] == 0 else c.responder).address
        yield statement(RESUMES(who=who), cite_many(case, c, (gap.after + 1,)))
    yield from _logs(case, start, start + gap.span_ns)


def _unacknowledged(packets: Table, rows: Array, gap: Gap) -> int | None:
    """Bytes of the sender that the receiver had not acknowledged when the silence began; None where its ACKs are not captured."""
    before = rows[rows <= gap.before]
    data = before[(packets["direction"][before] == gap.sender) & (packets["payload_length"][before] > 0)]
    acks = before[packets["direction"][before] != gap.sender]
    if not len(data) or not len(acks):
        return None
    end = int(packets["sequence"][data[-1]]) + int(packets["payload_length"][data[-1]])
    left = (end - int(packets["acknowledgment"][acks[-1]])) & 0xFFFFFFFF
    return left if left < 0x80000000 else 0


def _logs(case: Case, start: int, end: int) -> Iterator[Statement]:
    """What logs with times of their own say of the gap."""
    clocks = {c.file: c for c in case.all(Clock)}
    for log in case.all(Log):
        events, clock = case.table(log, "events"), clocks.get(log.file)
        if events is None or clock is None or not len(events):
            continue
        wall = events["wall_ns"]
        timed = np.flatnonzero(wall != NO_TIME)
        if not len(timed):
            continue
        shift = clock.utc_ns(int(wall[timed[0]]), bool(events.meta.get("has_date", True))) - int(wall[timed[0]])
        utc = wall[timed] + shift
        if not utc[0] <= start or not utc[-1] >= end:
            continue
        margin = (end - start) // 10
        inside = timed[(utc > start + margin) & (utc < end - margin)]
        at_end = timed[(utc >= end - margin) & (utc <= end + margin)]
        if len(inside):
            yield statement(LOG_SAYS(file=log.file), Citation(log.file, lines=tuple(events["line"][inside[:5]].tolist())))
        elif len(at_end):
            yield statement(LOG_WAITS(file=log.file), Citation(log.file, lines=tuple(events["line"][at_end[:2]].tolist())))

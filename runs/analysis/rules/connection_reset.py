"""RST after data, or in answer to data: one side broke the connection off.

Claim: an established conversation ended with RST before both sides had said FIN. Who sent it is told, and its TTL is compared
with that peer's earlier packets: one that it never used before points to a device in between that reset in its name (a
middlebox).

Severity: `high` where the responder resets while something is owed (a request without an answer, an answer not all acknowledged),
and where the TTL differs. `info` where nothing was owed: the responder ends an idle connection (a time-out of a pool or a load
balancer), or the originator, who may leave when it likes, breaks off.

Something is owed too where curl says that the answer broke off (18, 55, 56).

Silent for a refusal (`connection_refused`), for RST after the FINs of both sides or after the sender's own FIN (it answers a late
segment, TLS's close_notify for one), for a probe (nothing was asked), and for a client that resets or a server that answers a FIN
when all was said.

Refuted by: FINs of both sides before the RST.

Source: RFC 9293 §3.5.2 and §3.10.7; Zeek's connection states RSTO and RSTR.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from runs.analysis.case import Case
from runs.analysis.columns import Table
from runs.analysis.domain.frames import cite, frame_ns, rows_of
from runs.analysis.domain.gathering import MORE, Gathered
from runs.analysis.domain.pairing import curls_by_attempt
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.messages import message
from runs.analysis.packets.schema import RST
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, Statement

MOST_TOLD = 3
BROKEN_OFF = (18, 55, 56)  # curl: partial file, send failure, receive failure

TITLE = message("connection_reset", en="A connection is reset", ja="接続が RST で切られた")
BY = {
    "originator": message("connection_reset.by_originator", en="the originator", ja="要求側"),
    "responder": message("connection_reset.by_responder", en="the responder", ja="応答側"),
}
RESET = message(
    "connection_reset.title",
    en="The conversation with {responder} is reset by {who} after {sent:bytes} there and {got:bytes} back.",
    ja="{responder} との会話が、送信 {sent:bytes}、受信 {got:bytes} の後に{who}の RST で切られている。",
)
SENT = message(
    "connection_reset.sent",
    en="RST comes {after:duration} after the frame before it.",
    ja="直前のフレームの {after:duration} 後に RST。",
)
SAME_TTL = message(
    "connection_reset.same_ttl",
    en="Its TTL of {ttl:count} is that of this peer's other packets.",
    ja="TTL {ttl:count} は同じ相手の他のパケットと等しい。",
)
OTHER_TTL = message(
    "connection_reset.other_ttl",
    en="Its TTL is {ttl:count}, that of this peer's other packets {usual:count}: a device in between may have sent it.",
    ja="TTL は {ttl:count} で、同じ相手の他のパケット（{usual:count}）と異なる。途中の機器が送った可能性がある。",
)
REFUTE = message("connection_reset.refute", en="FINs of both sides before the RST.", ja="RST より前に両側の FIN があれば覆る。")
BOTH_ENDS = message(
    "connection_reset.both_ends",
    en="Capture at both ends: which one sends the RST?",
    ja="両端で採取し、どちらが RST を送ったか確認する。",
)
LEFT = message(
    "connection_reset.title_left",
    en="The originator breaks off its conversation with {responder} (RST) after {sent:bytes} there and {got:bytes} back.",
    ja="要求側が {responder} との会話を RST で打ち切っている（送信 {sent:bytes}、受信 {got:bytes} の後）。",
)
IDLE = message(
    "connection_reset.title_idle",
    en="{responder} ends a conversation with RST after {sent:bytes} there and {got:bytes} back; nothing was owed.",
    ja="{responder} が会話を RST で終えている（送信 {sent:bytes}、受信 {got:bytes} の後）。未応答の要求や未確認のデータはない。",
)
NONE = message(
    "connection_reset.none", en="{responder}: closed by FIN on both sides.", ja="{responder}：両側の FIN で正常に閉じている。"
)


class Reset(NamedTuple):
    """A conversation that a RST ended: the row of the RST, whether something was owed, and the TTLs (0: not known)."""

    conversation: Conversation
    row: int
    side: int
    is_owed: bool
    ttl: int
    usual_ttl: int  # that this peer used before; equal to `ttl` where it used that one too
    usual_row: int

    @property
    def is_foreign(self) -> bool:
        """Whether the peer never used this TTL before."""
        return bool(self.ttl and self.usual_ttl and self.ttl != self.usual_ttl)

    @property
    def is_fault(self) -> bool:
        return self.is_foreign or (self.side == 1 and self.is_owed)


@rule(
    title=TITLE,
    domain="network",
    topics=["service-down", "packet-filter"],
    needs=[Conversation],
    uses=[Attempt, CurlAttempt],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder, side and kind of reset."""
    sound: dict[str, Statement] = {}
    resets: Gathered[tuple[str, int | None, str, bool], Reset] = Gathered(MOST_TOLD)
    broken = _broken_off(case)
    for c in case.all(Conversation):
        if not c.rst_frame and len(sound) >= 12:
            continue
        packets = case.table(c, "packets") if c.protocol == "tcp" else None
        if packets is None or not (c.handshake_complete or any(c.payload_bytes)):
            continue
        if c.rst_frame and c.rst_frame <= len(packets):
            is_broken = c.id in broken and int(packets["direction"][c.rst_frame - 1]) == 1
            if is_broken or not _benign(case, c, packets):
                reset = _reset(case, c, packets, is_broken or _owes(c))
                who = "responder" if reset.side else "originator"
                resets.add((c.responder.address, c.responder.port, who, reset.is_fault), reset)
        elif c.conn_state == "SF" and len(sound) < 12:
            key = str(c.responder)
            sound.setdefault(key, statement(NONE(responder=key), cite(case, c, c.close_frame, c.last_frame)))
    for (_, _, who, _), found, more in resets:
        yield _found(case, who, found, more)
    if sound:
        yield Excluded(statements=tuple(sound.values()))


def _benign(case: Case, c: Conversation, packets: Table) -> bool:
    """The sides had said FIN, all was said before the client left, or there was nothing to lose."""
    table = case.table(c, "conversations")
    fins = table["fin_frames"][c.row].tolist() if table is not None else [0, 0]
    closed = [0 < frame < c.rst_frame for frame in fins]
    side = int(packets["direction"][c.rst_frame - 1])
    if all(closed) or closed[side]:
        return True
    if side == 1 and closed[0] and not c.payload_bytes[1]:
        return True  # the client had given up on an answer: `response_missing` tells of that, and of this RST
    if not c.payload_bytes[0] and (side == 0 or not c.payload_bytes[1]):
        return True  # a probe: connect and go, with or without the greeting
    all_said = c.payload_bytes[1] > 0 and c.acked_bytes[1] >= c.payload_bytes[1]
    return all_said and (side == 0 or (closed[0] and not _owes(c)))


def _owes(c: Conversation) -> bool:
    """Whether the responder had still to answer, or to see its answer acknowledged, when the conversation ended."""
    unanswered = c.last_data_frames[0] > c.last_data_frames[1]
    return unanswered or c.acked_bytes[1] < c.payload_bytes[1] or c.acked_bytes[0] < c.payload_bytes[0]


def _broken_off(case: Case) -> set[str]:
    """Conversations whose client says that the connection broke before all of the answer was there."""
    logs = curls_by_attempt(case.all(CurlAttempt))
    joined = ((a.conversation, logs.get(a.id)) for a in case.all(Attempt) if a.conversation)
    return {id for id, curl in joined if id and curl is not None and curl.exit_code in BROKEN_OFF}


def _reset(case: Case, c: Conversation, packets: Table, is_owed: bool) -> Reset:
    rows, row = rows_of(case, c), c.rst_frame - 1
    side, ttl = int(packets["direction"][row]), int(packets["ttl"][row])
    own = rows[(rows < row) & (packets["direction"][rows] == side) & (packets["tcp_flags"][rows] & RST == 0)]
    ttls = packets["ttl"][own]
    usual_row = int(own[-1]) if len(own) else -1
    usual = ttl if (ttls == ttl).any() else int(ttls[-1]) if len(own) else 0
    return Reset(c, row, side, is_owed, ttl, usual, usual_row)


def _found(case: Case, who: str, found: Sequence[Reset], more: int) -> Found:
    lead = next((r for r in found if r.is_foreign), found[0])
    c, is_fault = lead.conversation, lead.is_fault
    address, port = c.responder.address, str(c.responder.port)
    told = [s for one in found for s in _told(case, one)]
    if more:
        told.append(Statement(MORE(n=more)))
    params = {"responder": str(c.responder), "sent": c.payload_bytes[0], "got": c.payload_bytes[1]}
    title = RESET(**params, who=BY[who]()) if is_fault else LEFT(**params) if who == "originator" else IDLE(**params)
    subject = responder_subject(c.responder) | {"by": who}
    return Found(
        outcome="fail" if is_fault else "info",
        severity="high" if is_fault else "info",
        confidence="certain" if lead.is_owed or not is_fault else "tentative",
        title=title,
        statements=tuple(told),
        subject=subject if is_fault else subject | {"what": "nothing owed" if who == "responder" else "left"},
        endpoints=ends(c.originator, c.responder),
        because=(
            Cause("response_missing", responder_subject(c.responder)),
            Cause("tls_handshake_failed", {"address": address, "port": port}),
            Cause("protocol_mismatch", {"address": address, "port": port}),
        ),
        refuted_by=REFUTE(),
        next_actions=(Action(BOTH_ENDS(), f"sudo tcpdump -i any -s 0 -w reset.pcap 'port {port} or icmp or icmp6'"),),
    )


def _told(case: Case, reset: Reset) -> Iterator[Statement]:
    c = reset.conversation
    rows = rows_of(case, c)
    before = rows[rows < reset.row]
    last = int(before[-1]) + 1 if len(before) else 0
    after = (frame_ns(case, c, c.rst_frame) or 0) - (frame_ns(case, c, last) or 0) if last else 0
    yield statement(SENT(after=after), cite(case, c, last, c.rst_frame))
    if reset.ttl and reset.usual_ttl:
        said = OTHER_TTL(ttl=reset.ttl, usual=reset.usual_ttl) if reset.is_foreign else SAME_TTL(ttl=reset.ttl)
        yield statement(said, cite(case, c, reset.usual_row + 1, c.rst_frame))

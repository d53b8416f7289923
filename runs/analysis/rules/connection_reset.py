"""RST after data, or in answer to data: one side broke the connection off.

Claim: an established conversation ended with RST before both sides had said FIN. Who sent it is told, and its TTL is compared with that
peer's earlier packets: another TTL points to a device in between that reset in its name (a middlebox).

Silent for a refusal (`connection_refused`), for RST after both FINs (a client that closes its socket with data unread or a stack that
answers a late segment: benign), and for a client that resets after it has all it wanted (close with the answer complete).

Refuted by: FINs of both sides before the RST.

Source: RFC 9293 §3.5.2 and §3.10.7; Zeek's connection states RSTO and RSTR.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.columns import Table
from runs.analysis.domain.frames import cite, frame_ns, rows_of
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import FIN
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, Outcome, Statement

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
NONE = message(
    "connection_reset.none", en="{responder}: closed by FIN on both sides.", ja="{responder}：両側の FIN で正常に閉じている。"
)


@rule(
    title=TITLE,
    domain="network",
    topics=["service-down", "packet-filter"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -s 0 -w run.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder and side."""
    sound: dict[str, Statement] = {}
    for c in case.all(Conversation):
        packets = case.table(c, "packets") if c.protocol == "tcp" else None
        if packets is None or not (c.handshake_complete or any(c.payload_bytes)):
            continue
        if c.rst_frame and not _benign(case, c, packets):
            yield _found(case, c, packets)
        elif c.conn_state == "SF" and len(sound) < 12:
            sound.setdefault(
                str(c.responder), statement(NONE(responder=str(c.responder)), cite(case, c, c.close_frame, c.last_frame))
            )
    if sound:
        yield Excluded(statements=tuple(sound.values()))


def _benign(case: Case, c: Conversation, packets: Table) -> bool:
    """Both sides had said FIN, the close was the client's and all was said, or there was nothing to lose."""
    rows = rows_of(case, c)
    before = rows[rows < c.rst_frame - 1]
    fins = before[packets["tcp_flags"][before] & FIN != 0]
    sides = set(packets["direction"][fins].tolist())
    by_originator = packets["direction"][c.rst_frame - 1] == 0
    if sides == {0, 1}:
        return True
    if not c.payload_bytes[0] and not c.payload_bytes[1]:
        return True  # a probe: connect and go
    answered = c.payload_bytes[1] > 0
    return bool(answered and (by_originator or 0 in sides) and c.acked_bytes[1] >= c.payload_bytes[1])


def _found(case: Case, c: Conversation, packets: Table) -> Found:
    rows = rows_of(case, c)
    row = c.rst_frame - 1
    side = int(packets["direction"][row])
    who = "responder" if side else "originator"
    before = rows[rows < row]
    after = (frame_ns(case, c, c.rst_frame) or 0) - (frame_ns(case, c, int(before[-1]) + 1) or 0) if len(before) else 0
    told = [statement(SENT(after=after), cite(case, c, int(before[-1]) + 1 if len(before) else 0, c.rst_frame))]
    own = before[packets["direction"][before] == side]
    ttl = int(packets["ttl"][row])
    if len(own) and ttl:
        usual = int(packets["ttl"][own[-1]])
        said = SAME_TTL(ttl=ttl) if usual == ttl else OTHER_TTL(ttl=ttl, usual=usual)
        told.append(statement(said, cite(case, c, int(own[-1]) + 1, c.rst_frame)))
    subject = responder_subject(c.responder) | {"by": who}
    return Found(
        outcome="fail",
        severity="high",
        confidence="certain",
        title=RESET(responder=str(c.responder), who=BY[who](), sent=c.payload_bytes[0], got=c.payload_bytes[1]),
        statements=tuple(told),
        subject=subject,
        endpoints=ends(c.originator, c.responder),
        because=(
            Cause("response_missing", responder_subject(c.responder)),
            Cause("tls_handshake_failed", {"address": c.responder.address, "port": str(c.responder.port)}),
            Cause("protocol_mismatch", {"address": c.responder.address, "port": str(c.responder.port)}),
        ),
        refuted_by=REFUTE(),
        next_actions=(Action(BOTH_ENDS(), f"sudo tcpdump -i any -s 0 -w reset.pcap 'port {c.responder.port} or icmp or icmp6'"),),
    )

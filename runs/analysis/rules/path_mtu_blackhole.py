"""Full-size segments are lost again and again while small ones pass: something on the way drops large packets and does not say so.

Claim: after a complete handshake a direction's largest segments are sent three times or more over at least 1 s and never
acknowledged, while smaller ones of the same conversation are; no ICMP error tells an MTU. Or one tells it ('fragmentation
needed', 'packet too big') and the sender goes on with the old size. Where the sender obeys (all later segments fit the MTU), path
MTU discovery works: `pass`, with the MTU told.

Threshold: 1,000 bytes or more, since every path in use carries less. `firm` where the receiver goes on speaking meanwhile or a
small segment of the same direction was acknowledged, so that the path lives; else the receiver may be gone, and it is
`tentative`.

Refuted by: a full-size segment acknowledged in that direction; loss of small segments just as often.

Source: RFC 1191, RFC 2923 §2.1 (black holes), RFC 8201, RFC 4821.
"""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case
from runs.analysis.columns import Array, Table
from runs.analysis.domain.frames import cite_many, error_places, rows_of
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.base import SECOND_NS, Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.icmp import IcmpError
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, KEEP_ALIVE, SYN, ZERO_WINDOW_PROBE
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

LEAST_SENDINGS = 3
LEAST_NS = SECOND_NS
LEAST_BYTES = 1_000  # smaller segments pass everywhere: IPv6 asks for 1,280, and no tunnel in use carries less

TITLE = message(
    "path_mtu_blackhole", en="Large packets are lost without a word", ja="大きいパケットだけが失われる（Path MTU ブラックホール）"
)
HOLE = message(
    "path_mtu_blackhole.title",
    en="Segments of {size:bytes} from {sender} to {receiver} never arrive while small ones do; nothing tells an MTU.",
    ja="{sender} から {receiver} への {size:bytes} のセグメントは届かず、小さいものは届く。MTU を知らせるエラーもない。",
)
IGNORED = message(
    "path_mtu_blackhole.title_ignored",
    en="{sender} goes on sending segments of {size:bytes} although {device} tells an MTU of {mtu:count}.",
    ja="{device} が MTU {mtu:count} を知らせているのに、{sender} は {size:bytes} のセグメントを送り続ける。",
)
AGAIN = message(
    "path_mtu_blackhole.again",
    en="The same {size:bytes} are sent {n:count} times in {span:duration} and not acknowledged.",
    ja="同じ {size:bytes} が {span:duration} の間に {n:count} 回送られ、受領確認されない。",
)
SMALL = message(
    "path_mtu_blackhole.small",
    en="Small packets of the same conversation pass: the handshake is complete.",
    ja="同じ会話の小さいパケットは通り、握手は完了している。",
)
NO_ERROR = message(
    "path_mtu_blackhole.no_error",
    en="No 'fragmentation needed' or 'packet too big' is in the capture; a capture filter without ICMP would hide it.",
    ja="キャプチャに frag needed / packet too big はない（ICMP を除くフィルタでは写らない点に注意）。",
)
TOLD = message(
    "path_mtu_blackhole.told", en="{device} tells an MTU of {mtu:count}.", ja="{device} が MTU {mtu:count} を知らせている。"
)
OBEYED = message(
    "path_mtu_blackhole.obeyed",
    en="{device} tells an MTU of {mtu:count}, and the sender obeys: path MTU discovery works.",
    ja="{device} が MTU {mtu:count} を知らせ、送信側は従っている（Path MTU 探索は正常）。",
)
FULL_PASS = message(
    "path_mtu_blackhole.full_pass",
    en="Segments of {size:bytes} to {receiver} are acknowledged.",
    ja="{receiver} への {size:bytes} のセグメントは受領確認されている。",
)
REFUTE = message(
    "path_mtu_blackhole.refute",
    en="A full-size segment acknowledged in that direction.",
    ja="その方向の全長セグメントが受領確認されれば覆る。",
)
PROBE = message("path_mtu_blackhole.probe", en="Find the largest packet that passes.", ja="通る最大の大きさを調べる。")
CLAMP = message(
    "path_mtu_blackhole.clamp",
    en="Check MSS clamping and ICMP filters on the way.",
    ja="経路上の MSS 調整と ICMP フィルタを確認する。",
)


@rule(
    title=TITLE,
    domain="network",
    topics=["mtu", "tunnel"],
    needs=[Conversation],
    uses=[IcmpError],
    collect="sudo tcpdump -i any -s 0 -w mtu.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder and direction."""
    told: dict[tuple[str, int | None], list[IcmpError]] = {}
    for e in case.all(IcmpError):
        if (e.version, e.icmp_type) in ((4, 3), (6, 2)) and (e.version == 6 or e.icmp_code == 4):
            told.setdefault((e.file, e.conversation_row), []).append(e)
    passed: list[Statement] = []
    told_of: set[tuple[Endpoint, int]] = set()
    for c in case.all(Conversation):
        is_resent = c.tcp.retransmission + c.tcp.fast_retransmission + c.tcp.out_of_order >= LEAST_SENDINGS - 1
        if not is_resent and len(passed) >= 12 and (c.file, c.row) not in told:
            continue
        packets = case.table(c, "packets") if c.protocol == "tcp" and c.handshake_complete else None
        if packets is None:
            continue
        for side in (0, 1):
            if (c.responder, side) in told_of:
                continue
            errors = [e for e in told.get((c.file, c.row), ()) if _by(e, c, side)]
            hole = _hole(packets, rows_of(case, c), side) if is_resent and c.payload_bytes[side] >= LEAST_BYTES else None
            if hole is not None:
                yield _found(case, c, packets, side, hole, errors)
                told_of.add((c.responder, side))
            elif errors and _obeys(packets, rows_of(case, c), side, errors):
                said = OBEYED(device=errors[0].sender, mtu=errors[0].mtu or 0)
                passed.append(statement(said, *error_places(errors[:5])))
            elif len(passed) < 12 and c.payload_bytes[side] >= LEAST_BYTES and c.acked_bytes[side]:
                receiver = c.responder if side == 0 else c.originator
                size = _largest(packets, rows_of(case, c), side)
                place = cite_many(case, c, (c.first_data_frames[side],))
                passed.append(statement(FULL_PASS(size=size, receiver=receiver.address), place))
    if passed:
        yield Excluded(statements=tuple(passed[:20]))


def _obeys(packets: Table, rows: Array, side: int, errors: Sequence[IcmpError]) -> bool:
    """Whether the sender goes on after the last error, with segments that fit the MTU it told."""
    last = errors[-1]
    data = _data(packets, rows, side)
    later = data[data > last.frame]
    return bool(last.mtu and len(later) and int(packets["payload_length"][later].max()) < last.mtu)


def _is_alive(packets: Table, rows: Array, side: int, hole: list[int]) -> bool:
    """Whether the receiver speaks after the first sending, or had acknowledged data of that direction before."""
    data = _data(packets, rows, side)
    after = rows[(rows > hole[1]) & (packets["direction"][rows] != side)]
    return bool(len(after) or (data < hole[0]).any())


def _by(error: IcmpError, c: Conversation, side: int) -> bool:
    return error.quoted_source.address == (c.originator if side == 0 else c.responder).address


def _data(packets: Table, rows: Array, side: int) -> Array:
    own = rows[packets["direction"][rows] == side]
    probes = packets["remarks"][own] & (KEEP_ALIVE | ZERO_WINDOW_PROBE)
    data: Array = own[(packets["payload_length"][own] > 0) & (packets["tcp_flags"][own] & SYN == 0) & (probes == 0)]
    return data


def _largest(packets: Table, rows: Array, side: int) -> int:
    data = _data(packets, rows, side)
    return int(packets["payload_length"][data].max()) if len(data) else 0


def _hole(packets: Table, rows: Array, side: int) -> list[int] | None:
    """The rows that send the first large segment in vain; None where there is no such thing."""
    data = _data(packets, rows, side)
    if not len(data):
        return None
    large = data[packets["payload_length"][data] >= LEAST_BYTES]  # a super-frame at the sender's interface is resent in pieces
    if len(large) < LEAST_SENDINGS:
        return None
    first = int(large[0])
    number = int(packets["sequence"][first])
    acks = rows[(rows > first) & (packets["direction"][rows] != side) & (packets["tcp_flags"][rows] & ACK != 0)]
    ahead = (packets["acknowledgment"][acks].astype("i8") - number) & 0xFFFFFFFF
    if ((ahead > 0) & (ahead < 0x80000000)).any() or (packets["window"][acks] == 0).any():
        return None
    same = large[packets["sequence"][large] == number]
    span = int(packets["ts_ns"][same[-1]] - packets["ts_ns"][same[0]])
    return same.tolist() if len(same) >= LEAST_SENDINGS and span >= LEAST_NS else None


def _found(case: Case, c: Conversation, packets: Table, side: int, hole: list[int], errors: list[IcmpError]) -> Found:
    sender, receiver = (c.originator, c.responder) if side == 0 else (c.responder, c.originator)
    size = int(packets["payload_length"][hole[0]])
    span = int(packets["ts_ns"][hole[-1]] - packets["ts_ns"][hole[0]])
    said = [
        statement(SMALL(), cite_many(case, c, (c.syn_frame, c.syn_ack_frame, c.handshake_ack_frame))),
        statement(AGAIN(size=size, n=len(hole), span=span), cite_many(case, c, (r + 1 for r in hole[:20]))),
    ]
    if errors:
        device, mtu = errors[0].sender, errors[0].mtu or 0
        title = IGNORED(sender=sender.address, size=size, device=device, mtu=mtu)
        said.append(statement(TOLD(device=device, mtu=mtu), *error_places(errors[:5])))
    else:
        title = HOLE(size=size, sender=sender.address, receiver=receiver.address)
        said.append(Statement(NO_ERROR()))
    return Found(
        outcome="fail",
        severity="high",
        confidence="certain" if errors else "firm" if _is_alive(packets, rows_of(case, c), side, hole) else "tentative",
        title=title,
        statements=tuple(said),
        subject=responder_subject(c.responder) | {"direction": "to responder" if side == 0 else "to originator"},
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(),
        next_actions=(
            Action(PROBE(), f"for s in 1472 1400 1300 1200; do ping -M do -s $s -c 1 {receiver.address}; done"),
            Action(CLAMP(), f"tracepath -n {receiver.address}"),
        ),
    )

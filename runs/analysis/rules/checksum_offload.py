"""Wrong checksums of frames that the capturing host sent: the network card fills them in after the capture, no damage.

Claim (`info`): TCP or UDP checksums of a sender are wrong, and the field holds the pseudo-header's sum, which the kernel leaves there for
the network card (`certain`: damage does not produce it); or they stand on a loopback interface, where none is computed; or all wrong
ones are of senders none of whose frames is right, and were not forwarded (TTL 64, 128 or 255), while other senders' are right (`firm`).

Not said of frames that came from elsewhere with a wrong checksum: damage on the way and an offload of a neighbouring virtual machine
look alike there, so that is not evaluable. No wrong checksum among those that were looked at excludes it. Of a large capture a sample is looked at.

Refuted by: the same frames with wrong checksums in a capture at the receiver.

Source: RFC 1071 (the sum), RFC 9293 section 3.1 (pseudo-header); Linux' Documentation/networking/checksum-offloads; Wireshark's user's guide,
chapter 7, on checksum offloading.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from runs.analysis.case import Case
from runs.analysis.domain.wording import is_loopback, once, statement
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.frame_checksums import FrameChecksums, SenderChecksums
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement

LOOPBACK_LINKTYPES = (0, 108)
MOST_TOLD = 12

TITLE = message("checksum_offload", en="Checksums left to the network card", ja="チェックサムのオフロード")
OFFLOAD = message(
    "checksum_offload.title",
    en="The wrong checksums are of frames that the capturing host sends itself ({senders:list}): offload, no damage.",
    ja="チェックサム不正は採取ホスト自身が送るフレーム（{senders:list} 発）のもので、オフロードによる表示。破損ではない。",
)
WHY = {
    "unfinished": message(
        "checksum_offload.unfinished",
        en="{n:count} {n:plural:frame|frames} of {sender}: the field holds the pseudo-header's sum, which the kernel leaves for the network card.",
        ja="{sender} 発 {n:count} フレーム：値は疑似ヘッダの和に等しく、カーネルが NIC に計算を委ねた状態。",
    ),
    "loopback": message(
        "checksum_offload.loopback",
        en="{n:count} {n:plural:frame|frames} of {sender} on a loopback interface, where no checksum is computed.",
        ja="{sender} 発 {n:count} フレーム：ループバックではチェックサムを計算しない。",
    ),
    "own": message(
        "checksum_offload.own",
        en="{n:count} {n:plural:frame|frames} of {sender}: all of its frames are so and none was forwarded, while those received are right.",
        ja="{sender} 発 {n:count} フレーム：この送信元の全フレームが該当し、転送されたものではない。受信フレームは正しい。",
    ),
}
REFUTE = message(
    "checksum_offload.refute",
    en="The same frames with wrong checksums in a capture at the receiver.",
    ja="受信側のキャプチャでも同じフレームのチェックサムが不正なら覆る。",
)
CHECK = message("checksum_offload.check", en="See what the card computes.", ja="NIC のオフロード設定を確認する。")
RIGHT = message(
    "checksum_offload.right",
    en="The checksums of {n:count} {n:plural:frame|frames} are right.",
    ja="{n:count} フレームのチェックサムは正しい。",
)
ELSEWHERE = message(
    "checksum_offload.elsewhere",
    en="a capture at {sender}: {n:count} of its frames arrive with a wrong checksum (damage on the way, or an offload at its end)",
    ja="{sender} 側のキャプチャ：その {n:count} フレームが不正なチェックサムで届いている（経路での破損か、送信側のオフロード）",
)
COLLECT = "ethtool -k eth0 | grep checksum; netstat -s | grep -i checksum; sudo tcpdump -i eth0 -s 0 -vv -c 200 tcp"


@dataclass
class Explained:
    """Frames of one sender in all captures, and where they stand."""

    count: int = 0
    places: list[Citation] = field(default_factory=list)


@rule(title=TITLE, domain="evidence", topics=["capture-practice"], needs=[FrameChecksums], uses=[Capture], collect=COLLECT)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding, with all senders whose wrong checksums are explained."""
    captures = {(c.file, c.segment): c for c in case.all(Capture)}
    explained: dict[tuple[str, str], Explained] = {}
    unknown: dict[str, Explained] = {}
    right: list[Statement] = []
    for seen in case.all(FrameChecksums):
        capture = captures.get((seen.file, seen.segment))
        for sender in (s for s in seen.senders if s.wrong):
            why = _explanation(sender, seen.senders, capture)
            one = (
                explained.setdefault((sender.address, why), Explained()) if why else unknown.setdefault(sender.address, Explained())
            )
            one.count += sender.unfinished if why == "unfinished" else sender.wrong
            one.places.append(_cite(case, seen, sender))
        if seen.checked and not any(s.wrong for s in seen.senders):
            right.append(statement(RIGHT(n=seen.checked), *([_ends(case, seen, capture)] if capture else [])))
    if explained:
        yield _found(explained)
    for address, one in list(unknown.items())[:MOST_TOLD]:
        missing = ELSEWHERE(sender=address, n=one.count)
        yield NotEvaluable(missing=(missing,), collect=COLLECT, citations=tuple(one.places[:MOST_TOLD]))
    if right and not explained and not unknown:
        yield Excluded(statements=once(right))


def _explanation(sender: SenderChecksums, senders: Sequence[SenderChecksums], capture: Capture | None) -> str:
    """Why a sender's wrong checksums are no damage, as a key of WHY; '' where that cannot be told."""
    if 2 * sender.unfinished > sender.wrong:
        return "unfinished"
    on_loopback = capture is not None and any(i.linktype in LOOPBACK_LINKTYPES for i in capture.interfaces)
    if on_loopback or is_loopback(sender.address):
        return "loopback"
    others_right = any(s.right and not s.wrong for s in senders if s is not sender)
    if others_right and not sender.right and not sender.forwarded:
        return "own"
    return ""


def _cite(case: Case, seen: FrameChecksums, sender: SenderChecksums) -> Citation:
    if sender.lines:
        return Citation(seen.file, lines=sender.lines)
    packets = case.table(seen, "packets")
    if packets is not None and "line" in packets:
        return Citation(seen.file, lines=tuple(int(packets["line"][f - 1]) for f in sender.frames if f <= len(packets)))
    return Citation(seen.file, frames=sender.frames)


def _ends(case: Case, seen: FrameChecksums, capture: Capture) -> Citation:
    packets = case.table(seen, "packets")
    if packets is not None and "line" in packets and len(packets):
        return Citation(seen.file, lines=(int(packets["line"][0]), int(packets["line"][-1])))
    return Citation(seen.file, frames=(1, capture.frame_count))


def _found(explained: Mapping[tuple[str, str], Explained]) -> Found:
    addresses = list(dict.fromkeys(address for address, _ in explained))
    told = [statement(WHY[why](n=one.count, sender=address), *one.places) for (address, why), one in explained.items()]
    return Found(
        outcome="info",
        severity="info",
        confidence="firm" if any(why == "own" for _, why in explained) else "certain",
        title=OFFLOAD(senders=addresses[:MOST_TOLD]),
        statements=once(told),
        subject={"what": "checksum offload", "senders": " ".join(sorted(addresses)[:MOST_TOLD])},
        endpoints=tuple(RoleEndpoint("sender", Endpoint(a)) for a in addresses[:MOST_TOLD]),
        refuted_by=REFUTE(),
        next_actions=(Action(CHECK(), "ethtool -k eth0 | grep checksum"),),
    )

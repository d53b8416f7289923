"""A capture file is damaged: cut within a record, an impossible length, an unknown or broken block.

Claim: the file cannot be read to its end; the frames before the damage are analysed, and the offset of the damage is told. Cut by the
snapshot length is not damage.

Refuted by: the file as it was written, with the same hash at both ends of the transfer.

Source: the pcap and pcapng formats (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

TITLE = message("capture_file_damaged", en="A capture file is damaged", ja="キャプチャファイルが破損している")
DAMAGED = message(
    "capture_file_damaged.title",
    en="{capture} is damaged after {n:count} {n:plural:frame|frames}; the frames before the damage are analysed.",
    ja="{capture} は {n:count} フレームの後で破損している。それより前のフレームは解析した。",
)
AT = message("capture_file_damaged.at", en="At byte {offset:count}: {what}", ja="{offset:count} byte 目：{what}")
REFUTE = message(
    "capture_file_damaged.refute",
    en="The file as it was written, read to its end.",
    ja="書かれたままのファイルを末尾まで読めれば覆る。",
)
COPY = message(
    "capture_file_damaged.copy",
    en="Copy the file again after the capture has ended, and compare hashes.",
    ja="採取終了後に再度コピーし、ハッシュを比べる。",
)
SOUND = message(
    "capture_file_damaged.sound",
    en="{n:count} {n:plural:capture is|captures are} whole.",
    ja="キャプチャ {n:count} 件は最後まで読める。",
)


@rule(title=TITLE, domain="evidence", topics=["capture-practice"], needs=[Capture], collect="sudo tcpdump -i any -U -w run.pcap")
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each damaged capture; pass for the whole ones together."""
    sound = []
    for capture in case.all(Capture):
        file = case.file(capture.file)
        if capture.is_text or file is None:
            continue
        lost = [p for p in file.problems if p.lost]
        if not lost:
            sound.append(Citation(capture.file))
            continue
        title = DAMAGED(capture=capture.file, n=capture.frame_count)
        place = Citation(capture.file, frames=(capture.frame_count,) if capture.frame_count else ())
        told = [Statement(AT(offset=p.offset, what=p.message) if p.offset is not None else p.message, (place,)) for p in lost[:5]]
        yield Found(
            outcome="fail",
            severity="medium",
            confidence="certain",
            title=title,
            statements=tuple(told),
            subject={"what": "damaged capture", "damage": lost[0].message.id},
            refuted_by=REFUTE(),
            next_actions=(Action(COPY(), f"sha256sum {capture.file!r}"),),
        )
    if sound:
        yield Excluded(statements=(Statement(SOUND(n=len(sound)), tuple(sound[:12])),))

"""Frames were cut by the snapshot length: captured length below original length.

Claim (`info`): on n frames the file holds only the first bytes. Lengths and headers stand, since every frame tells its original length;
what the payload said is not in evidence. This is no damage.

Refuted by: another capture of the same traffic with the whole frames.

Source: pcap's captured and original length; tcpdump(8) -s.
"""

from collections.abc import Iterator

import numpy as np

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

TITLE = message("capture_snaplen_truncated", en="Frames are cut by the snapshot length", ja="スナップ長でフレームが切れている")
CUT = message(
    "capture_snaplen_truncated.title",
    en="{capture} holds only the first {snaplen:count} bytes of {n:count} of its {all:count} frames: header conclusions stand, payload is missing.",
    ja="{capture} は {all:count} フレーム中 {n:count} フレームが先頭 {snaplen:count} byte だけ。見出しに基づく結論は有効だが、データ本体はない。",
)
FIRST = message("capture_snaplen_truncated.first", en="The first cut frames are these.", ja="最初に切れているフレームはこれら。")
REFUTE = message(
    "capture_snaplen_truncated.refute",
    en="A capture of the same traffic with whole frames.",
    ja="同じ通信の全長キャプチャがあれば補える。",
)
FULL = message(
    "capture_snaplen_truncated.full", en="Where payload matters, capture whole frames.", ja="データ本体が必要なら全長で採る。"
)
WHOLE = message("capture_snaplen_truncated.whole", en="All frames are whole.", ja="すべてのフレームが全長。")


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[Capture],
    collect="sudo tcpdump -i any -s 0 -w run.pcap",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each capture, merged; pass for those with whole frames."""
    whole = []
    for capture in case.all(Capture):
        packets = case.table(capture, "packets")
        if capture.is_text or packets is None or not capture.frame_count:
            continue
        if not capture.truncated_count:
            whole.append(Citation(capture.file, frames=(1, capture.frame_count)))
            continue
        cut = np.flatnonzero(packets["captured_length"] < packets["original_length"])
        if not len(cut):
            continue
        snaplen = int(packets["captured_length"][cut].max())
        title = CUT(capture=capture.file, snaplen=snaplen, n=len(cut), all=capture.frame_count)
        yield Found(
            outcome="info",
            severity="info",
            confidence="certain",
            title=title,
            statements=(
                Statement(title, (Citation(capture.file),)),
                statement(FIRST(), Citation(capture.file, frames=tuple((cut[:5] + 1).tolist()))),
            ),
            subject={"what": "snaplen", "bytes": str(snaplen)},
            refuted_by=REFUTE(),
            next_actions=(Action(FULL(), "sudo tcpdump -i any -s 0 -w whole.pcap"),),
        )
    if whole:
        yield Excluded(statements=(statement(WHOLE(), *whole[:12]),))

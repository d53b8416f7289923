"""Time stamps of a capture go back.

Claim: consecutive frames of one interface of a capture go back in time by more than 1 ms (several queues of a network card reorder by
less), so durations across that place are not to be trusted.

Refuted by: a merged file (several captures or interfaces joined without sorting), which is in order for each of them.

Source: pcap's time stamps; clock adjustments by NTP or a suspended virtual machine.
"""

from collections.abc import Iterator

import numpy as np

from runs.analysis.case import Case
from runs.analysis.domain.wording import quoted, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.messages import message
from runs.analysis.packets.schema import column
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome

LEAST_STEP_NS = 1_000_000

TITLE = message("capture_clock_step", en="A capture's clock steps", ja="キャプチャの時刻が逆行している")
BACK = message(
    "capture_clock_step.title",
    en="The time stamps of {capture} go back {n:count} {n:plural:time|times}, by up to {most:duration}.",
    ja="{capture} の時刻が {n:count} 回逆行している（最大 {most:duration}）。",
)
HERE = message("capture_clock_step.here", en="At these frames.", ja="これらのフレームで逆行している。")
REFUTE = message(
    "capture_clock_step.refute", en="A file merged from several captures.", ja="複数のキャプチャを結合したファイルであれば覆る。"
)
SORT = message(
    "capture_clock_step.sort",
    en="Sort a merged file; check the host's clock.",
    ja="結合ファイルなら並べ替え、ホストの時刻同期を確認する。",
)
STEADY = message("capture_clock_step.steady", en="Time stamps never go back.", ja="時刻の逆行はない。")


@rule(
    title=TITLE, domain="evidence", topics=["clocks", "capture-practice"], needs=[Capture], collect="timedatectl; chronyc tracking"
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each capture."""
    steady: list[Citation] = []
    for capture in case.all(Capture):
        packets = case.table(capture, "packets")
        if packets is None or capture.is_text or len(packets) < 2:
            continue
        interfaces = column(packets, "interface").astype(np.int64)
        order = np.argsort(interfaces, kind="stable")
        steps = np.diff(packets["ts_ns"][order])
        back = np.flatnonzero((steps < -LEAST_STEP_NS) & (np.diff(interfaces[order]) == 0))
        if not len(back):
            steady.append(Citation(capture.file, frames=(1, len(packets))))
            continue
        frames = sorted({int(order[i + k]) + 1 for i in back[:10] for k in (0, 1)})
        yield Found(
            outcome="fail",
            severity="low",
            confidence="firm",
            title=BACK(capture=capture.file, n=len(back), most=int(-steps[back].min())),
            statements=(statement(HERE(), Citation(capture.file, frames=tuple(frames))),),
            subject={"what": "clock step"},
            refuted_by=REFUTE(),
            next_actions=(Action(SORT(), f"reordercap {quoted(capture.file)} sorted.pcap; timedatectl"),),
        )
    if steady:
        yield Excluded(statements=(statement(STEADY(), *steady[:12]),))

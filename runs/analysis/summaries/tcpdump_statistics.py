"""tcpdump's statistics: what was captured and dropped, and whether the file holds as many frames."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case, CaseFile
from runs.analysis.facts.base import Citation, Fact
from runs.analysis.facts.capture import CaptureStatistics
from runs.analysis.facts.joined import CaptureRun
from runs.analysis.messages import message
from runs.analysis.report import Statement

EQUAL = message(
    "tcpdump_statistics.summary_equal",
    en="Captured {captured:count} = {frames:count} frames in {capture}.",
    ja="キャプチャ {captured:count} 件は {capture} の {frames:count} フレームと一致。",
)
UNEQUAL = message(
    "tcpdump_statistics.summary_unequal",
    en="Captured {captured:count}, but {capture} holds {frames:count} frames.",
    ja="キャプチャ {captured:count} 件に対し、{capture} は {frames:count} フレーム。",
)
ALONE = message("tcpdump_statistics.summary_alone", en="Captured {captured:count}.", ja="キャプチャ {captured:count} 件。")
DROPPED = message("tcpdump_statistics.summary_dropped", en="{n:count} dropped.", ja="ドロップ {n:count}。")
RECEIVED_TWICE = message(
    "tcpdump_statistics.summary_twice",
    en="Received {n:count}: loopback counts each packet twice.",
    ja="フィルタ受信 {n:count}（ループバックは 2 回数える）。",
)
RECEIVED = message("tcpdump_statistics.summary_received", en="Received by filter {n:count}.", ja="フィルタ受信 {n:count}。")


def summary(file: CaseFile, facts: Sequence[Fact], case: Case) -> Iterator[Statement]:
    """See the package."""
    runs = {r.statistics_file: r for r in case.all(CaptureRun)}
    for s in (f for f in facts if isinstance(f, CaptureStatistics)):
        run = runs.get(file.path)
        if s.captured is not None:
            place = (Citation(file.path, lines=(s.captured_line,)),)
            if run is None:
                yield Statement(ALONE(captured=s.captured), place)
            else:
                said = EQUAL if run.frame_count == s.captured else UNEQUAL
                yield Statement(said(captured=s.captured, frames=run.frame_count, capture=run.file), place)
        if s.dropped_by_kernel is not None:
            n = s.dropped_by_kernel + (s.dropped_by_interface or 0)
            yield Statement(DROPPED(n=n), (Citation(file.path, lines=(s.dropped_line,)),))
        if s.received_by_filter is not None:
            twice = run is not None and run.loopback and s.received_by_filter == 2 * (s.captured or 0)
            said = RECEIVED_TWICE if twice else RECEIVED
            yield Statement(said(n=s.received_by_filter), (Citation(file.path, lines=(s.received_line,)),))

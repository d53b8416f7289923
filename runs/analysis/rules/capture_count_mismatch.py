"""What tcpdump says it captured is not what the file holds, or a text of a capture disagrees with it.

Claim: 'N packets captured' differs from the frames of the file it wrote, or records of the text have no equal frame. 'received by
filter' counts something else (on loopback each packet twice) and is never compared. A text of a part of the capture (`head`, a
filter) is no mismatch as long as each of its records is a frame.

Refuted by: the capture as tcpdump wrote it; a file that was cut or copied while it grew.

Source: tcpdump(8), the counters printed at the end.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import quoted, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.joined import CaptureRun, SameTraffic
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

TITLE = message("capture_count_mismatch", en="Counts of a capture disagree", ja="キャプチャの件数が一致しない")
DIFFERS = message(
    "capture_count_mismatch.title",
    en="tcpdump counts {captured:count} packets, {capture} holds {frames:count}.",
    ja="tcpdump の計数は {captured:count} 件だが、{capture} には {frames:count} フレームしかない。",
)
MORE = message(
    "capture_count_mismatch.title_more",
    en="tcpdump counts {captured:count} packets, {capture} holds more: {frames:count}.",
    ja="tcpdump の計数は {captured:count} 件だが、{capture} にはそれより多い {frames:count} フレームがある。",
)
EQUAL = message(
    "capture_count_mismatch.equal",
    en="{captured:count} packets captured, {frames:count} frames in {capture}.",
    ja="キャプチャ {captured:count} 件は {capture} の {frames:count} フレームと一致。",
)
TEXT_DIFFERS = message(
    "capture_count_mismatch.title_text",
    en="{n:count} {n:plural:record|records} of {text} {n:plural:is|are} not in {capture}.",
    ja="{text} の {n:count} 件は {capture} に存在しない。",
)
TEXT_EQUAL = message(
    "capture_count_mismatch.text_equal",
    en="All {n:count} records of {text} are frames of {capture}.",
    ja="{text} の {n:count} 件はすべて {capture} のフレームと一致。",
)
REFUTE = message(
    "capture_count_mismatch.refute",
    en="The capture as tcpdump wrote it, with the same count.",
    ja="tcpdump が書いたままのキャプチャの件数が一致すれば覆る。",
)
COUNT = message(
    "capture_count_mismatch.count", en="Count the frames of the original file.", ja="元のファイルのフレーム数を数える。"
)


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[Capture, (CaptureRun, SameTraffic)],
    collect="sudo tcpdump -i any -w run.pcap 2> tcpdump_stderr.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each pair of counts."""
    for run in case.all(CaptureRun):
        if run.captured is None:
            continue
        place = Citation(run.statistics_file, lines=(run.captured_line,))
        if run.captured == run.frame_count:
            told = statement(EQUAL(captured=run.captured, frames=run.frame_count, capture=run.file), place)
            yield Excluded(statements=(told,))
        else:
            said = DIFFERS if run.captured > run.frame_count else MORE
            title = said(captured=run.captured, frames=run.frame_count, capture=run.file)
            yield _found(run.file, Statement(title, (place, Citation(run.file))))
    for text in case.all(SameTraffic):
        place = Citation(text.file, lines=text.differing_lines)
        if text.matched == text.text_count:
            told = Statement(TEXT_EQUAL(n=text.matched, text=text.file, capture=text.capture), (Citation(text.file),))
            yield Excluded(statements=(told,))
        else:
            n = text.text_count - text.matched
            yield _found(text.file, statement(TEXT_DIFFERS(n=n, text=text.file, capture=text.capture), place))


def _found(file: str, said: Statement) -> Found:
    return Found(
        outcome="fail",
        severity="low",
        confidence="firm",
        title=said.text,
        statements=(said,),
        subject={"what": "capture count"},
        refuted_by=REFUTE(),
        next_actions=(Action(COUNT(), f"capinfos -c {quoted(file)}"),),
    )

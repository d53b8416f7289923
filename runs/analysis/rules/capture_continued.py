"""A capture goes on where another one ended: a rotation (tcpdump -C, -G; dumpcap -b), not two tests.

Claim (`info`): one capture begins within five minutes of the other's end, and TCP conversations that are open at the end of the first go
on in the second: same ends, no new SYN, sequence numbers that go on (`certain` where one side's next byte is exactly the next one, else
`firm`). Such a conversation is one: its handshake, request or answer is not called missing because it stands in the other file.

Silent where no conversation crosses the border: two captures one after the other may be two tests. Ports used again have other numbers.

Refuted by: a SYN of the same ends between the two parts.

Source: tcpdump(1), options -C and -G; RFC 9293 section 3.4 (sequence numbers).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import quoted, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.joined import Continuation
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, NotEvaluable, Outcome

MOST_TOLD = 10

TITLE = message("capture_continued", en="Captures follow on each other", ja="キャプチャが続きになっている")
GOES_ON = message(
    "capture_continued.title",
    en="{later} goes on where {earlier} ends ({gap:duration} later): {n:count} {n:plural:conversation crosses|conversations cross} "
    "the border, each judged as one.",
    ja="{later} は {earlier} の続き（間隔 {gap:duration}）。境目をまたぐ会話 {n:count} 件は 1 つの会話として判定する。",
)
PART = message(
    "capture_continued.part",
    en="{later} is the later part of {earlier}: its sequence numbers go on.",
    ja="{later} は {earlier} の後半（シーケンス番号が続いている）。",
)
REFUTE = message(
    "capture_continued.refute",
    en="A SYN of the same ends between the two parts.",
    ja="両者の間に同じ端点の SYN があれば覆る。",
)
MERGE = message("capture_continued.merge", en="Read both as one.", ja="結合して 1 つのキャプチャとして読む。")
APART = message(
    "capture_continued.apart",
    en="No conversation goes on from one capture into another.",
    ja="あるキャプチャから別のキャプチャへ続く会話はない。",
)
SECOND = message("capture_continued.second", en="a second capture", ja="2 つ目のキャプチャ")


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[Capture],
    uses=[Continuation, Conversation],
    collect="sudo tcpdump -i any -s 0 -C 100 -W 10 -w run.pcap",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each border."""
    captures = [c for c in case.all(Capture) if not c.is_text and c.frame_count]
    if len(captures) < 2:
        yield NotEvaluable(missing=(SECOND(),))
        return
    later_parts: dict[str, list[Conversation]] = {}
    by_id = {c.id: c for c in case.all(Conversation) if c.continued_in}
    for c in case.all(Conversation):
        if c.continues:
            later_parts.setdefault(c.file, []).append(c)
    for number, border in enumerate(sorted(case.all(Continuation), key=lambda c: c.file), 1):
        told = []
        for part in later_parts.get(border.file, [])[:MOST_TOLD]:
            earlier = by_id.get(part.continues or "")
            if earlier is not None:
                said = PART(later=part.id, earlier=earlier.id)
                places = Citation(earlier.file, frames=(earlier.last_frame,)), Citation(part.file, frames=(part.first_frame,))
                told.append(statement(said, *places))
        title = GOES_ON(earlier=border.earlier, later=border.file, gap=max(0, border.gap_ns), n=len(border.crossings))
        ends = Citation(border.earlier, frames=(border.last_frame,)), Citation(border.file, frames=(1,))
        yield Found(
            outcome="info",
            severity="info",
            confidence="certain" if border.is_exact else "firm",
            title=title,
            statements=(statement(title, *ends), *told),
            subject={"what": "continuation", "border": str(number)},
            refuted_by=REFUTE(),
            next_actions=(Action(MERGE(), f"mergecap -w whole.pcap {quoted(border.earlier)} {quoted(border.file)}"),),
        )
    if not case.all(Continuation):
        yield Excluded(statements=(statement(APART(), *(Citation(c.file, frames=(1, c.frame_count)) for c in captures[:12])),))

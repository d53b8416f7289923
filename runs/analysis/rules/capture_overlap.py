"""Two captures hold, partly at least, the same traffic.

Claim (`info`): conversations with the same ends, the same initial sequence number of the originator and a start within an hour stand in both.
Nothing is counted twice in a finding: equal subjects are one finding.

Refuted by: other initial sequence numbers.

Source: RFC 9293 (initial sequence numbers tell conversations apart).
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import SECOND_NS, Citation
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Excluded, Found, Outcome, Statement

TITLE = message("capture_overlap", en="Captures hold the same traffic", ja="複数のキャプチャが同じ通信を含む")
SAME = message(
    "capture_overlap.title",
    en="{n:count} {n:plural:conversation stands|conversations stand} in {captures:list}; nothing is counted twice.",
    ja="{captures:list} に共通の会話が {n:count} 件ある（二重には数えない）。",
)
PAIR = message("capture_overlap.pair", en="{first} is {second}.", ja="{first} は {second} と同じ会話。")
REFUTE = message("capture_overlap.refute", en="Other initial sequence numbers.", ja="初期シーケンス番号が異なれば覆る。")
APART = message("capture_overlap.apart", en="No conversation stands in two captures.", ja="複数のキャプチャに共通する会話はない。")


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[Capture, Conversation],
    collect="sudo tcpdump -i any -s 0 -w run.pcap",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for each set of captures that share conversations."""
    captures = [c for c in case.all(Capture) if not c.is_text]
    files_of_packets = {c.file for c in captures}
    if len(captures) < 2:
        return
    seen: dict[tuple[str, str, int], list[Conversation]] = {}
    for c in case.all(Conversation):
        number = _initial(case, c) if c.protocol == "tcp" and c.file in files_of_packets else None
        if number is not None:
            seen.setdefault((str(c.originator), str(c.responder), number), []).append(c)
    shared: dict[tuple[str, ...], list[list[Conversation]]] = {}
    for same in seen.values():
        files = tuple(sorted({c.file for c in same}))
        close = max(c.start_ns for c in same) - min(c.start_ns for c in same) < 3600 * SECOND_NS
        if len(files) > 1 and close:
            shared.setdefault(files, []).append(same)
    for files, groups in shared.items():
        told = [Statement(PAIR(first=g[0].id, second=g[1].id), _places(g)) for g in groups[:10]]
        yield Found(
            outcome="info",
            severity="info",
            confidence="certain",
            title=SAME(n=len(groups), captures=list(files)),
            statements=(Statement(SAME(n=len(groups), captures=list(files)), tuple(Citation(f) for f in files)), *told),
            subject={"what": "overlap", "captures": str(len(files))},
            refuted_by=REFUTE(),
        )
    if not shared:
        yield Excluded(
            statements=once([statement(APART(), *(Citation(c.file, frames=(1,)) for c in captures[:12] if c.frame_count))])
        )


def _initial(case: Case, c: Conversation) -> int | None:
    """The originator's initial sequence number; None without a SYN."""
    conversations = case.table(c, "conversations")
    if conversations is None or not c.syn_frame:
        return None
    return int(conversations["base_sequences"][c.row][0])


def _places(group: list[Conversation]) -> tuple[Citation, ...]:
    return tuple(Citation(c.file, frames=(c.first_frame,)) for c in group[:4])

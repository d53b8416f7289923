"""Which side of a second capture point lost what was sent again, in sentences with the frames of both captures."""

from collections.abc import Iterator, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.far_points import FarPoints, Located, Unsettled
from runs.analysis.domain.frames import cite, cite_many
from runs.analysis.domain.wording import once, statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import Message, message
from runs.analysis.report import NotEvaluable, Statement

MOST_SEGMENTS = 100
MOST_FRAMES = 10
MOST_UNSETTLED = 6
COLLECT = "sudo tcpdump -i any -s 96 -w both_ends.pcap 'tcp or icmp or icmp6'"

BETWEEN = message(
    "loss_side.between",
    en="Of {n:count} sendings in {near}, {missing:count} {missing:plural:is|are} not in {far}: lost between the two capture points.",
    ja="{near} にある {n:count} 回の送信のうち {missing:count} 回が {far} にない。2 つの採取点の間で失われた。",
)
BEHIND = message(
    "loss_side.behind",
    en="All {n:count} sendings in {near} are in {far}, too, and neither holds an acknowledgment: it or the data is lost behind {far}, seen from "
    "the sender.",
    ja="{near} にある {n:count} 回の送信はすべて {far} にもあり、受領確認はどちらにもない。データかその受領確認は、送信側から見て {far} より先で"
    "失われた。",
)
ARRIVED = message(
    "loss_side.arrived",
    en="All {n:count} sendings in {near} are in {far}, too: none was lost between the two capture points.",
    ja="{near} にある {n:count} 回の送信はすべて {far} にもある。2 つの採取点の間では失われていない。",
)
ACK_LOST = message(
    "loss_side.ack_lost",
    en="{far} holds its acknowledgment before the last sending, {near} does not: the acknowledgment was lost between the two.",
    ja="{far} には最後の送信より前に受領確認があるが {near} にはない。受領確認が 2 つの採取点の間で失われた。",
)
MANY_BETWEEN = message(
    "loss_side.many_between",
    en="Of {n:count} compared segments that are sent again, {lost:count} {lost:plural:misses|miss} "
    "sendings in {far} that {near} holds: lost between the two capture "
    "points.",
    ja="比較した再送セグメント {n:count} 個のうち {lost:count} 個は、{near} にある送信の一部が {far} にない。2 つの採取点の間で失われた。",
)
MANY_ARRIVED = message(
    "loss_side.many_arrived",
    en="Of {n:count} compared segments that are sent again, {arrived:count} {arrived:plural:is|are} "
    "in {far} as often as in {near}: not lost between the two capture "
    "points.",
    ja="比較した再送セグメント {n:count} 個のうち {arrived:count} 個は {far} に {near} と同じ回数ある。2 つの採取点の間では失われていない。",
)
UNSETTLED: dict[Unsettled, Message] = {
    "ends": message(
        "loss_side.ends",
        en="on which side of {far} data of {id} was lost: {far} ends before the last repetition",
        ja="{id} のデータが {far} のどちら側で失われたか（{far} は最後の再送より前に終わる）",
    ),
    "drops": message(
        "loss_side.drops",
        en="on which side of {far} data of {id} was lost: tcpdump dropped packets there or here",
        ja="{id} のデータが {far} のどちら側で失われたか（どちらかの tcpdump が取りこぼしている）",
    ),
    "unclear": message(
        "loss_side.unclear",
        en="on which side of {far} data of {id} was lost: the two captures hold it cut differently, or one of them lacks frames",
        ja="{id} のデータが {far} のどちら側で失われたか（2 つのキャプチャで分割が異なるか、一方にフレームが欠けている）",
    ),
}


class LossSide:
    """Asked for each conversation with repetitions; what it cannot tell is kept for the end."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._points = FarPoints(case)
        self._open: list[Statement] = []
        self._said: set[tuple[str, str, tuple[tuple[int, ...], ...]]] = set()

    def of_segment(self, c: Conversation, side: int, row: int) -> Iterator[Statement]:
        """Of one segment, given by a row that sends it."""
        for far in self._points.of(c):
            found = self._points.locate(c, far, side, row)
            if isinstance(found, Located):
                yield from self._told(found) if not self._is_told([found]) else ()
            else:
                self._unsettled(c, far.sight.conversation, row, found)

    def of_segments(self, c: Conversation, side: int, rows: Sequence[int], *, are_all: bool = False) -> Iterator[Statement]:
        """Of segments of one direction that are sent again, together; `are_all`: those of the whole conversation, told once for two captures."""
        for far in self._points.of(c):
            found = [self._points.locate(c, far, side, row) for row in rows[:MOST_SEGMENTS]]
            located = list({f.sent: f for f in found if isinstance(f, Located)}.values())
            if not located:
                self._unsettled(c, far.sight.conversation, rows[0], next(f for f in found if not isinstance(f, Located)))
                continue
            lost, arrived = [f for f in located if f.missing], [f for f in located if not f.missing]
            near, beyond = located[0].near.conversation.file, located[0].beyond.conversation.file
            if self._is_told(located, are_all):
                continue
            if lost:
                yield statement(MANY_BETWEEN(n=len(located), lost=len(lost), near=near, far=beyond), *self._places(lost))
            if arrived:
                yield statement(MANY_ARRIVED(n=len(located), arrived=len(arrived), near=near, far=beyond), *self._places(arrived))

    def _is_told(self, located: Sequence[Located], are_all: bool = False) -> bool:
        """Whether the other capture's conversation has told it already."""
        key = (
            located[0].near.conversation.id,
            located[0].beyond.conversation.id,
            () if are_all else tuple(f.sent for f in located),
        )
        was_told = key in self._said
        self._said.add(key)
        return was_told

    def unsettled(self) -> Iterator[NotEvaluable]:
        """What remains open, in one answer."""
        if self._open:
            kept = once(self._open)[:MOST_UNSETTLED]
            places = tuple(place for s in kept for place in s.citations)
            yield NotEvaluable(missing=tuple(s.text for s in kept), collect=COLLECT, citations=places)

    def _unsettled(self, c: Conversation, there: Conversation, row: int, why: Unsettled) -> None:
        self._open.append(statement(UNSETTLED[why](id=c.id, far=there.file), cite(self._case, c, row + 1)))

    def _told(self, f: Located) -> Iterator[Statement]:
        names = {"n": len(f.sent), "near": f.near.conversation.file, "far": f.beyond.conversation.file}
        places = self._places([f])
        if f.missing:
            yield statement(BETWEEN(missing=len(f.missing), **names), *places)
        elif f.acked is not None:
            yield statement(ARRIVED(**names), *places)
            acked, last = (
                cite(self._case, f.beyond.conversation, f.acked + 1),
                cite(self._case, f.near.conversation, f.sent[-1] + 1),
            )
            yield statement(ACK_LOST(near=names["near"], far=names["far"]), acked, last)
        else:
            yield statement((ARRIVED if f.heard else BEHIND)(**names), *places)

    def _places(self, found: Sequence[Located]) -> tuple[Citation, Citation]:
        """The sendings that got lost, or all, and what the other capture holds instead."""
        sent = [row + 1 for f in found for row in f.missing or f.sent]
        there = [row + 1 for f in found for row in f.arrived or (f.running,)]
        near, beyond = found[0].near.conversation, found[0].beyond.conversation
        return cite_many(self._case, near, sent[:MOST_FRAMES]), cite_many(self._case, beyond, there[:MOST_FRAMES])

"""Only one direction of a conversation was seen.

Claim (`info`): a conversation with at least five packets has all of them in one direction, and their ACKs acknowledge more and more data that no
capture of the run holds. What the unseen direction said cannot be known. Unanswered SYNs and UDP are no such case: there may have been nothing.

Refuted by: packets of the other direction in another capture.

Source: asymmetric routing and one-sided taps; Zeek's missed-bytes reasoning.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite, rows_of
from runs.analysis.domain.wording import ends, once, responder_subject, statement
from runs.analysis.facts.base import Endpoint
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import message
from runs.analysis.packets.schema import ACK, SYN
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

LEAST_PACKETS = 5
TITLE = message("capture_one_sided", en="Only one direction was captured", ja="片方向しか採取されていない")
ONE = message(
    "capture_one_sided.title",
    en="Of {id} only the packets from {seen} were captured: what {unseen} said is not in evidence.",
    ja="{id} は {seen} 発のパケットしか採取されておらず、{unseen} 側の発言は証跡にない。",
)
ACKS = message(
    "capture_one_sided.acks",
    en="They acknowledge data that the capture does not hold.",
    ja="キャプチャにないデータを受領確認している。",
)
REFUTE = message(
    "capture_one_sided.refute",
    en="Packets of the other direction in another capture.",
    ja="別のキャプチャに逆方向のパケットがあれば補える。",
)
BOTH = message("capture_one_sided.both", en="Capture where both directions pass.", ja="両方向が通る点で採取する。")
TWO = message("capture_one_sided.two", en="Both directions of {id} were captured.", ja="{id} は両方向が採取されている。")


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice"],
    needs=[Conversation],
    collect="sudo tcpdump -i any -s 0 -w run.pcap tcp",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each responder."""
    two: list[Statement] = []
    seen: set[Way] | None = None
    for c in case.all(Conversation):
        if c.protocol != "tcp" or sum(c.frames) < LEAST_PACKETS:
            continue
        if all(c.frames):
            if len(two) < 3:
                two.append(statement(TWO(id=c.id), cite(case, c, c.first_frame, c.last_frame)))
        elif (packets := case.table(c, "packets")) is not None:
            rows = rows_of(case, c)
            acks = rows[(packets["tcp_flags"][rows] & (ACK | SYN)) == ACK]
            moving = len(acks) > 1 and packets["acknowledgment"][acks].min() != packets["acknowledgment"][acks].max()
            if moving and seen is None:
                seen = _ways_seen(case)
            if moving and seen is not None and not all(way in seen for way in _ways(c)):
                yield _found(case, c, [int(acks[0]) + 1, int(acks[-1]) + 1])
    if two:
        yield Excluded(statements=once(two))


Way = tuple[Endpoint, Endpoint]
"""A direction: (source, destination)."""


def _ways_seen(case: Case) -> set[Way]:
    """The directions in which any capture of the run holds TCP."""
    return {way for c in case.all(Conversation) for way, n in zip(_ways(c), c.frames, strict=True) if n and c.protocol == "tcp"}


def _ways(c: Conversation) -> tuple[Way, Way]:
    """Its two directions."""
    return (c.originator, c.responder), (c.responder, c.originator)


def _found(case: Case, c: Conversation, frames: list[int]) -> Found:
    seen, unseen = (c.originator, c.responder) if c.frames[0] else (c.responder, c.originator)
    return Found(
        outcome="info",
        severity="info",
        confidence="firm",
        title=ONE(id=c.id, seen=seen.address, unseen=unseen.address),
        statements=(statement(ACKS(), cite(case, c, *frames)),),
        subject=responder_subject(c.responder),
        endpoints=ends(c.originator, c.responder),
        refuted_by=REFUTE(),
        next_actions=(Action(BOTH(), "sudo tcpdump -i any -s 0 -w both.pcap tcp"),),
    )

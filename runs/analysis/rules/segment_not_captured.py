"""The way behind the last capture point has no evidence, so it cannot be decided between the two sides of it.

Claim (`info`): a responder accepted a connection and its request and did not answer. The captures show its front only: neither a
conversation that it opened to what lies behind it, nor a capture on that side. Whether it never passed the request on, or passed it
on and got nothing back, this bundle cannot tell. A forwarder's own connection to its target counts as such a way.

Refuted by: a capture between the accepting process and what it forwards to.

Source: reasoning about the capture points; nothing is claimed about what happened there.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.frames import cite
from runs.analysis.domain.onward import Onward
from runs.analysis.domain.pairing import curls_by_attempt
from runs.analysis.domain.unanswered import silence
from runs.analysis.domain.wording import ends, responder_subject, statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.capture import CaptureStatistics
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.http import CurlAttempt
from runs.analysis.facts.joined import CaptureRun, Forwarder
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Excluded, Found, Outcome, Statement

MOST_LOOKED_AT = 1_000
TITLE = message(
    "segment_not_captured", en="The way behind the last capture point is not in evidence", ja="最後の採取点より先の証跡がない"
)
BEHIND = message(
    "segment_not_captured.title",
    en="Whether it stops in the process that accepts on {responder} or behind it cannot be decided: nothing behind it was captured.",
    ja="{responder} を受け付けるプロセスの中で止まるのか、その先かは判断できない。その先は採取されていない。",
)
POINT = message(
    "segment_not_captured.point",
    en="The capture was taken on {interface} only.",
    ja="採取は {interface} だけで行われた。",
)
FORWARD = message(
    "segment_not_captured.forward",
    en="No capture holds the connection that {program} opens to {target}.",
    ja="{program} が {target} へ張る接続は、どのキャプチャにもない。",
)
FRONT = message(
    "segment_not_captured.front",
    en="Seen is only the side that asks.",
    ja="写っているのは要求側だけである。",
)
REFUTE = message(
    "segment_not_captured.refute",
    en="A capture between the accepting process and what it passes requests to.",
    ja="受け付けたプロセスとその転送先の間のキャプチャがあれば判断できる。",
)
CAPTURE = message(
    "segment_not_captured.capture",
    en="Capture behind it while repeating the request.",
    ja="要求を繰り返しながら、その先を採取する。",
)
SEEN = message(
    "segment_not_captured.seen",
    en="What {program} passes on to {target} is in a capture.",
    ja="{program} から {target} への通信はキャプチャにある。",
)


@rule(
    title=TITLE,
    domain="evidence",
    topics=["capture-practice", "port-forward"],
    needs=[Conversation],
    uses=[Attempt, CurlAttempt, Forwarder, CaptureRun, CaptureStatistics],
    collect="sudo tcpdump -i any -s 0 -w behind.pcap 'tcp or icmp or icmp6'",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One finding for all responders that left a request unanswered with nothing behind them captured."""
    conversations = case.all(Conversation)
    by_id = curls_by_attempt(case.all(CurlAttempt))
    logs = {a.conversation: by_id[a.id] for a in case.all(Attempt) if a.conversation and a.id in by_id}
    found = [s for s in (silence(case, c, logs.get(c.id)) for c in conversations if c.acked_bytes[0] > 0) if s is not None]
    silent = [s.conversation for s in found if s.kind == "unanswered" and s.confidence != "tentative"]
    if not silent:
        return
    onward_of = Onward(case, conversations)
    told: list[Statement] = []
    for forwarder in case.all(Forwarder):
        through = [c for c in silent if forwarder.accepts(c.responder)]
        if not through:
            continue
        start, end = min(c.start_ns for c in through), max(c.end_ns for c in through)
        onward = [c for c in conversations if forwarder.leads_to(c.responder) and start <= c.start_ns <= end]
        if onward:
            told_seen = SEEN(program=forwarder.program, target=str(forwarder.target))
            yield Excluded(statements=(statement(told_seen, cite(case, onward[0], onward[0].first_frame)),))
            continue
        told.append(statement(FORWARD(program=forwarder.program, target=str(forwarder.target)), *_points(case, through[0].file)))
    alone = [c for c in silent[:MOST_LOOKED_AT] if not onward_of.of(c)]
    if not alone:  # what the accepting host asked meanwhile is in the capture
        return
    first = alone[0]
    told = [statement(FRONT(), cite(case, first, first.first_frame)), *_where(case, first.file), *told]
    yield Found(
        outcome="info",
        severity="info",
        confidence="firm",
        title=BEHIND(responder=str(first.responder)),
        statements=tuple(told),
        subject=responder_subject(first.responder),
        endpoints=ends(first.originator, Endpoint(first.responder.address, first.responder.port)),
        refuted_by=REFUTE(),
        next_actions=(Action(CAPTURE(), "sudo tcpdump -i any -s 0 -w behind.pcap 'tcp or icmp or icmp6'"),),
    )


def _points(case: Case, capture: str) -> tuple[Citation, ...]:
    """Where tcpdump says on which interface it listened."""
    files = {r.statistics_file for r in case.all(CaptureRun) if r.file == capture}
    lines = {s.file: s.listening_line for s in case.all(CaptureStatistics) if s.file in files and s.listening_line}
    return tuple(Citation(file, lines=(line,)) for file, line in lines.items())


def _where(case: Case, capture: str) -> Iterator[Statement]:
    files = {r.statistics_file for r in case.all(CaptureRun) if r.file == capture}
    for s in case.all(CaptureStatistics):
        if s.file in files and s.interface and s.interface != "any" and s.listening_line:
            yield statement(POINT(interface=s.interface), Citation(s.file, lines=(s.listening_line,)))

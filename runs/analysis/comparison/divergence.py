"""What differs first between a bad side and a good one, in one sentence with its proof.

Where the bad side has a chain of faults that begins on a host (a lease, a route, an interface) and that the good side has not, the chain
is the answer: packets only follow. Else it is where the conversations of a pair of attempts part, else the phase at which they do.
"""

from collections.abc import Sequence
from typing import NamedTuple

from runs.analysis.comparison.frames import Course, Step, cite_step, course, steps
from runs.analysis.comparison.pairs import Pair, phase_of
from runs.analysis.comparison.sides import Side
from runs.analysis.domain.phases import PHASE_WORDS
from runs.analysis.facts.base import SECOND_NS
from runs.analysis.facts.conversation import Conversation
from runs.analysis.messages import Text, message
from runs.analysis.report import AttemptRow, Finding, Statement, merge_citations

HOST_DOMAINS = ("host",)
SLOW_TIMES, SLOW_NS = 20, SECOND_NS // 2

ALIKE_THEN_NOTHING = message(
    "compare.alike_then_nothing",
    en="Both are alike up to frame {n:count}; then one answers with {size:bytes} after {took:duration}, the other with nothing for "
    "{waited:duration}.",
    ja="フレーム {n:count} までは同じ。その後、一方は {took:duration} で {size:bytes} を応答し、他方は {waited:duration} 何も応答しない。",
)
ALIKE_THEN = message(
    "compare.alike_then",
    en="Both are alike up to frame {n:count}; then {good} goes on with {did} after {took:duration}, {bad} with {does} after "
    "{waited:duration}.",
    ja="フレーム {n:count} までは同じ。その後、{good} は {took:duration} で{did}、{bad} は {waited:duration} で{does}。",
)
ALIKE_BUT_SLOW = message(
    "compare.alike_but_slow",
    en="Both take the same steps; {bad} answers after {waited:duration}, {good} after {took:duration}.",
    ja="手順は同じ。{good} の応答は {took:duration} 後、{bad} は {waited:duration} 後。",
)
AT_PHASE = message(
    "compare.at_phase",
    en="{label}: {good} passes “{phase}”, {bad} does not.",
    ja="{label}：{good} は「{phase}」を通るが、{bad} は通らない。",
)
ONLY_BAD = message("compare.only_bad", en="First, only in {bad}: {title}", ja="最初の差異（{bad} のみ）：{title}")
THEN = message("compare.then", en="Then: {title}", ja="続いて：{title}")
NO_DIFFERENCE = message(
    "compare.none",
    en="No attempt went otherwise: all {n:count} {n:plural:pair|pairs} came equally far.",
    ja="試行の進み方に差はない（{n:count} 組すべて同じ段階まで到達）。",
)
NOTHING_TO_PAIR = message(
    "compare.nothing",
    en="The two sides have no attempt in common that could be compared.",
    ja="両者に共通する試行がなく、比較できない。",
)
CARRIES = message(
    "compare.carries", en="{side}: frame {n:count} carries {size:bytes}, {took:duration} after the request.",
    ja="{side}：フレーム {n:count} が要求の {took:duration} 後に {size:bytes} を運ぶ。",
)  # fmt: skip
IS = message(
    "compare.is", en="{side}: frame {n:count} is {what}, {took:duration} after the frame before.",
    ja="{side}：フレーム {n:count} は {what}、直前のフレームから {took:duration} 後。",
)  # fmt: skip
ENDS = message(
    "compare.ends", en="{side}: nothing comes after frame {n:count}.", ja="{side}：フレーム {n:count} の後に何も来ない。"
)
SAME_PLACE = message(
    "compare.same_place", en="{n:count} of {all:count} pairs part at the same phase: {phase}.",
    ja="{all:count} 組中 {n:count} 組が同じ段階「{phase}」で分かれる。",
)  # fmt: skip

SHOWS = message("compare.shows", en="{side}, {phase}: {what:list}.", ja="{side}、{phase}：{what:list}。")
RESULTS = {
    "ok": message("compare.result.ok", en="ok", ja="成功"),
    "failed": message("compare.result.failed", en="failed", ja="失敗"),
    "not_reached": message("compare.result.not_reached", en="not reached", ja="未到達"),
}

SORTS = {
    "syn": message("compare.sort.syn", en="a SYN", ja="SYN"),
    "syn_ack": message("compare.sort.syn_ack", en="a SYN+ACK", ja="SYN+ACK"),
    "ack": message("compare.sort.ack", en="an ACK", ja="ACK"),
    "data": message("compare.sort.data", en="data", ja="データ"),
    "keep_alive": message("compare.sort.keep_alive", en="a keep-alive", ja="keep-alive"),
    "keep_alive_ack": message("compare.sort.keep_alive_ack", en="a keep-alive ACK", ja="keep-alive ACK"),
    "resent": message("compare.sort.resent", en="a retransmission", ja="再送"),
    "fin": message("compare.sort.fin", en="a FIN", ja="FIN"),
    "rst": message("compare.sort.rst", en="a RST", ja="RST"),
    "nothing": message("compare.sort.nothing", en="nothing", ja="何も来ない"),
}


class Parting(NamedTuple):
    """A pair of captured conversations, how far they go alike, and the attempts they belong to."""

    pair: Pair
    bad: Conversation
    good: Conversation
    course: Course  # left: the bad side


class Said(NamedTuple):
    """A sentence of the answer, and whose files it cites."""

    is_bad: bool
    statement: Statement


class Divergence(NamedTuple):
    """The answer."""

    title: Text
    statements: tuple[Said, ...]
    kind: str  # 'chain', 'frames', 'slow', 'phase', 'none', 'nothing'
    phase: str | None  # at which most pairs part
    parting: Parting | None


def divergence(bad: Side, good: Side, pairs: Sequence[Pair]) -> Divergence:
    """What differs first; `pairs` have the bad side on the left."""
    both = [p for p in pairs if p.left is not None and p.right is not None]
    phases = [phase for p in both if (phase := p.differs_at)]
    phase = max(set(phases), key=lambda name: (phases.count(name), -phases.index(name))) if phases else None
    partings = [made for p in both if (made := _parting(bad, good, p)) is not None]
    parting = next((p for p in partings if p.pair.differs_at), None) or next((p for p in partings if p.course.parts), None)
    chain = _chain(bad, good)
    if chain:
        first, *rest = chain
        told = (Said(True, _told(first)), *(Said(True, Statement(THEN(title=f.title), f.citations)) for f in rest))
        return Divergence(ONLY_BAD(bad=bad.name, title=first.title), told, "chain", phase, parting)
    if parting is not None and parting.pair.differs_at:
        title, shown = _by_frames(bad, good, parting)
        return Divergence(title, (*shown, *_shared(phase, phases, both)), "frames", phase, parting)
    if phase is not None:
        pair = next(p for p in both if p.differs_at == phase)
        return Divergence(*_by_phase(bad, good, pair, phase), "phase", phase, parting)
    slow = next((found for p in partings if (found := _slow(bad, good, p)) is not None), None)
    if slow is not None:
        return Divergence(slow[0], slow[1], "slow", "first_byte", parting)
    if not both:
        return Divergence(NOTHING_TO_PAIR(), (), "nothing", None, None)
    return Divergence(NO_DIFFERENCE(n=len(both)), (), "none", None, next(iter(partings), None))


def _told(finding: Finding) -> Statement:
    """The fault's own first sentence, with all that proves it."""
    return Statement(finding.statements[0].text if finding.statements else finding.title, finding.citations)


def _chain(bad: Side, good: Side) -> list[Finding]:
    """The faults of the bad side that follow from one on a host, which the good side has not; root first."""
    known = {f.fingerprint for f in good.findings}
    own = [f for f in bad.findings if f.outcome == "fail" and (f.fingerprint not in known or bad.part)]
    ids = {f.id for f in own}
    for root in own:
        if root.domain in HOST_DOMAINS and not set(root.because) & ids and root.severity in ("critical", "high"):
            chain, reached = [root], {root.id}
            for finding in own:
                if set(finding.because) & reached:
                    chain.append(finding)
                    reached.add(finding.id)
            if len(chain) > 1:
                return chain
    return []


def _parting(bad: Side, good: Side, pair: Pair) -> Parting | None:
    left, right = _captured(bad, pair.left), _captured(good, pair.right)
    if left is None or right is None:
        return None
    return Parting(pair, left, right, course(steps(bad, left), steps(good, right)))


def _captured(side: Side, attempt: AttemptRow | None) -> Conversation | None:
    names = attempt.conversations if attempt is not None else ()
    return next((side.conversations[name] for name in names if name in side.conversations), None)


def _shared(phase: str | None, phases: Sequence[str], both: Sequence[Pair]) -> tuple[Said, ...]:
    if phase is None or len(both) < 2:
        return ()
    places = merge_citations(
        c for p in both if p.differs_at == phase and p.left and (found := phase_of(p.left, phase)) for c in found.citations[:1]
    )
    return (Said(True, Statement(SAME_PLACE(n=phases.count(phase), all=len(both), phase=PHASE_WORDS[phase]), places)),)


def _by_frames(bad: Side, good: Side, parting: Parting) -> tuple[Text, tuple[Said, ...]]:
    c = parting.course
    theirs = c.right[c.right_at] if c.right_at < len(c.right) else None
    ours = c.left[c.left_at] if c.left_at < len(c.left) else None
    alike = max(min(c.left_at, c.right_at), 1)
    answered = theirs is not None and theirs.sort == "data" and theirs.from_responder
    silent = not any(s.sort == "data" and s.from_responder for s in c.left)
    told = (
        Said(False, _says(good, parting.good, c.right, c.right_at)),
        Said(True, _says(bad, parting.bad, c.left, c.left_at)),
    )
    if answered and silent and theirs is not None:
        size = sum(s.length for s in c.right if s.from_responder and s.sort == "data")
        took = theirs.since_ns - _asked_ns(c.right, c.right_at)
        waited = (c.left[-1].since_ns if c.left else 0) - _asked_ns(c.left, c.left_at)
        closed = next((s for s in c.left[c.left_at :] if s.sort in ("fin", "rst")), None)
        if closed is not None:
            waited = closed.since_ns - _asked_ns(c.left, c.left_at)
        return ALIKE_THEN_NOTHING(n=alike, size=size, took=took, waited=waited), told
    title = ALIKE_THEN(
        n=alike, good=good.name, bad=bad.name, did=_what(theirs), does=_what(ours),
        took=_since_before(c.right, c.right_at), waited=_since_before(c.left, c.left_at),
    )  # fmt: skip
    return title, told


def _asked_ns(found: Sequence[Step], at: int) -> int:
    """When the request ended that stands before this place."""
    asked = [s.since_ns for s in found[:at] if s.sort == "data" and not s.from_responder]
    return asked[-1] if asked else (found[at - 1].since_ns if at else 0)


def _since_before(found: Sequence[Step], at: int) -> int:
    if not found:
        return 0
    at = min(at, len(found) - 1)
    return found[at].since_ns - found[max(at - 1, 0)].since_ns


def _what(step: Step | None) -> Text:
    return SORTS[step.sort if step is not None else "nothing"]()


def _says(side: Side, conversation: Conversation, found: list[Step], at: int) -> Statement:
    if at >= len(found):
        last = found[-1] if found else Step(0, 0, False, "ack", 0)
        return Statement(ENDS(side=side.name, n=last.frame), (cite_step(side, conversation, last),) if found else ())
    step = found[at]
    place = (cite_step(side, conversation, step),)
    if step.sort == "data" and step.from_responder:
        size = sum(s.length for s in found if s.from_responder and s.sort == "data")
        return Statement(CARRIES(side=side.name, n=step.frame, size=size, took=step.since_ns - _asked_ns(found, at)), place)
    return Statement(IS(side=side.name, n=step.frame, what=_what(step), took=_since_before(found, at)), place)


def _by_phase(bad: Side, good: Side, pair: Pair, phase: str) -> tuple[Text, tuple[Said, ...]]:
    assert pair.left is not None
    title = AT_PHASE(label=pair.left.label, good=good.name, bad=bad.name, phase=PHASE_WORDS[phase])
    return title, _phase_said(bad, good, pair, phase)


def _phase_said(bad: Side, good: Side, pair: Pair, phase: str) -> tuple[Said, ...]:
    """What each side shows of a phase, the good one first."""
    made: list[Said] = []
    for is_bad, side, attempt in ((False, good, pair.right), (True, bad, pair.left)):
        found = phase_of(attempt, phase) if attempt is not None else None
        if found is not None:
            told = [text for text in (found.value, found.note) if text is not None]
            shown = told or [RESULTS[found.result]()] if found.result in RESULTS else told
            made.append(Said(is_bad, Statement(SHOWS(side=side.name, phase=PHASE_WORDS[phase], what=shown), found.citations)))
    return tuple(made)


def _slow(bad: Side, good: Side, parting: Parting) -> tuple[Text, tuple[Said, ...]] | None:
    waits = []
    for attempt in (parting.pair.left, parting.pair.right):
        phase = phase_of(attempt, "first_byte") if attempt is not None else None
        if phase is None or phase.duration_ns is None:
            return None
        waits.append(phase.duration_ns)
    if waits[0] < SLOW_NS or waits[0] < SLOW_TIMES * max(waits[1], 1):
        return None
    title = ALIKE_BUT_SLOW(bad=bad.name, good=good.name, waited=waits[0], took=waits[1])
    return title, _phase_said(bad, good, parting.pair, "first_byte")

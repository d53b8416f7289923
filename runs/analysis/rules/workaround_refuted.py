"""The notes prescribe a way round that the evidence of the same run shows to fail.

Claim: a sentence of a README or a note tells people to go through a forwarder (it names its program, or the port on which it listens,
beside words such as 必須, 当面, workaround, for now), and every attempt through that forwarder sent a request and got no answer.

Or: a sentence says plainly, with its time, that a change (restart, route, MTU, another port or proxy) cured the fault; a try of the same end failed
before, and every later try of it fails in the same way. The sentence names the end, or the run has but one. Of a way round by another port only
tries of that port count. One later try alone is
`tentative`; none at all: not evaluable.

Silent about a forwarder that was not tried, about one through which any attempt was answered, and about sentences that say themselves
that it does not help.

Refuted by: an answer through the forwarder; an answer after the change.

Source: the sentence and the attempts, side by side.
"""

import re
from collections.abc import Iterator, Sequence

from runs.analysis.case import Case
from runs.analysis.domain.stated_repairs import Repair, names, stated_repairs
from runs.analysis.domain.trials import Fate, Trial, trials
from runs.analysis.domain.wording import quoted, statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.joined import Forwarder
from runs.analysis.facts.notes import Note
from runs.analysis.messages import Message, message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement, merge_citations

MOST_TOLD = 5
COLLECT = "curl -v --max-time 60 http://HOST:PORT/ 2>&1 | tee curl_again.log"
_PRESCRIBES = re.compile(
    r"必須|推奨|当面|代替|回避策|回避手段|までは|までの間|運用(?:する|を続|を継続|で)|利用する|使用する|アクセスする"
    r"|\bwork-?arounds?\b|\bfor now\b|\binstead\b|\buntil\b|\bmust\b|\bshould\b|\brecommend|\bgo through\b|\buse\b",
    re.I,
)
_DOUBTS = re.compile(
    r"回避でき(?:な|ず|ません)|効果(?:が)?(?:な|無)|解決し(?:な|ませ)|変わらない|無意味|使えない|不可"
    r"|\b(?:cannot|can't|does(?: not|n't)|did(?: not|n't)|no) (?:help|work|avoid|bypass|use)",
    re.I,
)

TITLE = message("workaround_refuted", en="A prescribed way round fails too", ja="記載の回避策も失敗している")
FAILS = message(
    "workaround_refuted.title",
    en="The notes prescribe going through {program} on {listen}; the attempts of this run through it got no answer.",
    ja="メモは {program}（{listen}）経由を指示しているが、この run ではその経由でも応答がない。",
)
WRITTEN = message("workaround_refuted.written", en="It is prescribed here.", ja="指示の記載箇所。")
TRIED = message(
    "workaround_refuted.tried",
    en="{n:count} {n:plural:attempt|attempts} through it sent a request and got 0 bytes back.",
    ja="その経由の試行 {n:count} 件は要求を送り、応答は 0 byte。",
)
HELPS = message(
    "workaround_refuted.helps", en="Through {program} on {listen} an answer came.", ja="{program}（{listen}）経由では応答がある。"
)
NOT_TRIED = message(
    "workaround_refuted.not_tried",
    en="an attempt through {program} on {listen}, which the notes prescribe",
    ja="メモが指示する {program}（{listen}）経由の試行の記録",
)
STAYS = message(
    "workaround_refuted.title_stays",
    en="The notes say that a change cured it; {n:count} later {n:plural:try|tries} of {target} {n:plural:fails|fail} as before ({fate}).",
    ja="メモは対処で復旧したとするが、その後の {target} への試行 {n:count} 件も以前と同じく失敗している（{fate}）。",
)
SAID = message("workaround_refuted.said", en="It is said to have helped here.", ja="復旧したという記載の箇所。")
BEFORE = message("workaround_refuted.before", en="So it failed before.", ja="対処の前はこのように失敗していた。")
LATER = message("workaround_refuted.later", en="So it fails after {at:time}.", ja="{at:time} 以降も同じように失敗している。")
CURED = message("workaround_refuted.cured", en="After it {target} answers.", ja="その後 {target} から応答がある。")
UNTRIED = message(
    "workaround_refuted.untried",
    en="a try of {target} after the change that is said to have helped",
    ja="復旧したとされる対処の後の {target} への試行の記録",
)
AGAIN = message("workaround_refuted.again", en="Try it again, and keep the log.", ja="もう一度試して記録を残す。")
REFUTE_LATER = message("workaround_refuted.refute_later", en="An answer after the change.", ja="対処後の応答があれば覆る。")
FATES: dict[str, Message] = {
    "refused": message("workaround_refuted.refused", en="refused", ja="拒否"),
    "no answer to SYN": message("workaround_refuted.no_syn_ack", en="no answer to the SYN", ja="SYN に応答なし"),
    "no response": message("workaround_refuted.no_response", en="no response to the request", ja="要求に応答なし"),
}
REFUTE = message("workaround_refuted.refute", en="An answer through {program}.", ja="{program} 経由で応答があれば覆る。")
STRIKE = message(
    "workaround_refuted.strike",
    en="Take the advice out of the notes, or try it again and keep the log.",
    ja="メモからこの指示を外すか、もう一度試して記録を残す。",
)


@rule(
    title=TITLE,
    domain="notes",
    topics=["forwarder", "port-forward"],
    needs=[Note],
    uses=[Forwarder, Attempt, Clock, Conversation],
    collect=COLLECT,
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each forwarder that a note prescribes, and for each cure that it tells of."""
    yield from _cures(case)
    told: set[tuple[str, int | None]] = set()
    for forwarder in case.all(Forwarder):
        key = (forwarder.program, forwarder.listen.port)
        places = list(_prescribed(case, forwarder)) if key not in told else []
        if not places:
            continue
        told.add(key)
        listen = str(forwarder.listen.port)
        tried = [a for a in case.all(Attempt) if forwarder.accepts(a.target) and _result(a, "request") == "ok"]
        answered = [a for a in tried if _result(a, "first_byte") == "ok"]
        silent = [a for a in tried if _result(a, "first_byte") == "failed"]
        if answered:
            proof = merge_citations(c for a in answered[:MOST_TOLD] for c in a.citations)
            yield Excluded(statements=(Statement(HELPS(program=forwarder.program, listen=listen), proof),))
        elif silent:
            yield _found(forwarder, places, silent)
        else:
            yield NotEvaluable(
                missing=(NOT_TRIED(program=forwarder.program, listen=listen),),
                collect=f"curl -v --max-time 60 http://localhost:{listen}/ 2>&1 | tee curl_via_{listen}.log",
                citations=tuple(places[:1]),
            )


def _cures(case: Case) -> Iterator[Outcome]:
    repairs = list(stated_repairs(case))
    tried = sorted(trials(case), key=lambda t: t.at_ns) if repairs else []
    ends = {t.target for t in tried}
    for repair in repairs:
        meant = [t for t in tried if len(ends) == 1 or names(repair.text, t.target)]
        early = [t for t in (tried if repair.port else meant) if t.at_ns < repair.after_ns and t.fate != "answered"]
        late = [t for t in meant if t.at_ns >= repair.after_ns and repair.port in (None, t.target.port)]
        failed, after = _by_target(early), _by_target(late)
        if repair.port is None:
            after = {end: after.get(end, []) for end in failed}
        else:
            addresses = {end.address for end in failed}
            after = {end: found for end, found in after.items() if end.address in addresses}
        yield from _judged(repair, failed, after, {t.fate for t in early})


def _by_target(tried: Sequence[Trial]) -> dict[Endpoint, list[Trial]]:
    found: dict[Endpoint, list[Trial]] = {}
    for one in tried:
        found.setdefault(one.target, []).append(one)
    return found


def _judged(
    repair: Repair, failed: dict[Endpoint, list[Trial]], after: dict[Endpoint, list[Trial]], fates: set[Fate]
) -> Iterator[Outcome]:
    """Refuted only where every end that failed before fails still; one that answers may be what was cured."""
    answered = [t for found in after.values() for t in found if t.fate == "answered"]
    place = Citation(repair.file, lines=(repair.line,))
    if answered:
        yield Excluded(statements=(statement(CURED(target=str(answered[0].target)), place, *answered[0].places),))
    elif failed and not any(after.values()):
        target = next(iter(failed))
        yield NotEvaluable(missing=(UNTRIED(target=str(target)),), collect=COLLECT, citations=(place, *failed[target][-1].places))
    elif all(found and all(t.fate in fates for t in found) for found in after.values()):
        for target, found in after.items():
            before = [t for t in failed.get(target, next(iter(failed.values()))) if t.fate == found[0].fate]
            if before:
                yield _stays(repair, target, before, found)


def _stays(repair: Repair, target: Endpoint, before: list[Trial], after: list[Trial]) -> Found:
    said = STAYS(n=len(after), target=str(target), fate=FATES[after[0].fate]())
    return Found(
        outcome="fail",
        severity="medium",
        confidence="firm" if len(after) > 1 else "tentative",
        title=said,
        statements=(
            statement(SAID(), Citation(repair.file, lines=(repair.line,))),
            statement(BEFORE(), *merge_citations(c for t in before[:MOST_TOLD] for c in t.places)),
            statement(LATER(at=repair.after_ns), *merge_citations(c for t in after[:MOST_TOLD] for c in t.places)),
        ),
        subject={"address": target.address, "port": str(target.port), "what": "cure"},
        endpoints=(RoleEndpoint("responder", target),),
        refuted_by=REFUTE_LATER(),
        next_actions=(Action(AGAIN(), f"curl -v --max-time 60 http://{quoted(str(target))}/"),),
    )


def _result(attempt: Attempt, name: str) -> str | None:
    phase = attempt.phase(name)
    return phase.result if phase is not None else None


def _prescribed(case: Case, forwarder: Forwarder) -> Iterator[Citation]:
    """Where notes tell people to use this forwarder."""
    named = re.compile(rf"\b{re.escape(forwarder.program)}\b|(?<!\d){forwarder.listen.port}(?!\d)", re.I | re.ASCII)
    for note in case.all(Note):
        for one in (*note.statements, *note.actions):
            if named.search(one.text) and _PRESCRIBES.search(one.text) and not _DOUBTS.search(one.text):
                yield Citation(note.file, lines=(one.line,))


def _found(forwarder: Forwarder, places: list[Citation], silent: list[Attempt]) -> Found:
    program, listen = forwarder.program, str(forwarder.listen.port)
    proof = merge_citations(c for a in silent[:MOST_TOLD] for c in a.citations)
    return Found(
        outcome="fail",
        severity="medium",
        confidence="firm",
        title=FAILS(program=program, listen=listen),
        statements=(
            statement(WRITTEN(), *merge_citations(places[:MOST_TOLD])),
            Statement(TRIED(n=len(silent)), proof),
        ),
        subject={"program": program, "listen": listen},
        endpoints=(RoleEndpoint("forwarder", silent[0].target),),
        because=(Cause("forwarder_no_bypass", {"listen": listen}),),
        refuted_by=REFUTE(program=program),
        next_actions=(Action(STRIKE(), f"curl -v --max-time 60 http://{quoted(str(silent[0].target))}/"),),
    )

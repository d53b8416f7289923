"""The notes prescribe a way round that the evidence of the same run shows to fail.

Claim: a sentence of a README or a note tells people to go through a forwarder (it names its program, or the port on which it listens,
beside words such as 必須, 当面, workaround, for now), and every attempt through that forwarder sent a request and got no answer.

Silent about a forwarder that was not tried, about one through which any attempt was answered, and about sentences that say themselves
that it does not help.

Refuted by: an answer through the forwarder.

Source: the sentence and the attempts, side by side.
"""

import re
from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import quoted, statement
from runs.analysis.facts.attempt import Attempt
from runs.analysis.facts.base import Citation
from runs.analysis.facts.joined import Forwarder
from runs.analysis.facts.notes import Note
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Action, Cause, Excluded, Found, NotEvaluable, Outcome, RoleEndpoint, Statement, merge_citations

MOST_TOLD = 5
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
    needs=[Note, Forwarder],
    uses=[Attempt],
    collect="curl -v --max-time 60 http://localhost:FORWARDED_PORT/ 2>&1 | tee curl_via_forwarder.log",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each forwarder that a note prescribes."""
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

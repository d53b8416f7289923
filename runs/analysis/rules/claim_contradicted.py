"""What somebody wrote down disagrees with the evidence it speaks of.

Claim: a count, a size, a duration, a refusal, an HTTP status, a PID, an ICMP type and code that a README or a note states is another in
the file itself. Durations are compared to a second or 2 %, intervals to 10 %, since people round.

Silent about guesses, plans, questions and conditions, about sentences that can be read in two ways, and about statements that the
evidence neither proves nor refutes: those are listed as 'cannot be checked'.

Refuted by: the statement speaks of another recording than the one in the bundle.

Source: the statement and the evidence, side by side.
"""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.wording import statement
from runs.analysis.facts.base import Citation
from runs.analysis.facts.claims import CheckedClaim
from runs.analysis.messages import message
from runs.analysis.registry import rule
from runs.analysis.report import Excluded, Found, Outcome, Statement

MOST_TOLD = 12

TITLE = message("claim_contradicted", en="A statement disagrees with the evidence", ja="記述と証跡が食い違う")
DIFFERS = message(
    "claim_contradicted.title",
    en="“{stated}” does not agree with {subject}: {found}.",
    ja="「{stated}」という記述は {subject} と合わない：{found}。",
)
HERE = message("claim_contradicted.here", en="It is written here.", ja="記述はここにある。")
SHOWS = message("claim_contradicted.shows", en="The evidence shows: {found}.", ja="証跡の示す内容：{found}。")
OTHERWISE = message("claim_contradicted.otherwise", en="it shows otherwise", ja="証跡は別の内容を示す")
THE_RUN = message("claim_contradicted.the_run", en="the captures of this run", ja="この run のキャプチャ")
REFUTE = message(
    "claim_contradicted.refute",
    en="The statement speaks of another recording than the one in the bundle.",
    ja="記述が、束にあるものとは別の採取を指しているなら覆る。",
)
AGREES = message("claim_contradicted.agrees", en="“{stated}” agrees with the evidence.", ja="「{stated}」は証跡と一致する。")


@rule(
    title=TITLE,
    domain="notes",
    topics=["capture-practice"],
    needs=[CheckedClaim],
    collect="# keep the README or the notes in the bundle",
)
def judge(case: Case) -> Iterator[Outcome]:
    """One answer for each statement that is contradicted, one for all that are supported."""
    agreeing: list[Statement] = []
    for claim in case.all(CheckedClaim):
        written = Citation(claim.file, lines=(claim.line,))
        if claim.verdict == "supported":
            agreeing.append(statement(AGREES(stated=claim.stated), written, *claim.citations))
        elif claim.verdict == "contradicted":
            found = claim.found or OTHERWISE()
            yield Found(
                outcome="fail",
                severity="low",
                confidence="firm",
                title=DIFFERS(stated=claim.stated, subject=claim.subject or THE_RUN(), found=found),
                statements=(statement(HERE(), written), Statement(SHOWS(found=found), claim.citations)),
                subject={"kind": claim.kind, "stated": claim.stated},
                refuted_by=REFUTE(),
            )
    if agreeing:
        yield Excluded(statements=tuple(agreeing[:MOST_TOLD]))

"""Statements of people, held against the evidence. Made by the correlator `claims`."""

from typing import ClassVar, Literal

from runs.analysis.facts.base import Citation, Fact
from runs.analysis.messages import Message, Text, message

ClaimVerdict = Literal["supported", "contradicted", "cannot_be_checked"]


class CheckedClaim(Fact, frozen=True, kw_only=True):
    """One thing that a sentence states (`file` and `line`: where), and what the evidence says of it."""

    evidence_name: ClassVar[Message] = message("evidence.claim", en="statements in a README or notes", ja="README やメモの記述")

    line: int
    text: str  # the sentence as written
    stated: str  # the part of it that states
    kind: str  # see domain/claims.py
    subject: str  # the file it speaks of; '': the run as a whole
    verdict: ClaimVerdict
    found: Text | None = None  # what the evidence shows instead, where it contradicts
    citations: tuple[Citation, ...] = ()

"""What the notes of a run state, as the report lists it: claims with the evidence's answer, next actions, moments."""

from typing import Literal

import msgspec

from runs.analysis.facts.base import Citation


class ClaimRow(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of the notes, and what the evidence says of it."""

    file: str
    line: int
    text: str
    verdict: Literal["supported", "contradicted", "cannot_be_checked"]
    citations: tuple[Citation, ...] = ()
    stated: str = ""  # the part of the sentence that is meant


class PlannedAction(msgspec.Struct, frozen=True):
    """A next action that the notes name."""

    file: str
    line: int
    text: str
    done: bool | None = None


class StatedMoment(msgspec.Struct, frozen=True):
    """A time that a note names, as UTC by the clock of its file."""

    file: str
    line: int
    ts_ns: int
    precision_ns: int  # the last digit written
    approximate: bool = False  # '23:26頃', or counted from another one

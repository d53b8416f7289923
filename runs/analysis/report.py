"""The result of an analysis, in no language: what the pages render, what `analyse` prints as JSON, what the database keeps.

Keys and meanings: docs/report-schema.md. Words are `Text`s; `to_json` in `report_json.py` renders them.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from runs.analysis.facts.attempt import Phase
from runs.analysis.facts.base import Citation, Endpoint
from runs.analysis.messages import Text
from runs.analysis.noted import ClaimRow as ClaimRow
from runs.analysis.noted import PlannedAction as PlannedAction
from runs.analysis.noted import StatedMoment as StatedMoment
from runs.analysis.registry import Problem, SegmentInfo
from runs.analysis.translations import TranslatedSide as TranslatedSide
from runs.analysis.translations import Translation as Translation

Severity = Literal["critical", "high", "medium", "low", "info"]
Confidence = Literal["certain", "firm", "tentative"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
FileState = Literal["parsed", "partial", "unrecognised", "failed", "refused"]


class Statement(msgspec.Struct, frozen=True):
    """A sentence and its proof."""

    text: Text
    citations: tuple[Citation, ...] = ()


class PortOwner(msgspec.Struct, frozen=True):
    """The process that holds an endpoint, and the lines that say so."""

    process: str | None
    pid: int | None
    citations: tuple[Citation, ...]


class RoleEndpoint(msgspec.Struct, frozen=True):
    """An endpoint in its role: originator, responder, forwarder, resolver, rejecting host …"""

    role: str
    endpoint: Endpoint
    process: PortOwner | None = None


class Action(msgspec.Struct, frozen=True):
    """What to do next, with a command ready to paste where there is one."""

    text: Text
    command: str | None = None


class Cause(msgspec.Struct, frozen=True):
    """Names other findings of the run: those of a rule whose subject has all these items."""

    rule: str
    subject: dict[str, str] = {}


class Found(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """A rule's condition holds (`fail`), or is worth knowing and no fault (`info`)."""

    outcome: Literal["fail", "info"]
    severity: Severity
    confidence: Confidence
    title: Text
    statements: tuple[Statement, ...]
    subject: dict[str, str]  # stable words: no frame, time, ephemeral port or file name; equal subjects are one finding
    refuted_by: Text
    endpoints: tuple[RoleEndpoint, ...] = ()
    next_actions: tuple[Action, ...] = ()
    topics: tuple[str, ...] = ()  # where they differ from the rule's own
    because: tuple["Cause", ...] = ()  # the findings it follows from, where the run has them


class Excluded(msgspec.Struct, frozen=True, kw_only=True, tag="excluded"):
    """The evidence was enough to say that the condition is not there (`pass`)."""

    statements: tuple[Statement, ...]


class NotEvaluable(msgspec.Struct, frozen=True, kw_only=True, tag="not_evaluable"):
    """The evidence does not suffice: what is missing, and the command that would collect it."""

    missing: tuple[Text, ...]
    collect: str | None = None
    citations: tuple[Citation, ...] = ()


Outcome = Found | Excluded | NotEvaluable


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A `Found` with its rule, its place in the report and its fingerprint."""

    id: str
    rule: str
    domain: str
    outcome: Literal["fail", "info"]
    severity: Severity
    confidence: Confidence
    title: Text
    statements: tuple[Statement, ...]
    subject: dict[str, str]
    fingerprint: str
    endpoints: tuple[RoleEndpoint, ...]
    because: tuple[str, ...]
    refuted_by: Text
    next_actions: tuple[Action, ...]
    topics: tuple[str, ...]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All places its statements cite, each file once."""
        return merge_citations(c for s in self.statements for c in s.citations)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule answered for the run: a row of the coverage table."""

    rule: str
    outcome: Literal["fail", "pass", "info", "not_evaluable", "crashed"]
    statements: tuple[Statement, ...] = ()
    missing: tuple[Text, ...] = ()
    collect: str | None = None
    citations: tuple[Citation, ...] = ()


class Window(msgspec.Struct, frozen=True):
    """First and last moment, ns UTC."""

    start_ns: int
    end_ns: int


class ClockInfo(msgspec.Struct, frozen=True):
    """The clock of a file: zone, whether stated or assumed, and the offset that was applied."""

    zone: str
    source: Literal["stated", "assumed"]
    offset_ns: int | None = None
    day: int = 0  # days since 1970-01-01 of the times that are written without a date


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the file table."""

    path: str
    kind: str
    size_bytes: int
    sha256: str
    state: FileState
    encoding: str | None = None
    window: Window | None = None
    clock: ClockInfo | None = None
    summary: tuple[Statement, ...] = ()
    noted: str | None = None
    noted_at: Citation | None = None
    noted_time: str | None = None  # as the README's table has it
    command: str | None = None
    counts: dict[str, int] = {}
    segments: tuple[SegmentInfo, ...] = ()
    problems: tuple[Problem, ...] = ()


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One way that was tried: a row of the reachability matrix."""

    id: str
    label: Text
    note: Text | None = None  # under the label: when, with what
    address: str
    port: int | None
    name: str | None
    phases: tuple[Phase, ...]
    conversations: tuple[str, ...]
    at_ns: int | None = None
    fault: bool = False  # whether its failure counts: a refused family that another one stood in for does not


class HypothesisRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a note suspects, and what the evidence says for and against the causes it names."""

    file: str
    line: int
    text: str
    causes: tuple[Text, ...]  # the kinds of cause it names
    standing: Literal["supported", "contradicted", "both", "open"]
    pro: tuple[Statement, ...] = ()
    con: tuple[Statement, ...] = ()
    missing: tuple[Text, ...] = ()
    collect: str | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The sentence at the top, and what it rests on."""

    outcome: Literal["fail", "pass", "not_evaluable"]
    title: Text
    severity: Severity
    confidence: Confidence
    domain: str | None
    root: str | None
    statements: tuple[Statement, ...]
    excluded: tuple[Statement, ...] = ()  # what was ruled out, beside the verdict
    undecided: tuple[Statement, ...] = ()  # what this bundle cannot decide


class ScriptLine(msgspec.Struct, frozen=True, kw_only=True):
    """One command of the next capture's script, and why it is there. `file`: where its output is kept, in the place's folder."""

    step: Literal["before", "capture", "request", "after"]
    why: tuple[Statement, ...]
    command: str
    file: str


class CapturePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where to record at the same time as at the other places."""

    id: str  # the script's argument: 'client', 'behind', 'responder', 'tunnel'
    title: Text
    lines: tuple[ScriptLine, ...]


class NextCapture(msgspec.Struct, frozen=True, kw_only=True):
    """What to record next, made from what was missing."""

    why: tuple[Statement, ...]  # what it is to decide
    places: tuple[CapturePlace, ...]
    seconds: int  # for how long a place records, at most


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run, judged. Conversations stand in the tables: `report_json.py` adds them where they are asked for."""

    run_id: str
    title: str | None
    purpose: str | None
    purpose_at: Citation | None
    timezone: str
    timezone_source: Literal["stated", "assumed"]
    window: Window | None
    verdict: Verdict
    files: tuple[FileReport, ...]
    attempts: tuple[AttemptRow, ...]
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    claims: tuple[ClaimRow, ...]
    actions: tuple[PlannedAction, ...]
    hypotheses: tuple[HypothesisRow, ...] = ()
    problems: tuple[Text, ...] = ()  # of the bundle as a whole: an archive that was cut
    stated_moments: tuple[StatedMoment, ...] = ()  # what people wrote with a time
    translations: tuple[Translation, ...] = ()
    same_traffic: tuple[tuple[str, str], ...] = ()  # (text, capture): the text's frames are the capture's
    next_capture: NextCapture | None = None  # None: nothing failed, or nothing is known that could be asked again

    @property
    def frame_count(self) -> int:
        """Frames of all captures, each traffic once: the records of a text count where no capture holds them."""
        repeated = {text for text, _ in self.same_traffic}
        return sum(file.counts.get("frames", 0) for file in self.files if file.path not in repeated)


def merge_citations(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Citations with each file once, frames and lines sorted; order of first mention kept."""
    frames: dict[str, set[int]] = {}
    lines: dict[str, set[int]] = {}
    for citation in citations:
        frames.setdefault(citation.file, set()).update(citation.frames)
        lines.setdefault(citation.file, set()).update(citation.lines)
    return tuple(Citation(file, tuple(sorted(frames[file])), tuple(sorted(lines[file]))) for file in frames)

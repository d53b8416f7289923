"""The conversations of all captures, each traffic once: a text that shows a capture of the run adds none of its own."""

from collections.abc import Iterator

from runs.analysis.case import Case
from runs.analysis.domain.conversations import MOST_JUDGED, captured_conversations
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.joined import SameTraffic
from runs.analysis.registry import correlator


@correlator(gives=Conversation, needs=[Capture], uses=[Clock, SameTraffic])
def conversations(case: Case) -> Iterator[Conversation]:
    """In the order of the files, and of their first frames within each."""
    told = {(s.file, s.segment) for s in case.all(SameTraffic)}
    clocks = {c.file: c for c in case.all(Clock)}
    for capture in case.all(Capture):
        if (capture.file, capture.segment) in told:
            continue
        yield from captured_conversations(case.tables, capture, clocks.get(capture.file), MOST_JUDGED)

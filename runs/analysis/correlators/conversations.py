"""The conversations of all captures, each traffic once: a text that shows a capture of the run adds none of its own."""

from collections.abc import Iterator

import msgspec

from runs.analysis.case import Case
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.facts.joined import SameTraffic
from runs.analysis.packets.conversations import conversation_facts
from runs.analysis.registry import correlator


@correlator(gives=Conversation, needs=[Capture], uses=[Clock, SameTraffic])
def conversations(case: Case) -> Iterator[Conversation]:
    """In the order of the files, and of their first frames within each."""
    told = {(s.file, s.segment) for s in case.all(SameTraffic)}
    clocks = {c.file: c for c in case.all(Clock)}
    for capture in case.all(Capture):
        if (capture.file, capture.segment) in told:
            continue
        yield from of_capture(case, capture, clocks.get(capture.file))


def of_capture(case: Case, capture: Capture, clock: Clock | None) -> Iterator[Conversation]:
    """The conversations of one capture, their times in UTC."""
    tables = {name: case.table(capture, name) for name in ("packets", "conversations", "addresses")}
    packets, table, addresses = tables["packets"], tables["conversations"], tables["addresses"]
    if packets is None or table is None or addresses is None:
        return
    for c in conversation_facts(table, addresses, capture.file):
        shift = clock.utc_ns(c.start_ns, capture.has_date) - c.start_ns if clock and capture.is_text else 0
        yield msgspec.structs.replace(c, segment=capture.segment, start_ns=c.start_ns + shift, clock_offset_ns=shift)

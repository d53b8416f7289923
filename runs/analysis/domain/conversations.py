"""The conversations of one capture as facts, their times in UTC."""

from collections.abc import Iterator

import msgspec

from runs.analysis.case import Tables, table_name
from runs.analysis.facts.capture import Capture
from runs.analysis.facts.clock import Clock
from runs.analysis.facts.conversation import Conversation
from runs.analysis.packets.conversations import conversation_facts

MOST_JUDGED = 50_000
"""Conversations of one capture that the rules look at; the report lists all of them."""


def captured_conversations(
    tables: Tables, capture: Capture, clock: Clock | None, most: int | None = None, first: int = 0
) -> Iterator[Conversation]:
    """In the order of their first frames, from row `first` up to row `most`; a text's clock face is turned into UTC by its clock, and
    a capture's times are corrected by it."""
    names = ("conversations", "addresses")
    table, addresses = (tables.table(capture.file, table_name(name, capture.segment)) for name in names)
    if table is None or addresses is None:
        return
    for c in conversation_facts(table, addresses, capture.file, most, first):
        shift = 0
        if clock is not None:
            shift = clock.utc_ns(c.start_ns, capture.has_date) - c.start_ns if capture.is_text else clock.offset_ns
        if shift or capture.segment:
            c = msgspec.structs.replace(c, segment=capture.segment, start_ns=c.start_ns + shift, clock_offset_ns=shift)
        yield c

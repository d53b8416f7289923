"""What one TCP segment is to its conversation, in words with links to the frames it speaks of: for the frame's page."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from runs.analysis.packets.segment import Reached, SegmentContext, segment_context
from runs.services.conversation_view import Opened
from runs.views._times import seconds

ACKNOWLEDGES = gettext_lazy("Acknowledges the segment in")
ACKNOWLEDGED = gettext_lazy("Acknowledged in")
SENT_FIRST = gettext_lazy("These bytes were sent first in")
DOUBLES = gettext_lazy("Repeats the ACK in")


class Note(NamedTuple):
    """A line of the analysis; `frame` (from 1) is linked where there is one."""

    name: str | Promise
    value: str
    frame: int | None = None


def segment_notes(opened: Opened, row: int) -> list[Note]:
    """The notes about a frame (row of `packets`); none where it is no TCP segment."""
    found = segment_context(opened.packets, opened.conversations, row)
    return [] if found is None else [*_numbers(found), *_frames(found)]


def _numbers(found: SegmentContext) -> list[Note]:
    notes = [Note(_("Sequence number (relative)"), str(found.sequence))]
    if found.next_sequence != found.sequence:
        notes.append(Note(_("Next sequence number"), str(found.next_sequence)))
    if found.acknowledgment is not None:
        notes.append(Note(_("Acknowledgment number (relative)"), str(found.acknowledgment)))
    if found.window is None:
        notes.append(Note(_("Window"), _("scaling not known: the capture lacks a SYN")))
    elif found.window_shift > 0:
        notes.append(
            Note(_("Window"), _("%(n)s B (scaled by %(factor)s)") % {"n": found.window, "factor": 1 << found.window_shift})
        )
    else:
        notes.append(Note(_("Window"), f"{found.window} B"))
    if found.bytes_in_flight is not None:
        notes.append(Note(_("Bytes in flight"), str(found.bytes_in_flight)))
    notes.append(Note(_("Since the conversation's first frame"), f"{seconds(found.since_first_ns)} s"))
    if found.initial_rtt_ns:
        notes.append(Note(_("Initial RTT of the conversation"), f"{seconds(found.initial_rtt_ns)} s"))
    return notes


def _frames(found: SegmentContext) -> list[Note]:
    notes = [
        _behind(ACKNOWLEDGES, found.acknowledges, "RTT {} s"),
        _behind(ACKNOWLEDGED, found.acknowledged_by, "+{} s"),
        _behind(SENT_FIRST, found.sent_first, "−{} s"),
    ]
    if found.doubles is not None:
        notes.append(Note(DOUBLES, "", found.doubles + 1))
    return [note for note in notes if note is not None]


def _behind(name: str | Promise, reached: Reached | None, shape: str) -> Note | None:
    return None if reached is None else Note(name, shape.format(seconds(reached.ns)), reached.row + 1)

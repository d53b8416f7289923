"""Bookmarks and remarks on the timeline: written, removed, and looked up by their place."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from runs.models import MARK_MAX_CHARS, Event, Run, TimelineMark
from runs.services.history import record
from runs.services.timeline_places import Kind, Place

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_MARKS = 5_000  # of one run


class TooManyMarks(ValueError):
    """The run has MOST_MARKS already."""


@transaction.atomic
def add_mark(run: Run, place: Place, text: str, user: "User") -> TimelineMark:
    """Leave a bookmark, or a remark where there is a text. Raises ValueError for a place the run does not have, TooManyMarks."""
    path = place.source.partition("@")[0] if not run.files.filter(path=place.source).exists() else place.source
    if place.first < 1 or not run.files.filter(path=path).exists():
        raise ValueError("the run has no such place")
    if run.marks.count() >= MOST_MARKS:
        raise TooManyMarks
    text = text.strip()[:MARK_MAX_CHARS]
    if not text:
        found = run.marks.filter(path=path, kind=place.kind, number=place.first, text="").first()
        if found is not None:
            return found
    mark = TimelineMark.objects.create(run=run, path=path, kind=place.kind, number=place.first, text=text, created_by=user)
    record(run, Event.MARK_ADDED, user, after=_said(mark))
    return mark


@transaction.atomic
def remove_mark(run: Run, mark_id: int, user: "User") -> None:
    """Take a bookmark or remark away; what is gone already is no error."""
    mark = run.marks.select_for_update().filter(pk=mark_id).first()
    if mark is not None:
        record(run, Event.MARK_REMOVED, user, before=_said(mark))
        mark.delete()


def _said(mark: TimelineMark) -> dict[str, str]:
    """The mark as its history keeps it; the place is written as people write it: 'lo0.pcap#7', 'app.log:12'."""
    return {"place": str(mark), "text": mark.text}


def marks_of(run: Run) -> dict[tuple[str, Kind, int], Sequence[TimelineMark]]:
    """All marks of a run by their place, oldest first."""
    found: dict[tuple[str, Kind, int], list[TimelineMark]] = {}
    for mark in run.marks.select_related("created_by"):
        found.setdefault((mark.path, mark.kind, mark.number), []).append(mark)  # type: ignore[arg-type]
    return dict(found)

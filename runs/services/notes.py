"""People's own 所見 of a file, beside the machine's: written with its history; the later of two writers is told."""

from typing import TYPE_CHECKING

from django.db import transaction

from runs.models import NOTE_MAX_CHARS, Event, EvidenceFile, FileNote, Run
from runs.services.history import record
from runs.services.review import Stale

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def write_note(file: EvidenceFile, text: str, version: int, by: "User") -> FileNote:
    """Set the note of a file; '' takes it away, its history stays. `version`: the one seen (0: none yet). Raises Stale."""
    text = text.replace("\r\n", "\n").strip()[:NOTE_MAX_CHARS]
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=file.run_id)  # two first notes at once are two writers as well
        note = FileNote.objects.filter(file=file).select_related("edited_by").first() or FileNote(file=file)
        if text == note.text:
            return note
        if note.version != version:
            raise Stale(note)
        before, note.text, note.edited_by, note.version = note.text, text, by, note.version + 1
        note.save()
        record(file.run, Event.NOTE_EDITED, by, file=file, before=before, after=text)
    return note


def notes_of(run: Run) -> dict[str, FileNote]:
    """The run's notes that have words, by the path of their file."""
    found = FileNote.objects.filter(file__run=run).exclude(text="").select_related("file", "edited_by")
    return {note.file.path: note for note in found}

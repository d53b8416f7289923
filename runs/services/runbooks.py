"""Writing runbooks: a version at a time, the later of two writers told; import of a folder; a note's section taken over."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from runs.models import (
    RUNBOOK_MAX_CHARS,
    RUNBOOK_NAME_MAX_CHARS,
    Event,
    Runbook,
    RunbookSection,
    RunbookVersion,
    SectionTopic,
    Team,
)
from runs.models.fields import storable
from runs.services.history import NAME_MAX_CHARS, name_of, record_of_team
from runs.services.review import Stale
from runs.services.runbook_sections import Part, split

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SUFFIXES = (".md", ".markdown")
MOST_FILE_BYTES = 4 * RUNBOOK_MAX_CHARS  # of UTF-8


class NotWritable(ValueError):
    """Nothing was saved: `why` is 'name' (none), 'taken' (the team has one of that name), 'empty', 'long', 'encoding' or 'withdrawn'."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def create(team: Team, name: str, body: str, by: "User | None") -> Runbook:
    """A new runbook with its first version. Raises NotWritable."""
    name, body = checked_name(name), _checked(body)
    with transaction.atomic():
        hold_name(team, name)
        runbook = Runbook.objects.create(team=team, name=name)
        _write(runbook, body, by)
    return runbook


def checked_name(name: str) -> str:
    """The name as it is kept: blanks made one. Raises NotWritable."""
    name = " ".join(storable(name).split())[:RUNBOOK_NAME_MAX_CHARS].rstrip()
    if not name:
        raise NotWritable("name")
    return name


def hold_name(team: Team, name: str, of: Runbook | None = None) -> None:
    """Within the caller's transaction: no other takes the name until its end. Raises NotWritable where another than `of` has it."""
    Team.objects.select_for_update().get(pk=team.pk)  # two of one name at once: the second is told
    same = Runbook.objects.standing().filter(team=team, name__iexact=name)
    if (same.exclude(pk=of.pk) if of else same).exists():
        raise NotWritable("taken")


def _standing(runbook: Runbook) -> Runbook:
    """The row, locked within the caller's transaction. Raises NotWritable for a withdrawn one."""
    current = Runbook.objects.select_for_update().get(pk=runbook.pk)
    if current.withdrawn_at is not None:
        raise NotWritable("withdrawn")
    return current


def save(runbook: Runbook, body: str, version: int, by: "User | None", restored: int | None = None) -> RunbookVersion:
    """A new version on top of `version`, the one its writer saw; the same text makes none. Raises NotWritable, Stale.

    `restored`: the number of the earlier version whose text this is.
    """
    body = _checked(body)
    with transaction.atomic():
        current = _standing(runbook)
        newest = newest_version(current)
        if newest.body == body:
            return newest
        if current.version != version:
            raise Stale(current)
        saved = _write(current, body, by, restored)
        runbook.version = current.version
    return saved


def append(runbook: Runbook, heading: str, body: str, by: "User") -> RunbookSection:
    """Add a section at the end of the newest version, whoever wrote that; the section as it is kept. Raises NotWritable."""
    heading = " ".join(storable(heading).split())
    with transaction.atomic():
        current = _standing(runbook)
        text = f"{newest_version(current).body.rstrip()}\n\n## {heading}\n\n{storable(body).strip()}\n"
        _write(current, _checked(text), by)
        runbook.version = current.version
        added = current.sections.current().filter(level=2).last()
    assert added is not None  # the heading just written
    return added


def newest_version(runbook: Runbook) -> RunbookVersion:
    """The text as it stands."""
    return runbook.versions.get(number=runbook.version)


def _checked(body: str) -> str:
    body = storable(body).replace("\r\n", "\n").replace("\r", "\n")
    if not body.strip():
        raise NotWritable("empty")
    if len(body) > RUNBOOK_MAX_CHARS:
        raise NotWritable("long")
    return body


def _write(runbook: Runbook, body: str, by: "User | None", restored: int | None = None) -> RunbookVersion:
    """Within the caller's transaction, with the runbook locked."""
    runbook.version += 1
    author_name = name_of(by)[:NAME_MAX_CHARS] if by is not None else ""
    saved = RunbookVersion.objects.create(runbook=runbook, number=runbook.version, body=body, author=by, author_name=author_name)
    runbook.save(update_fields=["version"])
    _write_sections(runbook, split(body))
    after = {"runbook": runbook.pk, "name": runbook.name, "version": runbook.version}
    after |= {"restored": restored} if restored else {}
    record_of_team(runbook.team, Event.RUNBOOK_SAVED, by, after=after)
    return saved


def _write_sections(runbook: Runbook, parts: list[Part]) -> None:
    """The runbook's rows brought up to its newest version; a heading that was only reworded keeps its row."""
    known = {row.anchor: row for row in runbook.sections.all()}
    _follow_renamed(known, parts)
    rows = []
    for place, part in enumerate(parts):
        row = known.pop(part.anchor, None) or RunbookSection(runbook=runbook)
        row.anchor, row.heading, row.level, row.place = part.anchor, part.heading, part.level, place
        row.line, row.body, row.is_current = part.line, part.body, True
        rows.append(row)
    RunbookSection.objects.filter(pk__in=[row.pk for row in known.values()]).update(is_current=False)
    changed = ["anchor", "heading", "level", "place", "line", "body", "is_current"]
    RunbookSection.objects.bulk_update([row for row in rows if row.pk], changed, batch_size=100)
    RunbookSection.objects.bulk_create([row for row in rows if not row.pk], batch_size=100)
    SectionTopic.objects.filter(section__runbook=runbook).delete()
    topics = [SectionTopic(section=row, topic=t) for row, part in zip(rows, parts, strict=True) for t in part.topics]
    SectionTopic.objects.bulk_create(topics, batch_size=500)


def _follow_renamed(known: dict[str, RunbookSection], parts: Iterable[Part]) -> None:
    """Where a heading went and another came over the very same words, the row follows it, with its links and answers."""
    fresh = {part.body: part for part in parts if part.anchor not in known and part.body.strip()}
    lost = {part.anchor for part in parts}
    for anchor, row in list(known.items()):
        part = fresh.pop(row.body, None) if anchor not in lost and row.is_current else None
        if part is not None:
            known[part.anchor] = known.pop(anchor)


@dataclass(frozen=True)
class Imported:
    """What became of one file: `outcome` 'new', 'changed', 'same' or a reason of `NotWritable`."""

    name: str
    outcome: str


def import_folder(folder: Path, team: Team, by: "User | None" = None) -> list[Imported]:
    """Every Markdown file below the folder as a runbook of its file's name; one that is known gets a new version.

    Symbolic links are not followed. A file that cannot be taken is named, and the rest goes on.
    """
    found = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink()]
    return [_import(path, team, by) for path in sorted(found)]


def _import(path: Path, team: Team, by: "User | None") -> Imported:
    try:
        body = text_of(path.read_bytes() if path.stat().st_size <= MOST_FILE_BYTES else b"x" * (MOST_FILE_BYTES + 1))
        runbook = Runbook.objects.standing().filter(team=team, name__iexact=path.name).first()
        if runbook is None:
            create(team, path.name, body, by)
            return Imported(path.name, "new")
        before = runbook.version
        saved = save(runbook, body, before, by)
    except NotWritable as error:
        return Imported(path.name, error.why)
    return Imported(path.name, "same" if saved.number == before else "changed")


def text_of(data: bytes) -> str:
    """The text of an uploaded file. Raises NotWritable where it is too long or not UTF-8."""
    if len(data) > MOST_FILE_BYTES:
        raise NotWritable("long")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotWritable("encoding") from error

"""Notes of a run and the team's runbooks: which documents they name, and which of their lessons and procedures could be kept."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from runs.analysis.facts.base import Fact
from runs.analysis.facts.notes import DocumentHeader, Note
from runs.analysis.source import Source
from runs.models import EvidenceFile, Run, Runbook, RunbookSection
from runs.services import storage
from runs.services.lines import read_page
from runs.services.runbook_sections import numbers_named, split

NOTE_KINDS = ("note", "readme")
MOST_FILES = 20
MOST_REFERENCES = 100
MOST_LINES = 10_000
LOOK_AHEAD = 80  # characters after a document's name in which its sections are named
_CALLED_RUNBOOK = re.compile(r"run[-_ ]?book|手順書|プレイブック|playbook", re.IGNORECASE)
_NAME = re.compile(r"[^\s`§#（(「\[<>\"']+\.(?:md|markdown)", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """A document that a note names. `runbook` None: the team has none of that name. `sections`: (anchor, the section or None)."""

    file: EvidenceFile
    line: int
    name: str
    runbook: Runbook | None
    sections: tuple[tuple[str, RunbookSection | None], ...] = ()


@dataclass(frozen=True)
class NotePart:
    """A lesson ('learned') or a way back ('rollback') in a note: the heading it stands under, with all its words."""

    kind: str
    heading: str
    line: int  # of the heading
    body: str


def references_of(run: Run, files: Iterable[EvidenceFile]) -> list[Reference]:
    """The documents that the run's notes name and that are runbooks of its team, or are called so. Each file's once."""
    notes = [file for file in files if file.kind in NOTE_KINDS and file.blob_id][:MOST_FILES]
    named = [(file, line, name) for file in notes for line, name in _named(file)][:MOST_REFERENCES]
    if not named:
        return []
    books = {_last(book.name): book for book in Runbook.objects.standing().filter(team_id=run.team_id)}
    wanted = [one for one in named if _last(one[2]) in books or _CALLED_RUNBOOK.search(_last(one[2]))]
    known = RunbookSection.objects.current().filter(runbook__in={books[n].pk for n in (_last(w[2]) for w in wanted) if n in books})
    sections = {(row.runbook_id, row.anchor): row for row in known.defer("body")}
    return [_reference(file, line, name, books.get(_last(name)), sections) for file, line, name in wanted]


def _reference(
    file: EvidenceFile, line: int, name: str, book: Runbook | None, sections: dict[tuple[int, str], RunbookSection]
) -> Reference:
    words = _words_after(file, line, name)
    slug = re.match(r"#([\w-]{1,120})", words)
    anchors = numbers_named(words) or ([slug[1]] if slug else [])
    return Reference(
        file, line, name, book, tuple((anchor, sections.get((book.pk, anchor)) if book else None) for anchor in anchors)
    )


def _last(name: str) -> str:
    """The file's own name, as both sides may write it: without folders, in one case."""
    return name.rsplit("/", 1)[-1].casefold()


def _named(file: EvidenceFile) -> list[tuple[int, str]]:
    """(line, name) of the Markdown documents that a note names."""
    found: dict[str, int] = {}
    for fact in _facts(file):
        if isinstance(fact, DocumentHeader | Note):
            for words, line in fact.references:
                if name := _NAME.search(words):
                    found.setdefault(name[0], line)
    return [(line, name) for name, line in found.items()]


def _facts(file: EvidenceFile) -> list[Fact]:
    result = storage.load_result(file.artefact)
    return result.located(file.path) if result else []


def _source(file: EvidenceFile) -> Source | None:
    try:
        return Source(storage.blob_path(file.blob_id or ""), file.path)
    except FileNotFoundError:
        return None


def _words_after(file: EvidenceFile, line: int, name: str) -> str:
    """What stands in the line after the name, up to the next document's."""
    source = _source(file)
    page = read_page(source, file.blob_id or "", line, 1) if source else None
    text = page.lines[0].text if page and page.lines else ""
    after = text.partition(name)[2][:LOOK_AHEAD]
    following = _NAME.search(after)
    return after[: following.start()] if following else after


def parts_of(file: EvidenceFile) -> list[NotePart]:
    """The lessons and rollback procedures of a note, by the headings they stand under; what is under none is not offered."""
    kinds: dict[int, str] = {}
    for fact in _facts(file) if file.kind in NOTE_KINDS and file.blob_id else ():
        if isinstance(fact, Note):
            kinds |= {said.line: "learned" for said in fact.learned} | {said.line: "rollback" for said in fact.rollback}
    source = _source(file) if kinds else None
    if source is None:
        return []
    lines = read_page(source, file.blob_id or "", 1, MOST_LINES).lines
    parts = [part for part in split("\n".join(line.text.rstrip("\r") for line in lines)) if part.level]
    made = []
    for index, part in enumerate(parts):
        end = parts[index + 1].line if index + 1 < len(parts) else MOST_LINES + 1
        inside = [kinds[line] for line in sorted(kinds) if part.line <= line < end]
        if inside and part.body.strip():
            made.append(NotePart(inside[0], part.heading, part.line, part.body))
    return made

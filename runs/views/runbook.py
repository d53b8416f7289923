"""Reading runbooks: the list with what is still unwritten, one with its sections and how they fared, and its versions."""

from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from runs.access import visible_runbook
from runs.models import Runbook, RunbookSection, RunbookVersion, SectionAnswer, Team
from runs.services.runbook_links import Unwritten, Uses, unwritten_topics, uses_of
from runs.services.runbook_sections import START, split
from runs.services.runbooks import newest_version
from runs.views._run_page import zone_named

SHOWN_VERSIONS = 200


class TeamShelf(NamedTuple):
    """A team's runbooks, and the topics that none of them covers."""

    team: Team
    books: list[Runbook]
    withdrawn: list[Runbook]
    unwritten: list[Unwritten]
    may_write: bool

    @property
    def waiting(self) -> list[Unwritten]:
        """The topics that faults of the team's runs ask for."""
        return [one for one in self.unwritten if one.findings]

    @property
    def idle(self) -> list[Unwritten]:
        """The others."""
        return [one for one in self.unwritten if not one.findings]


class SectionRow(NamedTuple):
    """A section with what became of the findings that it was used for."""

    section: RunbookSection
    topics: list[str]
    uses: Uses | None


@require_safe
def runbooks(request: HttpRequest) -> HttpResponse:
    """The runbooks of the viewer's teams, a shelf for each team."""
    writable = set(Team.objects.reviewable_by(request.user).values_list("pk", flat=True))
    books: dict[int, list[Runbook]] = {}
    withdrawn: dict[int, list[Runbook]] = {}
    for book in _with_totals(Runbook.objects.visible_to(request.user)):
        (books if book.withdrawn_at is None else withdrawn).setdefault(book.team_id, []).append(book)
    shelves = [
        TeamShelf(team, books.get(team.pk, []), withdrawn.get(team.pk, []), unwritten_topics(team), team.pk in writable)
        for team in Team.objects.of(request.user)
    ]
    context = {"shelves": shelves, "may_write": bool(writable), "zone": zone_named(None)}
    return render(request, "runs/runbooks.html", context)


def _with_totals(books: QuerySet[Runbook]) -> QuerySet[Runbook]:
    """With `section_count helped unhelpful`, and who saved the newest version when: `saved_by saved_at`."""
    newest = RunbookVersion.objects.filter(runbook=OuterRef("pk"), number=OuterRef("version"))
    answers = SectionAnswer.objects.filter(section__runbook=OuterRef("pk")).order_by().values("section__runbook")

    def total(helped: bool) -> Subquery:
        return Subquery(answers.filter(helped=helped).annotate(n=Count("pk")).values("n"))

    return books.annotate(
        section_count=Count("sections", filter=Q(sections__is_current=True)),
        helped=total(True),
        unhelpful=total(False),
        saved_by=Subquery(newest.values("author_name")[:1]),
        saved_at=Subquery(newest.values("saved_at")[:1]),
    )


def book_context(request: HttpRequest, book: Runbook) -> dict[str, Any]:
    """Context of the pages of one runbook: `book may_write zone start`."""
    may_write = Runbook.objects.reviewable_by(request.user).filter(pk=book.pk).exists()
    return {"book": book, "may_write": may_write, "zone": zone_named(None), "start": START}


@require_safe
def runbook(request: HttpRequest, runbook_id: int) -> HttpResponse:
    """One runbook as it stands, a part for each section."""
    book = visible_runbook(request.user, runbook_id)
    rows = list(book.sections.filter(is_current=True).prefetch_related("topics"))
    lost = book.sections.filter(is_current=False).filter(Q(links__isnull=False) | Q(answers__isnull=False)).distinct()
    uses = uses_of([*rows, *lost], book.team)
    context = book_context(request, book) | {
        "sections": [SectionRow(row, [one.topic for one in row.topics.all()], uses.get(row.pk)) for row in rows],
        "lost": [SectionRow(row, [], uses.get(row.pk)) for row in lost],
        "newest": newest_version(book),
    }
    return render(request, "runs/runbook.html", context)


@require_safe
def runbook_versions(request: HttpRequest, runbook_id: int) -> HttpResponse:
    """Who saved what, newest first."""
    book = visible_runbook(request.user, runbook_id)
    versions = book.versions.defer("body").order_by("-number")
    context = book_context(request, book) | {"versions": versions[:SHOWN_VERSIONS], "total": versions.count()}
    return render(request, "runs/runbook_versions.html", context)


@require_safe
def runbook_version(request: HttpRequest, runbook_id: int, number: int) -> HttpResponse:
    """One version as it was saved."""
    book = visible_runbook(request.user, runbook_id)
    version = get_object_or_404(book.versions, number=number)
    return render(
        request, "runs/runbook_version.html", book_context(request, book) | {"version": version, "parts": split(version.body)}
    )

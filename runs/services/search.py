"""Search over runs, findings, files, addresses, names and log templates: one interface for SQLite (FTS5) and PostgreSQL (GIN)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from runs.models import EntryKind, SearchEntry, Team
from runs.models.search import SearchEntryQuerySet
from runs.services.search_terms import Wanted

if TYPE_CHECKING:
    from runs.models.team import AnyUser


@dataclass(frozen=True)
class Group:
    """The newest entries of one kind that have all that was asked for; `more`: there are others."""

    kind: EntryKind
    entries: list[SearchEntry]
    more: bool


def search(user: "AnyUser", wanted: Sequence[Wanted], kinds: Sequence[EntryKind], most: int, team: str = "") -> list[Group]:
    """The groups that have an entry, each with at most `most`; only of teams that the user belongs to (`team`: a slug of one)."""
    if not wanted:
        return []
    teams = Team.objects.of(user)
    mine = list((teams.filter(slug=team) if team else teams).values_list("pk", flat=True))
    matching = SearchEntry.objects.filter(_matches(wanted), team__in=mine)
    groups = [_group(matching, kind, most) for kind in kinds]
    return [group for group in groups if group.entries]


def _group(matching: SearchEntryQuerySet, kind: EntryKind, most: int) -> Group:
    rows = list(matching.filter(kind=kind).select_related("run__team", "finding", "file").order_by("-pk")[: most + 1])
    return Group(kind, rows[:most], more=len(rows) > most)


def _matches(wanted: Sequence[Wanted]) -> Q:
    return _in_sqlite(wanted) if connection.vendor == "sqlite" else _in_postgresql(wanted)


def _in_sqlite(wanted: Sequence[Wanted]) -> Q:
    """FTS5: neighbouring terms are a phrase. Terms hold letters and digits only, so that none can end its quotes."""
    asked = " AND ".join(f'"{" ".join(one.terms)}"{"*" if one.begun else ""}' for one in wanted)
    return Q(pk__in=RawSQL("SELECT rowid FROM runs_searchindex WHERE runs_searchindex MATCH %s", (asked,)))


def _in_postgresql(wanted: Sequence[Wanted]) -> Q:
    """Terms by GIN, which knows no places; CJK words are then looked for in the folded text as well."""
    parts = [f"'{term}'{':*' if one.begun and term == one.terms[-1] else ''}" for one in wanted for term in one.terms]
    condition = Q(pk__in=RawSQL("SELECT id FROM runs_searchentry WHERE words @@ %s::tsquery", (" & ".join(parts),)))
    for word in (one.within for one in wanted if one.within):
        condition &= Q(folded__contains=word)
    return condition

"""Search over runs, findings, files, addresses, names and log templates: one interface for SQLite (FTS5) and PostgreSQL (GIN).

Both engines know an entry's kind and team as terms of their own ('_finding', '_team7'), so that what is asked of one kind is
answered by the index. Neighbouring terms of one word are a phrase with both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from runs.models import EntryKind, SearchEntry, Team
from runs.services.search_terms import Wanted

if TYPE_CHECKING:
    from runs.models.team import AnyUser

RECENT = 20_000  # entries that PostgreSQL looks through first: a common word is among them


@dataclass(frozen=True)
class Group:
    """The newest entries of one kind that have all that was asked for; `more`: there are others."""

    kind: EntryKind
    entries: list[SearchEntry]
    more: bool


def search(user: "AnyUser", wanted: Sequence[Wanted], kinds: Sequence[EntryKind], most: int, team: str = "") -> list[Group]:
    """The groups that have an entry, each with at most `most`; only of teams that the user belongs to (`team`: a slug of one)."""
    teams = Team.objects.of(user)
    mine = list((teams.filter(slug=team) if team else teams).values_list("pk", flat=True))
    if not wanted or not mine:
        return []
    found = (_in_sqlite if connection.vendor == "sqlite" else _in_postgresql)(wanted, kinds, mine, most + 1)
    entries = SearchEntry.objects.select_related("run__team", "finding", "file").in_bulk(
        [pk for pks in found.values() for pk in pks]
    )
    groups = [Group(kind, [entries[pk] for pk in pks[:most] if pk in entries], len(pks) > most) for kind, pks in found.items()]
    return [group for group in groups if group.entries]


def _in_sqlite(wanted: Sequence[Wanted], kinds: Sequence[EntryKind], teams: Sequence[int], most: int) -> dict[EntryKind, list[int]]:
    """FTS5 walks from the newest. Terms hold letters and digits only, so that none can end its quotes."""
    asked = [f'"{" ".join(one.terms)}"{"*" if one.begun else ""}' for one in wanted]
    asked.append("(" + " OR ".join(f'"_team{team}"' for team in teams) + ")")
    found = {}
    with connection.cursor() as cursor:
        for kind in kinds:
            cursor.execute(
                "SELECT rowid FROM runs_searchindex WHERE runs_searchindex MATCH %s ORDER BY rowid DESC LIMIT %s",
                (" AND ".join([*asked, f'"_{kind.value}"']), most),
            )
            found[kind] = [pk for (pk,) in cursor.fetchall()]
    return found


NEWEST = """
SELECT kind, id FROM (
  SELECT kind, id, row_number() OVER (PARTITION BY kind ORDER BY id DESC) AS place
  FROM (SELECT id, kind, words, terms FROM runs_searchentry ORDER BY id DESC LIMIT %s) AS newest
  WHERE words @@ %s::tsquery AND ' ' || terms || ' ' LIKE ALL (%s)
) AS met WHERE place <= %s ORDER BY id DESC
"""
ALL = """
SELECT id FROM (
  SELECT id FROM runs_searchentry WHERE words @@ %s::tsquery AND ' ' || terms || ' ' LIKE ALL (%s) OFFSET 0
) AS met ORDER BY id DESC LIMIT %s
"""


def _in_postgresql(
    wanted: Sequence[Wanted], kinds: Sequence[EntryKind], teams: Sequence[int], most: int
) -> dict[EntryKind, list[int]]:
    """GIN knows no places: phrases are looked for in the terms of what it finds. And it gives all that match, however many:

    where many do, enough of them are among the newest entries, which are looked through first.
    """
    parts = [f"'{term}'{':*' if one.begun and term == one.terms[-1] else ''}" for one in wanted for term in one.terms]
    asked = " & ".join([*parts, "(" + " | ".join(f"'_team{team}'" for team in teams) + ")"])
    phrases = [f"% {' '.join(one.terms)}{'' if one.begun else ' '}%" for one in wanted if len(one.terms) > 1] or ["%"]
    found: dict[EntryKind, list[int]] = {kind: [] for kind in kinds}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, (RECENT, asked, phrases, most))
        for kind, pk in cursor.fetchall():
            found.get(EntryKind(kind), []).append(pk)
        for kind in kinds:
            if len(found[kind]) < most:
                cursor.execute(ALL, (f"{asked} & '_{kind.value}'", phrases, most))
                found[kind] = [pk for (pk,) in cursor.fetchall()]
    return found

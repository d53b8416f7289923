"""The same fingerprint in earlier runs of the team: how often, since when, and what was decided then."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, F, Min, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber

from runs.models import Comment, Run, RunFinding

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from runs.models.team import AnyUser

SHOWN_EARLIER = 3  # of each fingerprint, the newest


@dataclass(frozen=True)
class Earlier:
    """The finding in one earlier run: `finding.run`, `finding.review`, and the last that was said about it there."""

    finding: RunFinding
    comment: Comment | None


@dataclass(frozen=True)
class Recurrence:
    """A fingerprint that was seen before: in `runs` earlier runs, the first of them on `since`; the newest are `shown`."""

    runs: int
    since: datetime
    shown: tuple[Earlier, ...]


def recurrences(run: Run, fingerprints: Collection[str], user: "AnyUser") -> dict[str, Recurrence]:
    """Which of the fingerprints earlier runs of the team have (that the user may see), by fingerprint. Three queries."""
    earlier = RunFinding.objects.visible_to(user).filter(fingerprint__in=fingerprints, run__team_id=run.team_id)
    earlier = earlier.filter(run__created_at__lt=run.created_at)
    totals = {key: (n, since) for key, n, since in _totals(earlier)}
    if not totals:
        return {}
    newest = Window(RowNumber(), partition_by=F("fingerprint"), order_by=F("run__created_at").desc())
    ranked = earlier.annotate(rank=newest).filter(rank__lte=SHOWN_EARLIER)
    rows = list(ranked.select_related("run", "review__status_by").order_by("-run__created_at"))
    said = _last_words(rows)
    shown: dict[str, list[Earlier]] = {}
    for row in rows:
        shown.setdefault(row.fingerprint, []).append(Earlier(row, said.get(row.pk)))
    return {key: Recurrence(n, since, tuple(shown.get(key, ()))) for key, (n, since) in totals.items()}


def _totals(rows: "QuerySet[RunFinding]") -> "QuerySet[RunFinding, tuple[str, int, datetime]]":
    """(fingerprint, in how many runs, since when) of findings."""
    grouped = rows.order_by().values_list("fingerprint")
    return grouped.annotate(n=Count("run_id", distinct=True), since=Min("run__created_at"))


def _last_words(rows: Collection[RunFinding]) -> dict[int, Comment]:
    """The last comment on each of the findings."""
    found = Comment.objects.filter(finding__in=[row.pk for row in rows], deleted_at=None).select_related("author").order_by("pk")
    return {comment.finding_id: comment for comment in found if comment.finding_id is not None}


@dataclass(frozen=True)
class SeenBefore:
    """A line of the run list: the run's gravest fault `number` was in `runs` runs of the team by now, the first on `since`.

    `last` is the same finding in the run before, with its review: what was decided then.
    """

    number: str
    runs: int
    since: datetime
    last: RunFinding


def seen_before(runs: Collection[Run], user: "AnyUser") -> dict[int, SeenBefore]:
    """For a page of runs: whose first fault an earlier run of the same team has, by the run's id. Three queries."""
    failed = [run.pk for run in runs if run.verdict_outcome == "fail"]
    before = RunFinding.objects.filter(
        fingerprint=OuterRef("fingerprint"), run__team_id=OuterRef("run__team_id"), pk__lt=OuterRef("pk")
    )
    last = Subquery(before.exclude(run_id=OuterRef("run_id")).order_by("-pk").values("pk")[:1])
    faults = RunFinding.objects.visible_to(user).filter(run__in=failed).present().faults().order_by("run_id", "place")
    first: dict[int, RunFinding] = {}
    for fault in faults.annotate(last_id=last).select_related("run"):
        first.setdefault(fault.run_id, fault)
    recurring = [fault for fault in first.values() if fault.last_id is not None]  # type: ignore[attr-defined]  # annotated
    decided = RunFinding.objects.select_related("run", "review__status_by").in_bulk([fault.last_id for fault in recurring])  # type: ignore[attr-defined]
    totals = _team_totals(recurring)
    return {
        fault.run_id: SeenBefore(fault.number, *totals[fault.run.team_id, fault.fingerprint], decided[fault.last_id])  # type: ignore[attr-defined]
        for fault in recurring
    }


def _team_totals(findings: Collection[RunFinding]) -> dict[tuple[int, str], tuple[int, datetime]]:
    """In how many runs of its team each fingerprint is, and since when, by (team, fingerprint)."""
    same = RunFinding.objects.filter(
        fingerprint__in={f.fingerprint for f in findings}, run__team__in={f.run.team_id for f in findings}
    )
    grouped = same.order_by().values_list("run__team_id", "fingerprint").annotate(n=Count("run_id"), since=Min("run__created_at"))
    return {(team, key): (n, since) for team, key, n, since in grouped}

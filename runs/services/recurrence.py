"""The same fingerprint in earlier runs of the team: how often, since when, and what was decided then."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, F, Min, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber

from runs.models import Comment, Run, RunbookSection, RunFinding, SectionAnswer

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from runs.models.team import AnyUser

SHOWN_EARLIER = 3  # of each fingerprint, the newest


@dataclass(frozen=True)
class Earlier:
    """The finding in one earlier run: `finding.run`, `finding.review`, the last that was said about it there, and what helped."""

    finding: RunFinding
    comment: Comment | None
    helped: tuple[RunbookSection, ...] = ()


@dataclass(frozen=True)
class Recurrence:
    """A fingerprint that was seen before: in `runs` earlier runs, the first of them on `since`; the newest are `shown`."""

    runs: int
    since: datetime
    shown: tuple[Earlier, ...]


def recurrences(run: Run, fingerprints: Collection[str], user: "AnyUser") -> dict[str, Recurrence]:
    """Which of the fingerprints earlier runs of the team have (that the user may see), by fingerprint. Four queries."""
    earlier = RunFinding.objects.visible_to(user).filter(fingerprint__in=fingerprints, team_id=run.team_id)
    earlier = earlier.filter(run__created_at__lt=run.created_at)
    totals = {key: (n, since) for key, n, since in _totals(earlier)}
    if not totals:
        return {}
    newest = Window(RowNumber(), partition_by=F("fingerprint"), order_by=F("run__created_at").desc())
    ranked = earlier.annotate(rank=newest).filter(rank__lte=SHOWN_EARLIER)
    rows = list(ranked.select_related("run", "review__status_by").order_by("-run__created_at"))
    said, helped = _last_words(rows), _helpful(rows)
    shown: dict[str, list[Earlier]] = {}
    for row in rows:
        shown.setdefault(row.fingerprint, []).append(Earlier(row, said.get(row.pk), tuple(helped.get(row.pk, ()))))
    return {key: Recurrence(n, since, tuple(shown.get(key, ()))) for key, (n, since) in totals.items()}


def _totals(rows: "QuerySet[RunFinding]") -> "QuerySet[RunFinding, tuple[str, int, datetime]]":
    """(fingerprint, in how many runs, since when) of findings."""
    grouped = rows.order_by().values_list("fingerprint")
    return grouped.annotate(n=Count("run_id", distinct=True), since=Min("run__created_at"))


def _last_words(rows: Collection[RunFinding]) -> dict[int, Comment]:
    """The last comment on each of the findings."""
    found = Comment.objects.filter(finding__in=[row.pk for row in rows], deleted_at=None).select_related("author").order_by("pk")
    return {comment.finding_id: comment for comment in found if comment.finding_id is not None}


def _helpful(rows: Collection[RunFinding]) -> dict[int, list[RunbookSection]]:
    """The runbook sections that helped with each of the findings."""
    made: dict[int, list[RunbookSection]] = {}
    answers = SectionAnswer.objects.filter(finding__in=[row.pk for row in rows], helped=True)
    for answer in answers.select_related("section__runbook"):
        made.setdefault(answer.finding_id, []).append(answer.section)
    return made


@dataclass(frozen=True)
class SeenBefore:
    """A line of the run list: the run's gravest fault `number` was in `runs` runs of the team by now, the first on `since`.

    `last` is the same finding in the run before, with its review: what was decided then.
    """

    number: str
    runs: int
    since: datetime
    last: RunFinding


def seen_before(runs: Collection[Run]) -> dict[int, SeenBefore]:
    """Whose first fault an earlier run of the same team has, by the run's id: for runs that the viewer may see. Four queries."""
    failed = [run.pk for run in runs if run.verdict_outcome == "fail"]
    faults = RunFinding.objects.filter(run__in=failed).present().faults().order_by("run_id", "place")
    first: dict[int, int] = {}
    for run_id, pk in faults.values_list("run_id", "pk"):
        first.setdefault(run_id, pk)
    before = RunFinding.objects.filter(fingerprint=OuterRef("fingerprint"), team_id=OuterRef("team_id"), pk__lt=OuterRef("pk"))
    last = Subquery(before.exclude(run_id=OuterRef("run_id")).order_by("-pk").values("pk")[:1])
    recurring = list(RunFinding.objects.filter(pk__in=first.values()).annotate(last_id=last).exclude(last_id=None))
    decided = RunFinding.objects.select_related("run", "review__status_by").in_bulk([_last_id(fault) for fault in recurring])
    totals = _team_totals(recurring)
    return {
        fault.run_id: SeenBefore(fault.number, *totals[fault.team_id, fault.fingerprint], decided[_last_id(fault)])
        for fault in recurring
    }


def _last_id(fault: RunFinding) -> int:
    """The annotation of `seen_before`."""
    return int(fault.last_id)  # type: ignore[attr-defined]


def _team_totals(findings: Collection[RunFinding]) -> dict[tuple[int, str], tuple[int, datetime]]:
    """In how many runs of its team each fingerprint is, and since when, by (team, fingerprint). Read from an index alone."""
    same = RunFinding.objects.filter(team__in={f.team_id for f in findings}, fingerprint__in={f.fingerprint for f in findings})
    grouped = same.order_by().values_list("team_id", "fingerprint").annotate(n=Count("pk"), since=Min("first_seen_at"))
    return {(team, key): (n, since) for team, key, n, since in grouped}

"""Links between findings, and from a finding to a run: made and removed by people, read from both ends."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from runs.models import Event, FindingLink, Run, RunFinding
from runs.services.history import record

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from runs.models.team import AnyUser


@dataclass(frozen=True)
class Linked:
    """The other end of a link, as seen from one finding: a finding of some run, or a run as a whole."""

    link: FindingLink
    run: Run
    finding: RunFinding | None


def link(finding: RunFinding, to: RunFinding | Run, by: "User") -> FindingLink:
    """Link a finding with another, or with a run. A link that is there already (either way round) is returned as it is.

    Raises ValueError for a link to itself or to its own run. The caller has seen to it that the person may see the other end.
    """
    other, run = (to, to.run) if isinstance(to, RunFinding) else (None, to)
    if other == finding or (other is None and run.pk == finding.run_id):
        raise ValueError("a finding is not linked with itself")
    with transaction.atomic():
        ends = Q(finding=finding, to_finding=other, to_run=None if other else run)
        if other is not None:
            ends |= Q(finding=other, to_finding=finding)
        known = FindingLink.objects.filter(ends).first()
        if known is not None:
            return known
        made = FindingLink.objects.create(finding=finding, to_finding=other, to_run=None if other else run, made_by=by)
        record(finding.run, Event.FINDING_LINKED, by, finding=finding, after=_end(run, other))
    return made


def unlink(finding: RunFinding, link_id: int, by: "User") -> None:
    """Remove one of the finding's links, made from here or from the other end; one that is gone already is no error."""
    with transaction.atomic():
        found = _links(finding).filter(pk=link_id).first()
        if found is not None:
            end = _other(finding, found)
            record(finding.run, Event.FINDING_UNLINKED, by, finding=finding, before=_end(end.run, end.finding))
            found.delete()


def links_of(finding: RunFinding, user: "AnyUser") -> list[Linked]:
    """The other ends of the finding's links, of runs that the user may see."""
    ends = [_other(finding, link) for link in _links(finding)]
    seen = set(Run.objects.visible_to(user).filter(pk__in={end.run.pk for end in ends}).values_list("pk", flat=True))
    return [end for end in ends if end.run.pk in seen]


def _links(finding: RunFinding) -> "QuerySet[FindingLink]":
    found = FindingLink.objects.filter(Q(finding=finding) | Q(to_finding=finding))
    return found.select_related("finding__run", "finding__review", "to_finding__run", "to_finding__review", "to_run")


def _other(finding: RunFinding, link: FindingLink) -> Linked:
    if link.finding_id != finding.pk:
        return Linked(link, link.finding.run, link.finding)
    if link.to_finding is not None:
        return Linked(link, link.to_finding.run, link.to_finding)
    assert link.to_run is not None  # a constraint of the database
    return Linked(link, link.to_run, None)


def _end(run: Run, finding: RunFinding | None) -> dict[str, object]:
    number, fingerprint = (finding.number, finding.fingerprint) if finding else ("", None)
    return {"run": run.key, "label": run.label, "finding": fingerprint, "number": number}

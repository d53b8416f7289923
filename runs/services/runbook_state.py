"""A runbook's name and whether it stands: renamed, withdrawn, brought back; each is recorded in the team's history."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from runs.models import Event, Runbook, RunFinding, SectionLink
from runs.models.finding import RunFindingQuerySet
from runs.services.history import NAME_MAX_CHARS, name_of, record_of_team
from runs.services.review import Stale
from runs.services.runbooks import NotWritable, checked_name, hold_name

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def rename(runbook: Runbook, name: str, name_version: int, by: "User") -> None:
    """Give it another name in place of the one that its writer saw; the same name changes nothing. Raises NotWritable, Stale."""
    name = checked_name(name)
    with transaction.atomic():
        hold_name(runbook.team, name, of=runbook)
        current = Runbook.objects.select_for_update().get(pk=runbook.pk)
        if current.withdrawn_at is not None:
            raise NotWritable("withdrawn")
        if current.name == name:
            return
        if current.name_version != name_version:
            raise Stale(current)
        before = _named(current)
        current.name, current.name_version = name, name_version + 1
        current.save(update_fields=["name", "name_version"])
        record_of_team(current.team, Event.RUNBOOK_RENAMED, by, before=before, after=_named(current))


def findings_of(runbook: Runbook) -> RunFindingQuerySet:
    """The team's findings that people linked to a section of it (all of a fingerprint, too) or said yes or no at."""
    for_all = SectionLink.objects.filter(section__runbook=runbook).exclude(fingerprint="").values("fingerprint")
    linked, answered = Q(section_links__section__runbook=runbook), Q(section_answers__section__runbook=runbook)
    mine = RunFinding.objects.filter(team_id=runbook.team_id)
    return mine.filter(pk__in=mine.filter(linked | answered | Q(fingerprint__in=for_all)).order_by().values("pk"))


def withdraw(runbook: Runbook, by: "User") -> None:
    """Take it out of use: it comes up nowhere of itself, and its name is free. One that is withdrawn already is no error."""
    with transaction.atomic():
        current = Runbook.objects.select_for_update().get(pk=runbook.pk)
        if current.withdrawn_at is None:
            totals = {"sections": current.sections.filter(is_current=True).count(), "findings": findings_of(current).count()}
            current.withdrawn_at, current.withdrawn_by_name = timezone.now(), name_of(by)[:NAME_MAX_CHARS]
            current.save(update_fields=["withdrawn_at", "withdrawn_by_name"])
            record_of_team(current.team, Event.RUNBOOK_WITHDRAWN, by, before=_named(current) | totals)


def bring_back(runbook: Runbook, by: "User") -> None:
    """Put it into use again under its name. One that stands already is no error. Raises NotWritable where the name was taken."""
    with transaction.atomic():
        hold_name(runbook.team, runbook.name, of=runbook)
        current = Runbook.objects.select_for_update().get(pk=runbook.pk)
        if current.withdrawn_at is not None:
            current.withdrawn_at, current.withdrawn_by_name = None, ""
            current.save(update_fields=["withdrawn_at", "withdrawn_by_name"])
            record_of_team(current.team, Event.RUNBOOK_BACK, by, after=_named(current))


def _named(runbook: Runbook) -> dict[str, object]:
    return {"runbook": runbook.pk, "name": runbook.name}

"""Runbook sections at a finding: shown by topic, put there and taken away by people, and whether they helped."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from runs.access import reviewable_finding, signed_in
from runs.analysis.report import Finding
from runs.models import RunbookSection, RunFinding
from runs.services import runbook_links
from runs.services.runbook_values import values_of

MOST_CHOICES = 1_000


def sections_context(found: RunFinding, finding: Finding | None, may_review: bool) -> dict[str, Any]:
    """Context of `runs/_finding_sections.html`: `sections topics_unwritten values choices`. `finding`: as the report has it, if it does."""
    topics = runbook_links.topics_of(found, finding.topics if finding else None)
    sections = runbook_links.sections_for(found, topics)
    covered = {topic for one in sections for topic in one.topics}
    choices = RunbookSection.objects.current().filter(runbook__team_id=found.team_id, level__gt=0).select_related("runbook")
    return {
        "sections": sections,
        "topics_unwritten": [topic for topic in topics if topic not in covered],
        "values": values_of(finding) if finding else {},
        "choices": list(choices.defer("body")[:MOST_CHOICES]) if may_review else [],
    }


def _section(found: RunFinding, pk: str) -> RunbookSection:
    """A section of the team's, of a runbook that is not withdrawn. Raises Http404 for any other."""
    sections = RunbookSection.objects.filter(runbook__team_id=found.team_id, runbook__withdrawn_at=None).select_related("runbook")
    return get_object_or_404(sections, pk=int(pk) if pk.isdecimal() and len(pk) < 10 else 0)


def _back(found: RunFinding) -> HttpResponse:
    return redirect(f"{reverse('finding', args=[found.run.key, found.fingerprint])}#runbook")


@require_POST
def section_link(request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    """Put a section at this finding (`for=one`), or at all of the team with its fingerprint (`for=all`)."""
    found = reviewable_finding(request.user, key, fingerprint)
    wanted = request.POST.get("for")
    if wanted not in ("one", "all"):
        messages.error(request, _("No link was made: say whether for this finding or for all."))
        return _back(found)
    section = _section(found, request.POST.get("section", ""))
    runbook_links.put(found, section, wanted == "all", signed_in(request))
    return _back(found)


@require_POST
def section_unlink(request: HttpRequest, key: str, fingerprint: str, link_id: int) -> HttpResponse:
    """Take one of the links that people made away."""
    found = reviewable_finding(request.user, key, fingerprint)
    runbook_links.take_away(found, link_id, signed_in(request))
    return _back(found)


@require_POST
def section_helped(request: HttpRequest, key: str, fingerprint: str, section_id: int) -> HttpResponse:
    """Answer whether the section helped: `helped=yes` or `no`."""
    found = reviewable_finding(request.user, key, fingerprint)
    section = _section(found, str(section_id))
    if request.POST.get("helped") in ("yes", "no"):
        runbook_links.answer(found, section, request.POST["helped"] == "yes", signed_in(request))
    return _back(found)

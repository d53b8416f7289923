"""The rules: what each claims, what would refute it, what it needs; and where it fired in the runs of the viewer's teams."""

from typing import Any, NamedTuple

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.analysis import registry
from runs.analysis.messages import Text
from runs.analysis.registry import Rule
from runs.analysis.report import Severity
from runs.analysis.rule_document import document_of, severities_of
from runs.models import RunFinding
from runs.services.runbook_links import sections_about
from runs.views._run_page import zone_named

DOMAINS = ("network", "host", "application", "evidence", "notes")
SHOWN_FINDINGS = 50


class RuleRow(NamedTuple):
    """A rule in the list: its title in words, what it may say, and how often it fired."""

    id: str
    title: Text
    severities: tuple[Severity, ...]
    topics: tuple[str, ...]
    findings: int
    runs: int


def _needs(rule: Rule) -> list[list[Text]]:
    """What the rule needs: of each inner list one."""
    return [[one.evidence_name() for one in (need if isinstance(need, tuple) else (need,))] for need in rule.needs]


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All rules by domain."""
    fired = RunFinding.objects.visible_to(request.user).present().order_by().values_list("rule")
    totals = {rule: (n, runs) for rule, n, runs in fired.annotate(n=Count("pk"), runs=Count("run_id", distinct=True))}
    groups: dict[str, list[RuleRow]] = {domain: [] for domain in DOMAINS}
    for id, rule in registry.rules().items():
        row = RuleRow(id, rule.title(), severities_of(id), rule.topics, *totals.get(id, (0, 0)))
        groups[rule.domain].append(row)
    context = {"groups": [(domain, rows) for domain, rows in groups.items() if rows], "total": len(registry.rules())}
    return render(request, "runs/rules.html", context | {"zone": zone_named(None)})


@require_safe
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule. 404 for an id that is none."""
    found = registry.rules().get(rule_id)
    if found is None:
        raise Http404
    fired = RunFinding.objects.visible_to(request.user).present().filter(rule=rule_id)
    context: dict[str, Any] = {
        "rule": found,
        "title": found.title(),
        "document": document_of(rule_id),
        "severities": severities_of(rule_id),
        "needs": _needs(found),
        "uses": [one.evidence_name() for one in found.uses],
        "sections": sections_about(request.user, found.topics),
        "findings": fired.select_related("run", "review").order_by("-first_seen_at", "place")[:SHOWN_FINDINGS],
        "finding_count": fired.count(),
        "run_count": fired.order_by().values("run_id").distinct().count(),
        "zone": zone_named(None),
    }
    return render(request, "runs/rule.html", context)

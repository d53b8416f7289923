"""What all pages of one run share: the run, its newest report, its files by path, and the zone that times are shown in."""

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from runs.analysis.report import Report
from runs.models import Run
from runs.services.reports import load_report

if TYPE_CHECKING:
    from runs.models.team import AnyUser


def zone_named(name: str | None) -> tzinfo:
    """The zone of an IANA name or 'UTC'; the portal's own where there is no such zone."""
    for candidate in (name, settings.TIME_ZONE):
        try:
            return ZoneInfo(candidate or "")
        except (KeyError, ValueError, OSError):
            continue
    return UTC


def run_context(user: "AnyUser", run: Run, tab: str) -> dict[str, Any]:
    """Context of `runs/_run_head.html` and of the tags: `run report zone evidence may_review tab`. Three queries."""
    report: Report | None = load_report(run)
    return {
        "run": run,
        "report": report,
        "zone": zone_named(run.timezone_override or (report.timezone if report else None)),
        "evidence": {file.path: file for file in run.files.all()},
        "may_review": Run.objects.reviewable_by(user).filter(pk=run.pk).exists(),
        "tab": tab,
    }

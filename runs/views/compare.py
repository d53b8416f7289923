"""The comparison page: two runs, or two folders of one, side by side, with what differs first at the top."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from runs.access import reviewable_run, signed_in, visible_run
from runs.models import Run, RunState
from runs.services import compare as service
from runs.views._compare import comparison_context
from runs.views._run_page import run_context

OFFERED = 30


@require_safe
def compare(request: HttpRequest, key: str) -> HttpResponse:
    """`?with=KEY`: another run; `?parts=ng..ok`: two folders of this one. Without either: what can be compared."""
    run = visible_run(request.user, key)
    context = run_context(request.user, run, "compare")
    if context["report"]:
        context |= _chosen(request, run, context)
    return render(request, "runs/compare.html", context)


def _chosen(request: HttpRequest, run: Run, context: dict[str, Any]) -> dict[str, Any]:
    report = context["report"]
    pairs = service.parts(report)
    first, second = _parts(request.GET.get("parts", ""), pairs)
    other = visible_run(request.user, request.GET["with"]) if request.GET.get("with") not in (None, "", run.key) else None
    offered = {"part_pairs": pairs, "baselines": service.baselines_for(run, report), "others": _others(request, run)}
    if other is None and not (first and second):
        return offered
    made = service.compare_runs(run, other or run, first if other is None else "", second if other is None else "")
    if made is None and other is None:
        raise Http404
    return offered | {"other": other, "comparison": made} | (comparison_context(made, run, other or run, context) if made else {})


def _parts(asked: str, pairs: list[tuple[str, str]]) -> tuple[str, str]:
    """The two folders of 'ng..ok'. A folder's name may hold '..' itself: what the run offers is known, the rest is cut at the first."""
    known = [pair for one, other in pairs for pair in ((one, other), (other, one))]
    first, _dots, second = asked.partition("..")
    return next((pair for pair in known if "..".join(pair) == asked), (first, second))


def _others(request: HttpRequest, run: Run) -> list[Run]:
    concluded = Run.objects.visible_to(request.user).filter(state=RunState.CONCLUDED).exclude(pk=run.pk)
    return list(concluded.only("key", "label", "created_at", "verdict_outcome")[:OFFERED])


@require_POST
def baseline(request: HttpRequest, key: str) -> HttpResponse:
    """Mark the run as the good example of its services (`on`), or no longer."""
    run = reviewable_run(request.user, key)
    service.set_baseline(run, request.POST.get("baseline") == "on", signed_in(request))
    messages.info(
        request, _("This run is a baseline of its services now.") if run.is_baseline else _("This run is no baseline any more.")
    )
    return redirect("run", key)

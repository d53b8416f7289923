"""Two people at once: the later one sees both versions, keeps what they typed, and decides."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from runs.htmx import wants_fragment
from runs.models import Run

CONFLICT_STATUS = 409


class Difference(NamedTuple):
    """One field of a form: how it stands now, and what the later person wants. Both in words."""

    label: str | Promise
    theirs: str
    yours: str


def conflict(
    request: HttpRequest, run: Run | None, differences: list[Difference], *, version: int, back: str, by: str = ""
) -> HttpResponse:
    """The page (409) that shows both, with the form as it was sent, to be sent again on top of `version`. Nothing was written.

    `run`: None where it belongs to none. `by`: who changed it meanwhile, where known. For htmx it takes the place of the page's main part.
    """
    sent = {name: request.POST.getlist(name) for name in request.POST if name not in ("csrfmiddlewaretoken", "version")}
    context: dict[str, Any] = {
        "run": run,
        "differences": differences,
        "fields": [(name, value) for name, values in sent.items() for value in values],
        "version": version,
        "back": back,
        "by": by,
        "action": request.path,
    }
    response = render(request, "runs/conflict.html", context, status=CONFLICT_STATUS)
    if wants_fragment(request):
        response["HX-Retarget"], response["HX-Reselect"], response["HX-Reswap"] = "#main", "#main", "outerHTML"
    return response

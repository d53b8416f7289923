"""Runs by the API: upload a bundle, list runs, how far one is, its report."""

import hashlib
from datetime import UTC
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import parse_etags
from ninja import Router, Status
from ninja.errors import HttpError
from ninja.params.functions import Query

from runs.access import visible_run
from runs.addresses import absolute
from runs.analysis.messages import Text, render
from runs.api.answers import Problem, RunList, RunOut, Taken
from runs.api.auth import caller, must_write
from runs.forms import UploadForm
from runs.models import Run
from runs.services import intake
from runs.services.report_export import report_json
from runs.uploads import BROKEN_FORM, INTERRUPTED, received

router = Router(tags=["runs"])
PAGE_RUNS = 50
RETRY_SECONDS = 5
PROBLEM_STATUS = {BROKEN_FORM.id: 400, INTERRUPTED.id: 400, intake.NO_SPACE.id: 507}
MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "an archive, or files; a file's name may hold folders",
                        },
                        "label": {"type": "string", "description": "the RUN_ID; else the README's, else the archive's name"},
                        "team": {"type": "string", "description": "slug; may be left out with one team only"},
                    },
                }
            }
        },
    }
}


@router.post(
    "",
    response={201: Taken, 400: Problem, 403: Problem, 413: Problem, 507: Problem},
    summary="Upload a bundle",
    openapi_extra=MULTIPART,
)
def upload(request: HttpRequest) -> Status[Any]:
    """Makes a run of the files and has it analysed. All of them are taken, or none."""
    must_write(request)
    with received(request) as sent:
        if sent.problem is not None:
            return Status(PROBLEM_STATUS.get(sent.problem.id, 413), {"error": render(sent.problem)})
        form = UploadForm(request.POST, user=caller(request))
        if not form.teams:
            return Status(403, {"error": "Only owners and reviewers of a team add runs."})
        if not form.is_valid():
            return Status(
                400, {"error": "The form is wrong.", "reasons": [str(e) for errors in form.errors.values() for e in errors]}
            )
        try:
            taken = intake.new_run(sent.files, form.cleaned_data["team"], caller(request), form.cleaned_data["label"])
        except intake.IntakeError as error:
            return Status(400, {"error": "Nothing was taken.", "reasons": _words(error.reasons)})
    return Status(201, {"run": _run(request, _visible(request, taken.run.key)), "notes": _words(taken.notes)})


@router.get("", response={200: RunList, 400: Problem}, summary="List runs")
def runs(request: HttpRequest, before: str = Query("", description="what next was in the page before")) -> Any:
    """The runs of the caller's teams, newest first, 50 a page."""
    found = Run.objects.visible_to(caller(request)).order_by("-pk")
    if before:
        if not before.isdecimal() or len(before) > 18:
            raise HttpError(400, "before is no place in the list.")
        found = found.filter(pk__lt=int(before))
    first = list(found.values_list("pk", flat=True)[: PAGE_RUNS + 1])
    page = list(Run.objects.filter(pk__in=first).with_counts().select_related("team").order_by("-pk"))
    more = str(page[PAGE_RUNS - 1].pk) if len(page) > PAGE_RUNS else None
    return {"runs": [_run(request, one) for one in page[:PAGE_RUNS]], "next": more}


@router.get("/{key}", response={200: RunOut, 404: Problem}, summary="See how far a run is")
def run(request: HttpRequest, key: str) -> Any:
    """State, files and verdict of one run."""
    return _run(request, _visible(request, key))


@router.get("/{key}/report", response={200: dict, 404: Problem, 409: Problem}, summary="Read a run's report")
def report(request: HttpRequest, key: str, lang: str = Query("en", description="en or ja")) -> HttpResponse:
    """The object of docs/report-schema.md, sentences in English or Japanese (lang: en, ja); 409 until the first analysis is finished."""
    found = visible_run(caller(request), key)
    if lang not in ("en", "ja"):
        raise HttpError(400, "lang is en or ja.")
    body = report_json(found, lang)
    if body is None:
        answer = HttpResponse(b'{"error": "The analysis is not finished."}', content_type="application/json", status=409)
        answer["Retry-After"] = str(RETRY_SECONDS)
        return answer
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers={"ETag": tag})
    return HttpResponse(body, content_type="application/json", headers={"ETag": tag})


def _visible(request: HttpRequest, key: str) -> Run:
    """The run with the counts of its files. Raises Http404 for those who may not see it."""
    return get_object_or_404(Run.objects.visible_to(caller(request)).with_counts().select_related("team"), key=key)


def _run(request: HttpRequest, one: Run) -> dict[str, Any]:
    return {
        "key": one.key,
        "label": one.label,
        "team": one.team.slug,
        "state": one.state,
        "files_total": getattr(one, "files_total", 0),
        "files_done": getattr(one, "files_done", 0),
        "outcome": one.verdict_outcome or None,
        "created_at": one.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "page": absolute(request, reverse("run", args=[one.key])),
        "report": absolute(request, reverse("api-1:report", args=[one.key])),
    }


def _words(texts: list[Text]) -> list[str]:
    return [render(text) for text in texts]

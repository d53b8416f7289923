"""Uploading a bundle as a new run, or more files into a run: a plain form, and the same form sent by script."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from runs.access import reviewable_run
from runs.addresses import curl_line
from runs.analysis.messages import Text
from runs.analysis.messages import render as render_text
from runs.forms import UploadForm
from runs.models import Run
from runs.services import intake
from runs.services.intake import IntakeError, Taken
from runs.uploads import Upload, received

TOO_LARGE_STATUS, REFUSED_STATUS, FORBIDDEN_STATUS = 413, 400, 403


# The token may stand in the body, and the body is read only when our handler is set: so the check is on the inner view.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """The form; or a new run with the files that were sent."""
    if request.method != "POST":
        return _page(request, None, UploadForm(user=request.user))
    with received(request) as sent:
        if not sent.form_is_whole:
            return _refusal(request, None, sent)
        return _new_run(request, sent)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def run_add(request: HttpRequest, key: str) -> HttpResponse:
    """The form for more files of a run; or the run with the files that were sent."""
    run = reviewable_run(request.user, key)
    if request.method != "POST":
        return _page(request, run, None)
    with received(request) as sent:
        if not sent.form_is_whole:
            return _refusal(request, run, sent)
        return _more_files(request, run, sent)


@csrf_protect
def _new_run(request: HttpRequest, sent: Upload) -> HttpResponse:
    form = UploadForm(request.POST, user=request.user)
    if not form.teams:
        return _answer(request, None, form, [], FORBIDDEN_STATUS)
    if not form.is_valid():
        return _answer(request, None, form, [str(e) for errors in form.errors.values() for e in errors], REFUSED_STATUS)
    if sent.problem is not None:
        return _refusal(request, None, sent, form)
    try:
        taken = intake.new_run(sent.files, form.cleaned_data["team"], request.user, form.cleaned_data["label"])  # type: ignore[arg-type]
    except IntakeError as error:
        return _answer(request, None, form, _words(error.reasons), REFUSED_STATUS)
    return _done(request, taken)


@csrf_protect
def _more_files(request: HttpRequest, run: Run, sent: Upload) -> HttpResponse:
    if sent.problem is not None:
        return _refusal(request, run, sent)
    try:
        taken = intake.add_to_run(run, sent.files, request.user)  # type: ignore[arg-type]
    except IntakeError as error:
        return _answer(request, run, None, _words(error.reasons), REFUSED_STATUS)
    return _done(request, taken)


def _done(request: HttpRequest, taken: Taken) -> HttpResponse:
    for note in _words(taken.notes):
        messages.warning(request, note)
    url = reverse("run", args=[taken.run.key])
    return JsonResponse({"url": url, "label": taken.run.label}, status=201) if _wants_json(request) else redirect(url)


def _refusal(request: HttpRequest, run: Run | None, sent: Upload, form: UploadForm | None = None) -> HttpResponse:
    assert sent.problem is not None
    form = form or (UploadForm(user=request.user) if run is None else None)
    return _answer(request, run, form, _words([sent.problem]), TOO_LARGE_STATUS)


def _answer(request: HttpRequest, run: Run | None, form: UploadForm | None, errors: list[str], status: int) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"errors": errors}, status=status)
    return _page(request, run, form, errors, status)


def _page(
    request: HttpRequest, run: Run | None, form: UploadForm | None, errors: list[str] | None = None, status: int = 200
) -> HttpResponse:
    about = {"run": run, "form": form, "errors": errors, "limits": settings.UPLOAD_LIMITS, "may_review": True}
    context = about | {"curl_line": curl_line(request)}
    return render(request, "runs/upload.html", context, status=status)


def _words(texts: list[Text]) -> list[str]:
    return [render_text(text, (get_language() or "en")[:2]) for text in texts]


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"

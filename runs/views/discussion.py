"""What people say and note: comments on a run or one of its findings, and their own 所見 of a file."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from runs.access import reviewable_finding, reviewable_run, signed_in
from runs.models import Comment, Run
from runs.services import comments, notes
from runs.services.history import name_of
from runs.services.review import Stale
from runs.views._conflict import Difference, conflict
from runs.views.finding import back_to


def _version(request: HttpRequest) -> int:
    """The version that the form was drawn with; -1, which is none, where it cannot be read."""
    said = request.POST.get("version", "")
    return int(said) if said.isdecimal() and len(said) < 10 else -1


@require_POST
def comment_add(request: HttpRequest, key: str, fingerprint: str) -> HttpResponse:
    """Say something about the finding."""
    found = reviewable_finding(request.user, key, fingerprint)
    try:
        comments.say(found.run, request.POST.get("text", ""), signed_in(request), found)
    except comments.Empty:
        messages.error(request, _("A comment needs words."))
    return redirect(f"{back_to(request, found)}{'' if request.POST.get('at') == 'run' else '#comments'}")


@require_POST
def run_comment_add(request: HttpRequest, key: str) -> HttpResponse:
    """Say something about the run as a whole."""
    run = reviewable_run(request.user, key)
    try:
        comments.say(run, request.POST.get("text", ""), signed_in(request))
    except comments.Empty:
        messages.error(request, _("A comment needs words."))
    return redirect(f"{reverse('run_activity', args=[key])}#comments")


def _comment(request: HttpRequest, key: str, comment_id: int) -> tuple[Run, Comment]:
    """A comment of a run that the person may change."""
    run = reviewable_run(request.user, key)
    return run, get_object_or_404(Comment.objects.select_related("finding", "run"), run=run, pk=comment_id)


def _place(comment: Comment) -> str:
    key = comment.run.key
    on_run = reverse("run_activity", args=[key])
    return f"{reverse('finding', args=[key, comment.finding.fingerprint]) if comment.finding else on_run}#comments"


@require_POST
def comment_edit(request: HttpRequest, key: str, comment_id: int) -> HttpResponse:
    """Other words for one's own comment; 404 for others'."""
    run, comment = _comment(request, key, comment_id)
    if comment.author_id != signed_in(request).pk:
        raise Http404
    try:
        comments.edit(comment, request.POST.get("text", ""), _version(request), signed_in(request))
    except comments.Empty:
        messages.error(request, _("A comment needs words."))
    except Stale as stale:
        if stale.current.deleted_at is None:
            row = Difference(_("Comment"), stale.current.text, request.POST.get("text", ""))
            return conflict(request, run, [row], version=stale.current.version, back=_place(comment))
        messages.error(request, _("The comment was deleted meanwhile."))
    return redirect(_place(comment))


@require_POST
def comment_delete(request: HttpRequest, key: str, comment_id: int) -> HttpResponse:
    """Take a comment back: its author, or an owner of the team; 404 for others."""
    run, comment = _comment(request, key, comment_id)
    user = signed_in(request)
    is_owner = run.team.memberships.filter(user=user, role="owner").exists()
    if comment.author_id != user.pk and not is_owner:
        raise Http404
    comments.delete(comment, user)
    return redirect(_place(comment))


@require_POST
def file_note(request: HttpRequest, key: str, file_id: int) -> HttpResponse:
    """Set one's 所見 of a file; 409 where somebody else did meanwhile."""
    run = reviewable_run(request.user, key)
    file = get_object_or_404(run.files, pk=file_id)
    back = f"{reverse('file', args=[key, file_id])}#note"
    try:
        notes.write_note(file, request.POST.get("text", ""), _version(request), signed_in(request))
    except Stale as stale:
        note = stale.current
        row = Difference(_("Note"), note.text, request.POST.get("text", ""))
        by = name_of(note.edited_by) if note.edited_by else ""
        return conflict(request, run, [row], version=note.version, back=back, by=by)
    return redirect(back)

"""The webhooks of a team, for its owners: made, looked at, changed, tried, removed."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from runs import webhook_posts
from runs.access import owned_team, owned_webhook, signed_in
from runs.forms import WebhookForm
from runs.models import Team, Topic, Webhook
from runs.services import webhooks as service
from runs.services.outbound import NotAllowed
from runs.services.webhook_queue import GIVEN_UP_AFTER

EVERYDAY = (Topic.ANALYSIS, Topic.REVIEW, Topic.SIGNOFF)


@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest, slug: str) -> HttpResponse:
    """The team's webhooks and the form for another one."""
    team = owned_team(request.user, slug)
    if request.method == "POST":
        form = WebhookForm(request.POST)
        if form.is_valid() and (made := _add(form, team, request)) is not None:
            return redirect("webhook", team.slug, made.pk)
    else:
        initial = {"topics": [topic.value for topic in EVERYDAY], "language": (get_language() or "en")[:2], "is_active": True}
        form = WebhookForm(initial=initial)
    rows = [(webhook, service.place_of(webhook), webhook.attempts.first()) for webhook in team.webhooks.all()]
    context = {"team": team, "form": form, "rows": rows, "places": sorted(settings.WEBHOOK_ORIGINS)}
    return render(request, "runs/webhooks.html", context, status=400 if form.is_bound else 200)


def _add(form: WebhookForm, team: Team, request: HttpRequest) -> Webhook | None:
    try:
        return service.add(team, form.wanted(), signed_in(request))
    except NotAllowed as refusal:
        form.add_error("url", _said(refusal))
    except service.TooMany:
        form.add_error(None, _("The team has too many webhooks; remove one first."))
    return None


def _said(refusal: NotAllowed) -> str:
    if refusal.why == "address":
        return _("That is no address of the form https://host/path.")
    return _("No administrator has allowed %(place)s.") % {"place": refusal.what}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, slug: str, webhook_id: int) -> HttpResponse:
    """One webhook: its form, its secret, what waits, and how the last posts went."""
    one = owned_webhook(request.user, slug, webhook_id)
    form = WebhookForm(request.POST) if request.method == "POST" else WebhookForm.of(one)
    if form.is_bound and form.is_valid():
        try:
            service.change(one, form.wanted(), signed_in(request))
        except NotAllowed as refusal:
            form.add_error("url", _said(refusal))
        else:
            messages.info(request, _("Saved."))
            return redirect("webhook", slug, webhook_id)
    context = {
        "webhook": one,
        "form": form,
        "secret": service.secret_of(one),
        "waiting": one.waiting.count(),
        "attempts": one.attempts.all(),
        "places": sorted(settings.WEBHOOK_ORIGINS),
        "days": GIVEN_UP_AFTER.days,
    }
    return render(request, "runs/webhook.html", context, status=400 if form.is_bound else 200)


@require_POST
def webhook_do(request: HttpRequest, slug: str, webhook_id: int) -> HttpResponse:
    """Try it, sign with another secret, or remove it."""
    one, user = owned_webhook(request.user, slug, webhook_id), signed_in(request)
    asked = request.POST.get("do")
    if asked == "remove":
        service.remove(one, user)
        messages.info(request, _("The webhook is removed."))
        return redirect("webhooks", slug)
    if asked == "secret":
        service.new_secret(one, user)
        messages.info(request, _("Posts are signed with another secret now."))
    elif asked == "test":
        attempt = webhook_posts.post_test(one)
        if attempt.succeeded:
            messages.info(request, _("It was taken: %(status)s.") % {"status": attempt.status})
        else:
            messages.error(request, _("It was not taken: %(why)s") % {"why": f"{attempt.status or ''} {attempt.error}".strip()})
    return redirect("webhook", slug, webhook_id)

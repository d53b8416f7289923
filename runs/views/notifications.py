"""What the signed-in person is told by e-mail, and at which address."""

from collections.abc import Callable
from smtplib import SMTPException

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runs import letters
from runs.access import signed_in
from runs.forms import AddressForm, NoticeForm
from runs.models import NoticeSettings, Team
from runs.services import notices

SALT = "konseki.address"
LINK_SECONDS = 24 * 3600
SHOWN_FAILURES = 10


def _has_server() -> bool:
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """The form; after a POST what the person wants is kept."""
    user = signed_in(request)
    if request.method == "POST":
        form = NoticeForm(request.POST)
        if form.is_valid():
            notices.set_settings(user, form.wanted())
            messages.info(request, _("Saved."))
            return redirect("notifications")
    else:
        kept = NoticeSettings.objects.filter(user=user).first()
        form = NoticeForm.of(kept or NoticeSettings(language=(get_language() or "en")[:2]))
    context = {
        "form": form,
        "failures": notices.failed_for(user).select_related("run")[:SHOWN_FAILURES],
        "owned": Team.objects.owned_by(user),
        "has_server": _has_server(),
    }
    return render(request, "runs/notifications.html", context, status=400 if form.is_bound else 200)


@require_POST
def notification_address(request: HttpRequest) -> HttpResponse:
    """Ask the new address first whether it is the person's; without a mail server it is kept as it is, and so is none."""
    user, form = signed_in(request), AddressForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That is no e-mail address."))
        return redirect("notifications")
    email = form.cleaned_data["email"]
    if not email or not _has_server():
        notices.set_address(user, email)
        messages.info(request, _("Saved."))
    elif not notices.may_ask_for_address(user):
        messages.error(request, _("An e-mail has just been sent; try again in a minute."))
    elif _sent(request, lambda: letters.confirmation(user, email, _link(user.pk, user.email, email))):
        messages.info(request, _("Open the link in the e-mail that was sent to %(email)s.") % {"email": email})
    return redirect("notifications")


def _link(user_id: int, before: str, email: str) -> str:
    return reverse("notification_confirm", args=[signing.dumps([user_id, before, email], salt=SALT)])


@require_safe
def notification_confirm(request: HttpRequest, signed: str) -> HttpResponse:
    """The link of the letter: it holds for a day, for the person who asked, and once."""
    user = signed_in(request)
    try:
        user_id, before, email = signing.loads(signed, salt=SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        user_id = before = email = None
    if (user_id, before) == (user.pk, user.email):
        notices.set_address(user, email)
        messages.info(request, _("E-mails go to %(email)s now.") % {"email": email})
    elif (user_id, email) != (user.pk, user.email):
        messages.error(request, _("The link holds no more; ask for another one."))
    return redirect("notifications")


@require_POST
def notification_test(request: HttpRequest) -> HttpResponse:
    """A letter to oneself, to see that it arrives."""
    user = signed_in(request)
    if not user.email:
        messages.error(request, _("You have given no e-mail address."))
    elif not notices.may_ask_for_address(user):
        messages.error(request, _("An e-mail has just been sent; try again in a minute."))
    elif _sent(request, lambda: letters.test_letter(user)):
        messages.info(request, _("An e-mail was sent to %(email)s.") % {"email": user.email})
    return redirect("notifications")


def _sent(request: HttpRequest, send: Callable[[], None]) -> bool:
    """Whether the mail server took it; if not, the person is told."""
    try:
        send()
    except (OSError, SMTPException) as error:
        messages.error(request, _("The mail server did not take the e-mail: %(error)s") % {"error": letters.refusal(error)})
        return False
    return True

"""The signed-in person's tokens of the API: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from runs.access import signed_in
from runs.addresses import curl_line
from runs.forms import TokenForm
from runs.models import ApiToken
from runs.services import tokens as service

SHOWN_TOKENS = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form; after a POST the new token's secret, this once."""
    user, secret = signed_in(request), ""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = service.new_token(
                user, form.cleaned_data["name"], form.cleaned_data["scope"], form.cleaned_data["days"]
            )
        except service.TooManyTokens:
            form.add_error(None, _("You have too many active tokens; revoke one first."))
    own = ApiToken.objects.filter(user=user)[:SHOWN_TOKENS]
    context = {"form": form, "tokens": own, "secret": secret, "curl_line": curl_line(request)}
    return render(request, "runs/tokens.html", context, status=400 if form.is_bound and form.errors else 200)


@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Let one of the person's own tokens open nothing any more."""
    if service.revoke(signed_in(request), token_id):
        messages.info(request, _("The token is revoked."))
    return redirect("tokens")

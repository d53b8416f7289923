"""Signing in and out, and how the pages look for this browser."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from runs.context import THEME_COOKIE, THEMES

YEAR_SECONDS = 365 * 24 * 3600

login = LoginView.as_view(template_name="registration/login.html", redirect_authenticated_user=True)
logout = LogoutView.as_view(next_page="login")


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie, so that the server renders it and nothing flashes; then go back."""
    after = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(after, {request.get_host()}, require_https=request.is_secure()):
        after = "/"
    response = redirect(after)
    if (asked := request.POST.get("theme", "")) in THEMES:
        response.set_cookie(THEME_COOKIE, asked, YEAR_SECONDS, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
    return response

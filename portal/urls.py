"""The whole site: the portal's pages and the administration. Everything asks for a sign-in but what is named here and
the calls of the API, which ask for a token."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

import portal.celery  # noqa: F401  whoever routes requests also sends tasks
from runs.api import v1
from runs.views import account, health, proof

for open_page in (set_language, account.theme, health.health, proof.proof_open):
    login_not_required(open_page)

urlpatterns = [
    path("", include("runs.urls")),
    path("api/v1/", v1.urls()),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]

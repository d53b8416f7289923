"""The whole site: the portal's pages, the administration and the language switch."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

import portal.celery  # noqa: F401  whoever routes requests also sends tasks

urlpatterns = [
    path("", include("runs.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
]

"""The Django app that holds the portal's runs."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RunsConfig(AppConfig):
    """Runs, their evidence and their reports."""

    name = "runs"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Runs")

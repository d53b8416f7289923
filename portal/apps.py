"""The project as a Django application: it registers the checks of the settings."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Loads the system checks."""

    name = "portal"

    def ready(self) -> None:
        """Register the checks."""
        from portal import checks

        assert checks.settings_are_sound

"""The project as a Django application: it makes the data directory's folders and registers the checks of the settings."""

from contextlib import suppress
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class PortalConfig(AppConfig):
    """The folders uploads need, and the system checks."""

    name = "portal"

    def ready(self) -> None:
        """A folder that cannot be made is for the checks to report: reading commands go on without it."""
        from portal import checks

        assert checks.settings_are_sound
        with suppress(OSError):
            Path(settings.INCOMING_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)

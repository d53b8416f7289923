"""A portal in one process for measurements: its own data folder and database, no worker, no broker; work is done where it is asked for."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def portal() -> Iterator[Path]:
    """Django with an empty, migrated SQLite database in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "KONSEKI_DATA_DIR": folder, "KONSEKI_LOG_LEVEL": "ERROR"}
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.CELERY_TASK_ALWAYS_EAGER = True
        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", verbosity=0)
        yield Path(folder)

"""The Celery application; its options are the CELERY_ settings."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("konseki")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # the web server's threads see it too: Celery's current application is one thread's
app.autodiscover_tasks(["runs"])


def _end_with_worker(**_: Any) -> None:
    """A pool process whose worker is killed hard ends at once, instead of finishing a task that is given to another."""
    from portal.stack.leash import end_with_parent

    end_with_parent(os.getppid())


def _warm(**_: Any) -> None:
    """Load what every task needs, compiled code too, before the pool forks: its processes share it."""
    from runs.analysis import registry

    registry.discover()


worker_process_init.connect(_end_with_worker, weak=False)
worker_init.connect(_warm, weak=False)

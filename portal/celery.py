"""The Celery application; its options are the CELERY_ settings."""

import os
import subprocess
import sys
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init, worker_ready

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
    """Load what every task needs before the pool forks: its processes share it."""
    from runs.analysis import registry

    registry.discover()


def _compile(**_: Any) -> None:
    """Have kernels for large captures compiled beside the work, once per version; until then plain ones do."""
    from runs.analysis.packets import jit

    if not jit.is_ready():
        command = [sys.executable, "-m", "portal.warm"]
        # The thread lives as long as the process it waits for, which ends with it.
        threading.Thread(target=subprocess.run, args=(command,), kwargs={"check": False}, daemon=True).start()


worker_process_init.connect(_end_with_worker, weak=False)
worker_init.connect(_warm, weak=False)
worker_ready.connect(_compile, weak=False)

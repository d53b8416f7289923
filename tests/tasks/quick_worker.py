"""The portal's Celery application with short times, so that a test of recovery takes seconds."""

from datetime import timedelta
from typing import Any

from celery.signals import worker_init

from portal.celery import app

app.conf.beat_schedule = {"sweep": {"task": "runs.sweep", "schedule": timedelta(seconds=1)}}


@worker_init.connect
def shorten(**_: Any) -> None:
    """Before the pool forks, and after Django is set up."""
    from runs.services import analyse

    analyse.LEASE_SECONDS = 2


__all__ = ["app"]

"""The only way to start a task: by its name, once the transaction that made it necessary is committed."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

PARSE_FILES = "runs.parse_files"
CONCLUDE_RUN = "runs.conclude_run"
SWEEP = "runs.sweep"

logger = logging.getLogger(__name__)


def enqueue(task: str, *args: Any) -> None:
    """Send a task after the commit. A broker that is away loses nothing: the sweeper sees in the database what waits."""
    transaction.on_commit(lambda: _send(task, args))


def _send(task: str, args: tuple[Any, ...]) -> None:
    try:
        current_app.send_task(task, args=args, retry=False)
    except OperationalError as error:
        logger.warning("the broker does not take %s: %s", task, error)

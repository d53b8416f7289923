"""The only way to start a task: by its name, once the transaction that made it necessary is committed."""

import logging
import time
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

PARSE_FILES = "runs.parse_files"
CONCLUDE_RUN = "runs.conclude_run"
SWEEP = "runs.sweep"
SEND_LETTERS = "runs.send_letters"
POST_WEBHOOKS = "runs.post_webhooks"
PAUSE_SECONDS = 10.0  # after the broker was found away: an upload of many files must not wait for it many times

logger = logging.getLogger(__name__)
_away_until = 0.0


def enqueue(task: str, *args: Any) -> None:
    """Send a task after the commit. A broker that is away loses nothing: the sweeper sees in the database what waits."""
    transaction.on_commit(lambda: _send(task, args))


def _send(task: str, args: tuple[Any, ...]) -> None:
    global _away_until  # noqa: PLW0603  # what one process knows of the broker
    if time.monotonic() < _away_until:
        return
    try:
        current_app.send_task(task, args=args, retry=False)
    except OperationalError as error:
        _away_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("the broker does not take tasks now; the sweeper will send what waits: %s", error)

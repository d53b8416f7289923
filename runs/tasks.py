"""The tasks of the workers: thin, and idempotent, since any of them may run twice. What they do stands in the services.

The services keep the time limit themselves, file by file. Celery's soft limit is an `Exception` that a parser could take for
its own, so none is set; the hard one, which ends the process, stays as the last resort.
"""

import time

from celery import shared_task

from runs import letters, webhook_posts
from runs.services import analyse, queue, sweep
from runs.services import conclude as conclusions

TIDY_SECONDS = 60
_tidied_at = 0.0


@shared_task(name=queue.PARSE_FILES)  # type: ignore[untyped-decorator]
def parse_files(file_ids: list[int]) -> None:
    """Parse files; each asks for its run's conclusion if it was the last."""
    analyse.parse_files(file_ids)


@shared_task(name=queue.CONCLUDE_RUN)  # type: ignore[untyped-decorator]
def conclude_run(run_id: int, revision: int) -> None:
    """Judge one revision of a run."""
    conclusions.conclude_run(run_id, revision)


@shared_task(name=queue.SWEEP)  # type: ignore[untyped-decorator]
def sweep_up() -> None:
    """Take up what was left lying, and tidy now and then."""
    global _tidied_at  # noqa: PLW0603  # per process: tidying twice is harmless
    sweep.sweep()
    if time.monotonic() - _tidied_at > TIDY_SECONDS:
        _tidied_at = time.monotonic()
        sweep.tidy()


@shared_task(name=queue.SEND_LETTERS)  # type: ignore[untyped-decorator]
def send_letters() -> None:
    """Send the e-mails that are due."""
    letters.send_due()


@shared_task(name=queue.POST_WEBHOOKS)  # type: ignore[untyped-decorator]
def post_webhooks() -> None:
    """Post to the webhooks that are due."""
    webhook_posts.post_due()

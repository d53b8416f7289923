"""The tasks of the workers: thin, and idempotent, since any of them may run twice. What they do stands in the services."""

import time

from celery import shared_task
from celery.signals import worker_init

from runs.analysis import registry
from runs.services import analyse, queue, sweep
from runs.services import conclude as conclusions

TIDY_SECONDS = 60
_tidied_at = 0.0


@worker_init.connect  # type: ignore[untyped-decorator]
def warm_up(**_: object) -> None:
    """Import all parsers and rules before the worker forks, so that no child does it during its first task."""
    registry.discover()


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

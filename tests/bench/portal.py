"""A portal in one process for measurements: its own data folder and database, no worker, no broker; work is done where it is asked for."""

import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.frames import milliseconds
from tests.bench.peers import say

if TYPE_CHECKING:
    from django.test import Client

    from runs.models import Run

HEADING = "| page | median | 95 % |\n| --- | ---: | ---: |"


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


def uploaded(bundle: Path) -> "tuple[Client, Run]":
    """A bundle as an analysed run of a new team, and a client that its owner is signed in with. Inside `portal()`."""
    from django.contrib.auth.models import User
    from django.test import Client

    from portal.web_server import post_worker_init
    from runs.models import Membership, Role, Team
    from runs.services.intake_path import new_run_from_path
    from tests.portal_fixtures import work_off

    team = Team.objects.create(name="Bench", slug="bench")
    user = User.objects.create_user("bench")
    Membership.objects.create(team=team, user=user, role=Role.OWNER)
    client = Client()
    client.force_login(user)
    run = work_off(new_run_from_path(bundle, team).run)
    post_worker_init(None)  # as the web server's processes start
    return client, run


def measured(name: str, addresses: Sequence[str], get: Callable[[str], object]) -> None:
    """One row of the table of whole pages; the first request is left out: it opens the tables."""
    get(addresses[0])
    times = sorted(milliseconds(lambda a=a: get(a)) for a in addresses)
    say(f"| {name} | {statistics.median(times):.0f} | {times[int(len(times) * 0.95) - 1]:.0f} |")

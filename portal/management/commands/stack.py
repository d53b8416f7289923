"""`manage.py stack`: the whole portal on this machine, for this machine (127.0.0.1 only)."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import connections

from portal.checks import TAG
from portal.stack.broker import BrokerError
from portal.stack.door import PortTaken
from portal.stack.supervisor import Stack, StackError


class Command(BaseCommand):
    """Start broker, worker, beat and web server; stop them together."""

    requires_system_checks = (TAG,)  # the rest would load every page: the web server does that
    help = "Run the whole portal on this machine: broker, worker, beat and web server, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """--no-demo leaves the demo run out."""
        parser.add_argument("--no-demo", action="store_true", help="do not load the demo run at the first start")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped; a failure is one clear message and exit status 1."""
        data = Path(settings.DATA_DIR)
        os.umask(0o077)  # evidence, database and logs are their owner's alone
        data.mkdir(parents=True, exist_ok=True)
        # settings read the file of a broker that may have died with its stack; only an operator's own variable counts here
        redis_url = settings.REDIS_URL if settings.REDIS_URL_IS_GIVEN else ""
        stack = Stack(settings.BASE_DIR, data, settings.PORT, redis_url, self._say)
        demo = data / "demo-loaded"
        errands = [] if options["no_demo"] or demo.exists() else [("Loading the demo run", ["manage.py", "load_demo"])]
        try:
            stack.run(self._prepare, errands)
        except PortTaken as error:
            raise CommandError(
                f"Port {error} of 127.0.0.1 is taken by another program. Choose another one: PORT={int(str(error)) + 1} make run"
            ) from error
        except PermissionError as error:
            raise CommandError(
                f"Port {settings.PORT} cannot be opened ({error.strerror}). Choose another one: PORT=8000 make run"
            ) from error
        except (StackError, BrokerError) as error:
            raise CommandError(str(error)) from error

    def _prepare(self) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("ensure_admin", stdout=self.stdout)
        connections.close_all()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
